"""Invitations, walked at random through the pages by everybody at once: who holds the account is who should.

A model in Python keeps what was acknowledged; after each step the links of the account are compared with it.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from broker.identities import service as identities
from config.database import session, transaction
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.journeys.holders.contesting import asked as contested
from tests.journeys.holders.inviting import (
    DONE,
    FRESH,
    Holder,
    Invitation,
    accept_terms,
    again,
    holder,
    invite,
    show_code,
)
from tests.journeys.steps import PASSWORD
from tests.world import World

LINKS = """
SELECT i.email, l.state, l.role FROM links l JOIN identities i ON i.id = l.identity_id
WHERE l.syndic_id = %(syndic)s AND l.state <> 'ended'
"""
TRIES = 5
pick = st.integers(0, 50)


@dataclass(eq=False)
class Sent:
    """An invitation as it should be."""

    invitation: Invitation
    link: str
    tries: int = 0
    state: str = "open"


@dataclass(eq=False)
class Begun:
    """A browser at « Confirmer », by an invitation, with a password."""

    sent: Sent
    page: Page
    password: str


@dataclass
class Truth:
    """What was acknowledged."""

    sent: list[Sent] = field(default_factory=list)
    begun: list[Begun] = field(default_factory=list)
    guests: dict[str, str] = field(default_factory=dict)
    """The state of each guest's link, by address."""
    passwords: dict[str, str] = field(default_factory=dict)
    contested: bool = False

    @property
    def may_invite(self) -> bool:
        """Whether the holder may, and whether what was sent may still come to something."""
        return not self.contested and "suspended" not in self.guests.values()

    @property
    def open(self) -> list[Sent]:
        """What stands."""
        return [each for each in self.sent if each.state == "open"] if self.may_invite else []


class Inviting(RuleBasedStateMachine):
    """One holder, their guests, and whoever has the mails or guesses the codes."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.truth, self.number = Truth(), 0
        self.holder: Holder = holder(self.world, "machine")

    @precondition(lambda self: self.truth.may_invite and len(self.truth.open) < 3 and self.number < 9)
    @rule(same=st.booleans())
    def invite(self, same: bool) -> None:
        """Somebody new, or somebody who was removed."""
        gone = sorted(self.truth.passwords.keys() - self.truth.guests.keys())
        waited_for = {each.invitation.address for each in self.truth.open}
        names = [address.partition("@")[0] for address in gone if address not in waited_for]
        self.number += 1
        made = invite(self.holder, names[0] if same and names else f"invite-{self.number}")
        self.truth.sent.append(Sent(made, self.world.mailed_link(made.address)))

    @precondition(lambda self: self.truth.sent)
    @rule(which=pick)
    def guess(self, which: int) -> None:
        """Whoever has the mail tries a code."""
        sent = self._sent(which)
        page = Browser().get(sent.link)
        if sent not in self.truth.open:
            assert page.status == 410, page.text[:300]
            return
        page = show_code(page, sent.invitation.address, sent.invitation.wrong)
        sent.tries += 1
        if sent.tries == TRIES:
            sent.state = "ended"
        assert (page.status == 410) == (sent.tries == TRIES), page.text[:300]

    @precondition(lambda self: self.truth.open)
    @rule(which=pick, other=st.booleans())
    def begin(self, which: int, other: bool) -> None:
        """Link, code, password and terms, in a browser of its own."""
        sent = self.truth.open[which % len(self.truth.open)]
        known = self.truth.passwords.get(sent.invitation.address)
        password = known or (FRESH if other else PASSWORD)
        page = show_code(Browser().get(sent.link), sent.invitation.address, sent.invitation.code)
        page = accept_terms(page.submit("Continuer", **{"Mot de passe": password}))
        self.truth.begun.append(Begun(sent, page, password))

    @precondition(lambda self: self.truth.begun)
    @rule(which=pick)
    def confirm(self, which: int) -> None:
        """« Confirmer », on a page that may be old."""
        begun = self.truth.begun.pop(which % len(self.truth.begun))
        address = begun.sent.invitation.address
        stands = begun.sent in self.truth.open
        known = self.truth.passwords.get(address)
        page = begun.page.submit("Confirmer")
        assert (page.heading == DONE) == stands, f"{stands}: {page.status} {page.text[:300]}"
        if stands:
            assert known in {None, begun.password}
            begun.sent.state = "accepted"
            self.truth.guests[address] = "active"
            self.truth.passwords[address] = begun.password

    @precondition(lambda self: self.truth.begun)
    @rule(which=pick)
    def refuse(self, which: int) -> None:
        """« Ce n'est pas moi », by the invited person."""
        begun = self.truth.begun.pop(which % len(self.truth.begun))
        page = begun.page.submit("Ce n'est pas moi")
        if begun.sent.state == "open" and not self.truth.contested:
            assert page.heading == "Rien n'a été associé", page.text[:300]
            begun.sent.state = "ended"

    @precondition(lambda self: self.truth.open)
    @rule(which=pick)
    def withdraw(self, which: int) -> None:
        """« Annuler l'invitation »."""
        sent = self.truth.open[which % len(self.truth.open)]
        page = again(self.holder.browser.get(sent.invitation.page.url)).submit("Annuler l'invitation")
        assert "L'invitation est annulée." in page.text
        sent.state = "ended"

    @precondition(lambda self: self.truth.guests and not self.truth.contested)
    @rule()
    def remove(self) -> None:
        """« Retirer » the first guest of the list."""
        page = again(self.holder.holders().follow("Retirer"))
        page.submit("Retirer")
        left = {email for email, _, role in self._links() if role == "co-holder"}
        (gone,) = self.truth.guests.keys() - left
        del self.truth.guests[gone]

    @precondition(lambda self: not self.truth.contested and self.number > 2)
    @rule()
    def contest(self) -> None:
        """The known address says of the holder's own link: not me."""
        page = contested(self.world, self.holder).submit("Ce n'est pas moi")
        assert page.heading == "L'accès est suspendu"
        self.truth.contested = True
        self.truth.guests = dict.fromkeys(self.truth.guests, "suspended")

    @invariant()
    def the_account_is_held_by_who_should(self) -> None:
        """Links as acknowledged, roles as they should be, and no identity that nobody confirmed."""
        own = (self.holder.email, "suspended" if self.truth.contested else "active", "holder")
        wanted = {own} | {(email, state, "co-holder") for email, state in self.truth.guests.items()}
        assert set(self._links()) == wanted, f"{self._links()} and not {wanted}"
        for sent in self.truth.sent:
            address = sent.invitation.address
            with self.world.application.app_context():
                known = identities.by_email(address) is not None
            assert known == (address in self.truth.passwords), f"{address}: an identity is what a confirmation makes"

    def teardown(self) -> None:
        """The evidence is whole."""
        self.world.ledger_is_whole()

    def _sent(self, which: int) -> Sent:
        return self.truth.sent[which % len(self.truth.sent)]

    def _links(self) -> list[tuple[str, str, str]]:
        with self.world.application.app_context(), transaction():
            values = {"syndic": syndics.get(self.holder.syndic.slug).id}
            return [tuple(row) for row in session().connection().exec_driver_sql(LINKS, values)]


def test_whatever_is_done_in_whatever_order_nobody_else_holds_the_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inviting, "world", world, raising=False)
    run_state_machine_as_test(
        Inviting,
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
