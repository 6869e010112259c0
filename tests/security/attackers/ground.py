"""The ground of one example: two syndics, three people, their browsers and mailboxes, all of them new."""

import re
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from config import clock
from tests.browser import Page
from tests.security.attackers.people import Actor, Device, Extranet, short_way
from tests.security.attackers.tokens import Grant
from tests.security.attackers.truth import LINK_LIFE, Attempt, House, Letter, Paper, Truth
from tests.world import CODE, Account, TestSyndic, World

LINK = re.compile(r"https?://[^/\s]+/([\w-]+)/(?:[\w/-]*/)?[\w.-]{20,}")
REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}
VICTIM, FINDER, HOSTILE = 0, 1, 2
DEVICES = ((VICTIM, 0), (VICTIM, 1), (FINDER, 0), (FINDER, 1), (HOSTILE, 0))
device = st.integers(0, len(DEVICES) - 1)
pick = st.integers(0, 11)
Thing = TypeVar("Thing")


class Ground(RuleBasedStateMachine):
    """What the rules stand on. `world` and the counter of steps belong to the test that runs the machine."""

    world: ClassVar[World]
    met: ClassVar[Counter[str]]
    """How often what happened: a machine that confirms nothing would find nothing."""

    def meet(self, partners: bool, hostile_keeps: bool) -> None:
        """A house A that all three know, and B, which the second attacker runs."""
        clock.shift(timedelta())
        self.syndics = [
            self.world.syndic(accounts=0, **REQUIRED),
            self.world.syndic(
                accounts=0, legacy_disable="never" if hostile_keeps else "after_confirmation", **REQUIRED
            ),
        ]
        if partners:
            self.world.trust(*(syndic.slug for syndic in self.syndics))
        self.truth = Truth(partners)
        self.houses = [House(self.syndics[0].slug, False), House(self.syndics[1].slug, hostile_keeps)]
        self.grants: list[Grant] = []
        self.pages: dict[Device, Page] = {}
        self.bare = short_way(self.world.application)
        self._seen = max((int(mail.id) for mail in self.world.inbox.messages()), default=0)
        self._people()

    def _people(self) -> None:
        tail = f"{secrets.token_hex(4)}.example"
        boxes = [[f"{name}{n}@{tail}" for n in range(2)] for name in ("victime", "trouveur", "hostile")]
        known = [[boxes[0][0], boxes[0][1], boxes[1][0]], [boxes[0][0], boxes[0][1], boxes[2][0]]]
        for syndic, house, addresses in zip(self.syndics, self.houses, known, strict=True):
            for number, address in enumerate(addresses):  # the hostile one claims the victim's for accounts of its own
                account = Account(f"{10000000 + number}", f"code-{number}-{syndic.slug}", "Mme Jeanne Dupont", address)
                syndic.accounts.append(account)
                self.truth.papers.append(Paper(house, account.identifier, account.password, address))
            self.world.import_accounts(syndic)
        papers = self.truth.papers
        sets = [[papers[0], papers[1], papers[3]], [papers[0], papers[2]], papers[3:]]
        knows = [{paper: paper.secret for paper in each} for each in sets]
        words = ["lampe-ruban-girafe-moulin", "orage-bocal-tapis-cerise", "velours-digue-hibou-radis"]
        names = ("victim", "finder", "hostile")
        every = zip(names, boxes, knows, words, strict=True)
        self.actors = [Actor(name, box, codes, [word]) for name, box, codes, word in every]
        networks = [f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.7" for _ in self.actors]
        self.devices = [Device(self.world.application, networks[who], self.truth) for who, _ in DEVICES]
        for (who, _), made in zip(DEVICES, self.devices, strict=True):
            self.actors[who].devices.append(made)

    def at(self, number: int) -> tuple[Actor, Device]:
        """Who sits at which browser."""
        return self.actors[DEVICES[number][0]], self.devices[number]

    def holding(self, number: int, which: Callable[[Device], object]) -> tuple[Actor, Device] | None:
        """One of the browsers that hold something, with who sits there."""
        able = [each for each in range(len(DEVICES)) if which(self.devices[each])]
        return self.at(able[number % len(able)]) if able else None

    def with_attempt(self, number: int) -> tuple[Actor, Device, Attempt] | None:
        """One of the browsers that have begun an attempt and are still signed in with their printed code."""
        able = [
            (*self.at(each), attempt)
            for each in range(len(DEVICES))
            for house in self.houses
            if self.devices[each].legacy(house.slug) and (attempt := self.devices[each].attempt(house.slug))
        ]
        return choose(able, number)

    def usable(self, actor: Actor) -> list[Paper]:
        """The accounts whose present printed code somebody knows."""
        return [paper for paper, code in actor.codes.items() if code == paper.secret and code not in paper.retired]

    def letters(self, kind: str) -> list[Letter]:
        """All mails of a kind with a link, the oldest first."""
        return [letter for letter in self.truth.letters if letter.kind == kind]

    def syndic(self, house: House) -> TestSyndic:
        """The syndic of a house."""
        return self.syndics[self.houses.index(house)]

    def party(self, house: House) -> Extranet:
        """A new sign-in at a house's extranet."""
        return Extranet(self.world.application, self.syndic(house))

    def addresses(self) -> list[str]:
        """All mailboxes there are, the victim's first."""
        return [address for actor in self.actors for address in actor.mailboxes]

    def show(self, where: Device, page: Page) -> Page:
        """The page that this browser shows now; nothing that is not to be met with may have happened."""
        assert page.status < 500, f"{page.url} answered {page.status}: {page.text[:400]}"
        self.pages[where] = page
        where.remember_jar()
        return page

    def post_office(self, attempt: Attempt | None = None) -> None:
        """Let the workers work, and read all new mail. `attempt`: whose mail may just have gone out."""
        self.world.work()
        new = [mail for mail in self.world.inbox.messages() if int(mail.id) > self._seen]
        for mail in reversed(new):
            self._seen = max(self._seen, int(mail.id))
            if mail.to in self.addresses():
                self._read(mail.to, mail.text, attempt)

    def _read(self, to: str, text: str, attempt: Attempt | None) -> None:
        found, code = LINK.search(text), CODE.search(text)
        if found is None:
            return
        kind, person = found.group(1), self.truth.people.get(to)
        letter = Letter(kind, to, found.group(), "".join(code.groups()) if code else "", self.truth.now)
        if kind == "confirm":
            assert attempt is not None, f"nobody asked for a mail to {to}"
            assert attempt.email == to, f"a mail for {attempt.email} went to {to}"
            letter.attempt, letter.generation = attempt, attempt.generation
            attempt.expires = max(attempt.expires, self.truth.now + LINK_LIFE)
        elif kind == "contest":
            letter.tie = self.truth.ties[-1]
            assert letter.tie.paper.known_email == to, "only the address that the syndic knew may contest"
        elif kind == "reset":
            assert person is not None, f"a mail to {to} lets nobody's password be set"
            letter.person, letter.epoch = person, person.epoch
        self.truth.letters.append(letter)


def choose(among: list[Thing], number: int) -> Thing | None:
    """One of them, the newest first."""
    return among[-1 - number % len(among)] if among else None
