"""Valkey killed, emptied and replaced: it holds hints, so nobody feels it, and nothing is lost with them."""

import redis

from tests.faults.deployment import Deployment
from tests.faults.lengths import SECONDS
from tests.faults.trial import trial


def test_with_the_queue_down_everything_is_answered_as_usual(deployment: Deployment) -> None:
    with trial(deployment, "Valkey down") as load:
        deployment.down.add("valkey")
        deployment.kill("valkey")
        before = len(load.history.acts)
        load.lasts()
        load.spare.begins()
        load.spare.closes()
        during = [act.kind for act in load.history.acts[before:] if act.outcome in ("acknowledged", "refused")]
        failures = dict(load.history.outages.failures)
        load.agree(1)
        deployment.heal()
    assert not failures, f"every request is answered as usual: {failures}"
    for kind in ("begin", "sign-in", "refresh", "mistype"):
        assert kind in during, f"owners {kind} while the queue is down: {during}"


def test_a_queue_that_is_killed_emptied_and_replaced_loses_nothing(deployment: Deployment) -> None:
    def strike() -> None:
        if len(deployment.struck) % 2:
            deployment.kill("valkey")  # nothing of it is on disk: what comes back is another, empty one
        else:
            _empty(deployment)

    with trial(deployment, "Valkey killed, emptied, replaced") as load:
        load.lasts(every=SECONDS / 6, act=strike)
        deployment.outlive_leases()
    assert load.history.outages.longest_s == 0, f"nobody felt it: {load.history.outages.failures}"


def _empty(deployment: Deployment) -> None:
    deployment.struck.append("empty valkey")
    with redis.Redis.from_url(deployment.valkey.url) as queue:
        queue.flushall()
