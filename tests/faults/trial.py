"""One trial: owners at work, a fault among them, and the judgement when it is over."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from config.database import transaction
from tenants.trust import loading
from tests.faults import report
from tests.faults.crowd import Crowd
from tests.faults.deployment import Deployment
from tests.faults.history import History
from tests.faults.judge import Judge
from tests.faults.lengths import OWNERS, REALLY_WAITS, SECONDS
from tests.faults.owner import Owner
from tests.world import TestSyndic

ACCOUNTS = 400 if REALLY_WAITS else 40
"""At each syndic: nobody runs out of owners."""
GRACE_S = 90.0 if REALLY_WAITS else 40.0
"""For what was begun, once the fault is over."""


@dataclass
class Trial:
    """Made by `trial`; the block under it is the fault."""

    deployment: Deployment
    name: str
    houses: list[TestSyndic]
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        """Owners in the order in which they come: by turns at each syndic, every third confirms by link."""
        pairs = [
            (house, account)
            for number in range(ACCOUNTS)
            for house in self.houses
            for account in house.accounts[number : number + 1]
        ]
        owners = [
            Owner(
                house, account, f"p{number}@{house.slug}.example", self.deployment.post, self.history, number % 3 == 2
            )
            for number, (house, account) in enumerate(pairs)
        ]
        self.spare = owners.pop()
        """One more owner, for the test's own hands."""
        self.crowd = Crowd(owners, OWNERS)

    def lasts(self, every: float = 1e9, act: Callable[[], object] = bool, seconds: float = SECONDS) -> None:
        """The fault's time: `act` strikes every so many seconds."""
        self.deployment.stay(seconds, every, act)

    def agree(self, number: int) -> None:
        """An operator puts the syndics into one more circle."""
        name, members = f"Cercle {self.name} {number}", [house.slug for house in self.houses]
        act = self.history.sends("trust", name=name, members=members)
        circle = {"name": name, "charter": "charte", "admission": "operator", "purposes": ["link"], "members": members}
        try:
            with self.deployment.application.app_context(), transaction():
                loading.load({"circle": [circle]})
        except Exception:  # whatever it was: nothing was acknowledged
            self.history.ends(act, "unknown")
        else:
            self.history.ends(act, "acknowledged")

    def finish(self) -> None:
        """Let owners end what they began, and every promise be kept."""
        self.crowd.finish(GRACE_S)
        self.deployment.until("owners end what they began", lambda: not self.crowd.alive(), GRACE_S + 30)
        assert not self.crowd.broken, f"an owner met what nobody should: {self.crowd.broken[0]!r}"
        self.deployment.settle(180 if REALLY_WAITS else 60)

    def complaints(self, tamper: str = "", values: dict[str, object] | None = None) -> list[str]:
        """What the judge says; after a statement that is taken back again, where one is given."""
        deployed = self.deployment
        with deployed.database() as sql:
            if tamper:
                touched = sql.execute(tamper.encode(), values).rowcount
                assert touched, f"nothing to tamper with: {tamper}"
            judge = Judge(self.history, self.houses, sql, deployed.post, deployed.extranet, deployed.application)
            found = judge.complaints()
            sql.rollback()
            return found

    def judge(self) -> None:
        """I1 to I6, all complaints at once; and what owners were shown."""
        self.deployment.forget_connections()
        judged, struck = self.complaints(), self.deployment.struck
        assert not judged, f"after {self.name}:\n" + "\n".join(judged[:20]) + f"\nstruck: {struck[-20:]}"
        assert self.history.of("associate", "acknowledged"), "a trial without any association shows nothing"
        unclear = self.history.outages.unclear
        assert not unclear, f"{len(unclear)} error pages were no clear 503: {unclear[:3]}"


@contextmanager
def trial(deployment: Deployment, name: str, **policy: Any) -> Iterator[Trial]:
    """Owners at two syndics, one imported and one whose extranet keeps the codes; judged when the block has ended."""
    deployment.struck.clear()
    made = Trial(
        deployment, name, [deployment.syndic(ACCOUNTS, **policy), deployment.syndic(ACCOUNTS, remote=True, **policy)]
    )
    began, seen = time.monotonic(), report.before(deployment.extranet, deployment.post)
    made.crowd.start()
    deployment.until(f"residents have associated, who met {made.history.outages}", made.crowd.settled)
    made.agree(0)
    yield made
    made.finish()
    made.judge()
    line = report.row(
        name,
        seconds=time.monotonic() - began,
        strikes=len(deployment.struck),
        history=made.history,
        extranet=deployment.extranet,
        post=deployment.post,
        seen=seen,
    )
    if deployment.struck:
        report.write(name, line)
