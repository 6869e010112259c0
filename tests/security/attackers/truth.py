"""What should be true, kept in Python from what was typed and shown, without asking the product.

Times are seconds of the moved clock; whole ones are enough, since it moves by minutes at least.
"""

from dataclasses import dataclass, field

HOUR, DAY = 3600, 24 * 3600
LEGACY_LIFE, PROOF_LIFE, CODE_LIFE, LINK_LIFE, RESET_LIFE = 12 * HOUR, HOUR // 2, DAY, 7 * DAY, HOUR
CONTEST_LIFE = 30 * DAY
ACCESS_LIFE = 300
TRIES = 5


@dataclass(eq=False)
class House:
    """A syndic. `keeps_codes`: its policy disables no legacy secret."""

    slug: str
    keeps_codes: bool


@dataclass(eq=False)
class Paper:
    """A legacy account with the secret that is printed for it now."""

    house: House
    identifier: str
    secret: str
    known_email: str
    epoch: int = 0
    retired: set[str] = field(default_factory=set)
    """Secrets that must never sign in again."""

    def retire(self) -> None:
        """The secret that is printed now never works again, and what rests on it is dead."""
        self.epoch += 1
        self.retired.add(self.secret)


@dataclass(eq=False)
class Person:
    """A central identity: somebody proved this mailbox, and this password counts since then."""

    email: str
    password: str
    epoch: int = 0


@dataclass(eq=False)
class Sitting:
    """One sign-in of one browser: by e-mail (`person`) or by a printed code (`paper`)."""

    began: float
    person: Person | None = None
    paper: Paper | None = None
    epoch: int = 0
    ended: bool = False

    def lives(self, now: float) -> bool:
        """Whether it may still stand. An identity's may end earlier, by idleness: this is the most it can be."""
        holder = self.person or self.paper
        assert holder is not None
        in_time = self.person is not None or now < self.began + LEGACY_LIFE
        return in_time and not self.ended and holder.epoch == self.epoch


@dataclass(eq=False)
class Attempt:
    """An attempt, begun by whoever showed the secret of `paper` in `sitting`."""

    paper: Paper
    sitting: Sitting
    epoch: int
    born: float
    email: str = ""
    password: str = ""
    state: str = "draft"
    tries: int = 0
    generation: int = 0
    """Raised whenever its letters and proofs become void."""
    expires: float = 0

    def end(self) -> None:
        """It ends unconfirmed: its letters and proofs are worth nothing from now on."""
        self.state, self.generation = "ended", self.generation + 1

    def lives(self, now: float) -> bool:
        """Whether it is under way."""
        return self.state in {"draft", "waiting"} and now < self.expires

    def waits(self, now: float) -> bool:
        """Whether it may still be confirmed."""
        return self.state == "waiting" and self.epoch == self.paper.epoch and now < self.expires


@dataclass(eq=False)
class Letter:
    """A mail with a link. `kind` is the first word of the link's path."""

    kind: str
    to: str
    link: str
    code: str
    sent: float
    attempt: Attempt | None = None
    generation: int = 0
    person: Person | None = None
    epoch: int = 0
    tie: "Tie | None" = None
    used: bool = False
    tries: int = 0

    def proves(self, now: float) -> bool:
        """Whether its link may still lead to « Confirmer », for whoever knows the password."""
        attempt = self.attempt
        living = attempt is not None and attempt.waits(now) and attempt.generation == self.generation
        return living and now < self.sent + LINK_LIFE

    def resets(self, now: float) -> bool:
        """Whether it may still set a password."""
        current = self.person is not None and self.person.epoch == self.epoch
        return self.kind == "reset" and current and not self.used and now < self.sent + RESET_LIFE

    def contests(self, now: float) -> bool:
        """Whether it may still suspend a link."""
        return self.tie is not None and self.tie.state == "active" and now < self.tie.made + CONTEST_LIFE


@dataclass(eq=False)
class Proof:
    """That a browser has shown the credentials of an attempt."""

    attempt: Attempt
    generation: int
    began: float
    person: Person | None
    """Whose password was shown; None: the attempt's own, or none yet (`shown`)."""
    epoch: int
    shown: bool
    means: str
    used: bool = False

    def allows(self, now: float, person: Person | None) -> bool:
        """Whether « Confirmer » may make a link, where `person` bears the attempt's address now."""
        same = person is self.person and (person is None or person.epoch == self.epoch)
        fresh = now < self.began + PROOF_LIFE and self.generation == self.attempt.generation
        return not self.used and fresh and same and self.shown and self.attempt.waits(now)


@dataclass(eq=False)
class Tie:
    """An acknowledged link: `state` is `active`, `suspended` or `ended`, as it was acknowledged."""

    person: Person
    paper: Paper
    attempt: Attempt
    made: float
    state: str = "active"


@dataclass
class Truth:
    """All of it."""

    partners: bool
    now: float = 0
    papers: list[Paper] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    sittings: dict[str, Sitting] = field(default_factory=dict)
    """By the cookie that stands for it now: a renewed session has another one, and the older is dead."""
    proofs: dict[str, Proof] = field(default_factory=dict)
    browsers: dict[str, Attempt] = field(default_factory=dict)
    """By the cookie of the browser that began."""
    wrong: dict[str, int] = field(default_factory=dict)
    """Wrong passwords by submitted name since the last right one: after many, the right one may be refused."""

    def ties_of(self, person: Person, house: House | None = None) -> list[Tie]:
        """A person's active ties, at one house or at all."""
        mine = [tie for tie in self.ties if tie.person is person and tie.state == "active"]
        return [tie for tie in mine if house in {None, tie.paper.house}]

    def may_tie(self, person: Person | None, paper: Paper) -> bool:
        """Whether this account may join this person's others."""
        if person is None:
            return True
        mine = self.ties_of(person)
        held = any(tie.paper is paper for tie in mine)
        return not held and (self.partners or all(tie.paper.house is paper.house for tie in mine))

    def confirmed(self, proof: Proof) -> Tie:
        """« Ce compte est associé » was acknowledged: what that changes."""
        attempt, paper = proof.attempt, proof.attempt.paper
        made_now = attempt.email not in self.people
        person = self.people.setdefault(attempt.email, Person(attempt.email, attempt.password))
        tie = Tie(person, paper, attempt, self.now)
        for former in self.ties:
            if former.person is person and former.paper is paper and former.state == "suspended":
                former.state = "ended"
        self.ties.append(tie)
        attempt.state, proof.used = "confirmed", True
        self._end_attempts(paper)
        if paper.house.keeps_codes:
            paper.epoch += 1
        else:
            paper.retire()
        if made_now:
            attempt.sitting.epoch = paper.epoch
        return tie

    def suspended(self, tie: Tie) -> None:
        """« L'accès est suspendu » was acknowledged: the secret is in doubt, too."""
        tie.state = "suspended"
        tie.paper.retire()
        self._end_attempts(tie.paper)

    def _end_attempts(self, paper: Paper) -> None:
        for attempt in self.attempts:
            if attempt.paper is paper and attempt.state in {"draft", "waiting"}:
                attempt.end()

    def spoiled(self, name: str) -> None:
        """One more wrong password for this name."""
        self.wrong[name] = self.wrong.get(name, 0) + 1

    def signed_in(self, name: str, *, known: bool) -> None:
        """The right password was typed: strangers' failures are forgotten with it, but not by a known browser (R13)."""
        if not known:
            self.wrong.pop(name, None)

    def may_be_locked(self, name: str) -> bool:
        """Whether the right password may be refused as well."""
        return self.wrong.get(name, 0) >= TRIES
