"""Codes and tokens that anybody ever obtained, and whether they may be worth anything at this instant."""

import time
from dataclasses import dataclass, field

from tests.security.attackers.people import Device, Extranet
from tests.security.attackers.truth import ACCESS_LIFE, House, Sitting, Tie, Truth

CODE_S = 60


@dataclass(eq=False)
class Grant:
    """A code, what the browser that fetched it rested on, and what was redeemed for it."""

    house: House
    party: Extranet
    where: Device
    code: str
    issued: float
    sittings: list[tuple[Sitting, int]]
    """Who was signed in there, at which epoch: the code is one of theirs, and what an identity's sign-in gave dies with
    its epoch, even where the sign-in itself goes on (a change of password or address in that very browser)."""
    access: str = ""
    refresh: str = ""
    given: float = 0
    legacy: bool = False
    identifier: str = ""
    spent: bool = False
    revoked: bool = False
    spoiled: bool = False
    """Somebody else has tried it: it may be dead for that alone."""
    ties: list[Tie] = field(default_factory=list)
    """The links that it may speak of: which one, only its tokens tell."""
    issued_at: float = field(default_factory=time.monotonic)
    """By the machine's own clock, which goes on, too."""

    def must_redeem(self, truth: Truth) -> bool:
        """Whether nothing has happened that could have made the code worthless."""
        soon = truth.now == self.issued and time.monotonic() < self.issued_at + CODE_S / 2
        steady = all(_lives(truth, *each) for each in self.sittings) and all(tie.state == "active" for tie in self.ties)
        return soon and steady and not (self.spent or self.spoiled or self.revoked)

    def may_stand(self, truth: Truth) -> bool:
        """Whether some sign-in that it may rest on still allows its account."""
        return not self.revoked and any(self._allowed(truth, *each) for each in self.sittings)

    def may_open(self, truth: Truth) -> bool:
        """Whether its access token may open userinfo."""
        return self.may_stand(truth) and truth.now < self.given + ACCESS_LIFE

    def _allowed(self, truth: Truth, sitting: Sitting, epoch: int) -> bool:
        if not _lives(truth, sitting, epoch):
            return False
        if sitting.paper is not None:
            fits = sitting.paper.house is self.house and self.identifier in {"", sitting.paper.identifier}
            return fits and (self.legacy or not self.identifier)
        assert sitting.person is not None
        if self.identifier and self.legacy:
            return False
        mine = truth.ties_of(sitting.person, self.house)
        return any(self.identifier in {"", tie.paper.identifier} for tie in mine)


def _lives(truth: Truth, sitting: Sitting, epoch: int) -> bool:
    return sitting.lives(truth.now) and (sitting.person is None or sitting.epoch == epoch)
