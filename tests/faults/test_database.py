"""PostgreSQL killed without a word, and started again by whoever watches it."""

from tests.faults.deployment import Deployment
from tests.faults.lengths import SECONDS
from tests.faults.trial import trial


def test_a_database_that_is_killed_has_what_it_acknowledged(deployment: Deployment) -> None:
    with trial(deployment, "PostgreSQL killed (-9)") as load:
        load.lasts(every=SECONDS / 3, act=lambda: deployment.kill("postgres"))
        deployment.until("the service is whole", deployment.answers)
        deployment.forget_connections()
        load.agree(1)
        deployment.outlive_leases()
    assert len(deployment.struck) >= 2, "a fault that did not strike shows nothing"
