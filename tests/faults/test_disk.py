"""The database's disk is full: a clear 503 that says when to come back, and nothing that was acknowledged is lost."""

import pytest

from tests.faults.deployment import Deployment
from tests.faults.disk import is_possible, small_disk
from tests.faults.trial import trial


@pytest.mark.skipif(not is_possible(), reason="this machine lets nobody mount a disk of their own (unshare --mount)")
def test_a_full_disk_is_said_clearly_and_loses_nothing(deployment: Deployment) -> None:
    with small_disk(deployment) as disk, trial(deployment, "the database's disk full") as load:
        disk.fill()
        deployment.struck.append("fill the disk")
        load.lasts()
        deployment.until("owners are told", lambda: load.history.outages.pages.get(503, 0) > 0)
        disk.clear()
        deployment.until("the service is whole by itself", deployment.answers)
        deployment.outlive_leases()
