"""A syndic's own service that loses answers, fails and stalls: nothing is disabled twice, and nobody is told a lie."""

from tests.faults.deployment import Deployment
from tests.faults.extranet import Troubles
from tests.faults.trial import trial

TROUBLES = Troubles(lost=0.2, failing=0.2, stalled=0.05, stall_s=4)


def test_a_source_that_loses_answers_fails_and_stalls_closes_each_door_once(deployment: Deployment) -> None:
    with trial(deployment, "connectors: lost answers, 500s, stalls") as load:
        deployment.extranet.troubles = TROUBLES
        load.lasts(every=2, act=lambda: deployment.struck.append("a troubled extranet"))
        deployment.extranet.troubles = Troubles()
        deployment.outlive_leases()
    wrong = [act for act in load.history.of("sign-in", "refused") if "invalide" in act.facts["why"]]
    assert not wrong, f"a source in trouble is never told as a wrong password: {wrong[:3]}"
