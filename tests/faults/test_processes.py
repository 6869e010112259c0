"""Web and worker processes killed without a word, every few seconds, one after the other."""

from tests.faults.deployment import Deployment
from tests.faults.hands import WORKERS
from tests.faults.lengths import EVERY_S
from tests.faults.trial import trial


def test_processes_killed_again_and_again_lose_nothing(deployment: Deployment) -> None:
    def strike() -> None:
        worker = deployment.random.choice(WORKERS)
        acts = (
            lambda: deployment.kill_child("web"),
            lambda: deployment.kill_child(worker),
            lambda: deployment.kill(worker),
            lambda: deployment.kill("beat"),
            lambda: deployment.kill_child("web"),
        )
        acts[len(deployment.struck) % len(acts)]()

    with trial(deployment, "web and worker processes killed (-9)") as load:
        load.lasts(every=EVERY_S / 2, act=strike)
        deployment.kill("web")
        load.agree(1)
        deployment.outlive_leases()
    assert len(deployment.struck) >= 5, "a fault that did not strike shows nothing"
