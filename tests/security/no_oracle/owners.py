"""Owners in bulk who have just signed in with their printed codes, each in a browser of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from broker.association import proofs, service
from broker.association.models import Association
from broker.identities import passwords
from broker.identities.emails import Address
from broker.sessions import browser
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.web.network import Caller
from config import clock
from config.database import session, transaction
from tenants.clients.registry import registered
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.security.no_oracle.comparing import hold_alike
from tests.security.no_oracle.people import RIGHT, add_accounts, add_identities, addresses, schemes
from tests.security.no_oracle.watching import Told, Visitor, Watched
from tests.world import TestSyndic, World

WARM = 3
"""How many owners go first, so that every statement has been made before."""
Step = Callable[[Visitor, str], Told]


@dataclass
class Owners:
    """A hundred who give addresses of identities, a hundred who give others, and some who go before them."""

    house: World
    syndic: TestSyndic
    known: list[str]
    unknown: list[str]
    browsers: Mapping[str, Visitor]

    @property
    def names(self) -> list[str]:
        """All addresses, those of the forerunners first."""
        return list(self.browsers)

    def all_take(self, step: Step) -> Told:
        """Every owner takes this step; all are told alike. Returns what they were told."""
        with at_one_instant():
            answers = {name: [step(visitor, name)] for name, visitor in self.browsers.items()}
        return hold_alike(*({name: answers[name] for name in names} for names in (self.known, self.unknown)))[0]

    def open(self, path: str) -> Told:
        """Every owner opens this page of the association."""
        return self.all_take(lambda visitor, name: visitor.get(self._page(path), name))

    def send(self, path: str, **form: str) -> Told:
        """Every owner sends this form; `{}` in it is the owner's address."""

        def sent(visitor: Visitor, name: str) -> Told:
            return visitor.post(self._page(path), {key: value.format(name) for key, value in form.items()}, name)

        return self.all_take(sent)

    def wait(self) -> dict[str, str]:
        """Bring every attempt to B6 without a page, as services do. Returns the token of each address's link."""
        stored = passwords.hashed(RIGHT)
        with self.house.application.app_context(), transaction() as work:
            here = registered(self.syndic.slug)
            assert here is not None
            wanted = select(LoginSession).join(LegacyAccount).where(LegacyAccount.syndic_id == here.id)
            made = {}
            for sign_in, name in zip(work.scalars(wanted.order_by(LegacyAccount.identifier)), self.names, strict=True):
                attempt, _ = service.begin(sign_in, here, None, "fr", None)
                service.choose_address(attempt, Address(name, name))
                attempt.password_hash, attempt.state = stored, "waiting"
                made[name] = attempt
            work.flush()
            minted = {name: proofs.mint(attempt.id, name) for name, attempt in made.items()}
        return {name: mail.token for name, mail in minted.items() if mail is not None}

    def attempts(self) -> int:
        """How many attempts wait at this syndic."""
        with self.house.application.app_context(), transaction() as work:
            mine = Association.syndic_id == syndics.get(self.syndic.slug).id
            return len(work.scalars(select(Association.id).where(mine, Association.state == "waiting")).all())

    def _page(self, path: str) -> str:
        return f"/t/{self.syndic.slug}/association{path}"


def owners(house: World, watched: Watched) -> Owners:
    """Owners who have signed in with their codes, at a syndic of their own."""
    syndic = house.syndic(accounts=0)
    first, known, unknown = (addresses(kind, syndic.slug) for kind in ("avants", "connue", "perdue"))
    names = [*first[:WARM], *known, *unknown]
    with house.application.app_context(), transaction():
        add_identities([*known, *map(elsewhere, known)])
        tokens = _signed_in(syndic.slug, len(names))
    cookie = browser.legacy_cookie(syndic.slug)
    browsers = {name: watched.visitor(k, **{cookie: tokens[k]}) for k, name in enumerate(names)}
    return Owners(house, syndic, known, unknown, browsers)


def elsewhere(name: str) -> str:
    """Another address of the same owner: one that has an identity, if the first one has."""
    return f"autre-{name}"


@contextmanager
def at_one_instant() -> Iterator[None]:
    """The clock stands still: pages say how many seconds are left, and the last owner must not see fewer."""
    instant = clock.now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: instant)
        yield


def _signed_in(slug: str, count: int) -> Sequence[str]:
    """The tokens of that many legacy sign-ins, one for each of as many accounts."""
    add_accounts(slug, [str(10000 + number) for number in range(count)], schemes())
    session().flush()
    wanted = select(LegacyAccount).where(LegacyAccount.syndic_id == syndics.get(slug).id)
    accounts = session().scalars(wanted.order_by(LegacyAccount.identifier))
    return [sessions.begin_legacy(account, Caller("test", "10.0.0.0/24")).token for account in accounts]
