"""A person whose « Mon compte » is asked for everything: whatever one request changes is put right before the next.

It is done behind the scenes, by the services and not by the pages: what a request needs costs milliseconds, and is
there however hostile the requests before were.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update

from broker.account import opening
from broker.account.devices import listing as devices_listing
from broker.association.models import Association, BrowserProof
from broker.identities import attempts, devices, journal
from broker.identities import service as identities
from broker.identities.addresses import change, revert
from broker.identities.addresses.models import AddressChange
from broker.identities.emails import parsed
from broker.identities.factors import apps, checks, passkeys, recovery_codes, tries
from broker.identities.factors import service as factors
from broker.identities.factors.models import Passkey
from broker.identities.factors.strength import ONE_TIME_CODE, PASSWORD
from broker.identities.models import Identity, Link
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.sessions.service import Begun
from broker.web import cookies
from broker.web.network import Caller
from config import clock, secrets
from config.database import session, transaction
from tenants.legacy.models import LegacyAccount
from tests.authenticator import Authenticator
from tests.browser import Browser
from tests.journeys.steps import associate, legacy_sign_in, until_waiting
from tests.security.wire import Pair
from tests.world import Account, TestSyndic, World

CALLER = Caller("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "127.0.0.0/24")
MORE_THAN_A_PAGE = 26
"""Lines of the journal."""


@dataclass(frozen=True)
class Here:
    """The person and a new session, within the transaction that puts everything right."""

    person: Identity
    login: LoginSession
    cookies: tuple[Pair, ...]


@dataclass(frozen=True)
class Asked:
    """A browser of which a second factor is asked, and what answers it."""

    cookies: tuple[Pair, ...]
    code: str
    recovery: str
    passkey: str


@dataclass(frozen=True)
class Changing:
    """A change of address: the browser that has asked for it, and what the mail carries."""

    cookies: tuple[Pair, ...]
    token: str
    code: str


@dataclass
class Person:
    """One of them, as it was made."""

    world: World
    id: UUID
    email: str
    new_email: str
    attempt: UUID
    as_made: dict[str, Any]
    key: Authenticator
    public_key: bytes = b""
    """Of the passkey in it."""
    held: list[str] = field(default_factory=list)
    """What no log may hold of all that was handed out."""

    def signed_in(self, **values: Any) -> tuple[Pair, ...]:
        """A browser with the password typed again; `values` are what else is true of the person."""
        with self.anew(**values) as here:
            return here.cookies

    def with_app(self, *, shown: bool = True) -> tuple[Pair, ...]:
        """The same, of a person who has an authenticator app, `shown` in this session or not."""
        with self.anew() as here:
            self._add_app(here)
            if shown:
                sessions.strengthen(here.login, ONE_TIME_CODE)
            return here.cookies

    def enrolling(self) -> tuple[tuple[Pair, ...], str]:
        """A browser that was shown an app's key, and the code that the app shows."""
        with self.anew() as here:
            return here.cookies, self._code(apps.begin(here.person.id, here.login.id))

    def creating_a_passkey(self) -> tuple[tuple[Pair, ...], str]:
        """A browser that was given a challenge, and what the authenticator makes of it."""
        with self.anew() as here:
            options = passkeys.creation_options(here.person, here.login.id)
            return here.cookies, Authenticator(self.world.base, passkeys.host()).create(json.loads(options))

    def asked(self, place: str, **after: Any) -> Asked:
        """A browser that has shown the password and is asked for a factor at this place."""
        with self.anew() as here:
            return self._asked(here, place, after)

    def asked_in_the_session(self) -> Asked:
        """The same before a change, in a session that has shown none."""
        with self.anew() as here:
            return self._asked(here, "account", {"session": str(here.login.id)})

    def asked_before_confirming(self) -> Asked:
        """The same after the mail of an association has been opened in this browser, and the password typed."""
        with self.anew() as here:
            token, now = secrets.token(), clock.now()
            session().add(
                BrowserProof(
                    association_id=self.attempt,
                    token_digest=secrets.digest(token),
                    means="mail-link",
                    identity_id=self.id,
                    password_shown=True,
                    created_at=now,
                    expires_at=now + timedelta(minutes=30),
                )
            )
            found = self._asked(here, "association", {})
            return Asked((*found.cookies, self._cookie("proof", token)), found.code, found.recovery, found.passkey)

    def changing(self) -> Changing:
        """A change of address that waits."""
        with self.anew() as here:
            return self._changing(here)[1]

    def changed(self, *, reverted: bool = False) -> Changing:
        """A change that was made, which the former address may take back or (`reverted`) has taken back.

        The person has an authenticator app that is older than the change.
        """
        with self.anew() as here:
            self._add_app(here)
            row, _ = self._changing(here)
            change.confirm(row, CALLER)
            minted = revert.mint(row.id)
            assert minted is not None
            if reverted:
                revert.revert(row, CALLER)
            self.held += [minted.token]
            return Changing((), minted.token, minted.code)

    def opening(self) -> tuple[tuple[Pair, ...], str]:
        """A browser, and the handle of the account in it."""
        with self.anew() as here:
            link, _ = identities.links_of(self.id)[0]
            return here.cookies, opening.handle(here.login, link)

    def managing(self, *, ended: bool = False) -> tuple[tuple[Pair, ...], str]:
        """A browser, and the handle of an account that may be detached, or was: not the one that all else is about."""
        with self.anew() as here:
            link = self._spare(here.person)
            link.state = "ended" if ended else "active"
            return here.cookies, opening.managed(here.login, link)

    def _spare(self, person: Identity) -> Link:
        """A new link to an account of the same syndic that nobody else has."""
        work, (kept, _) = session(), identities.links_of(self.id)[0]
        wanted = select(LegacyAccount).where(LegacyAccount.syndic_id == kept.syndic_id)
        account = work.scalars(wanted.order_by(LegacyAccount.identifier.desc()).limit(1)).one()
        work.execute(update(Link).where(Link.account_id == account.id).values(state="ended"))
        return identities.tie(
            person, account, association_id=kept.association_id, sub=secrets.token(), proofs=[], until=clock.now()
        )

    def elsewhere(self) -> tuple[tuple[Pair, ...], str]:
        """A browser, and the handle of the session in another one."""
        with self.anew() as here:
            return here.cookies, devices_listing.session_handle(self._begin(here.person).session)

    def known_elsewhere(self) -> tuple[tuple[Pair, ...], str]:
        """A browser, and the handle of another one that is known."""
        with self.anew() as here:
            devices.remember(attempts.of_email(self.email).owner, None, self.id, CALLER)
            return here.cookies, devices_listing.known_handle(devices.of_identity(self.id)[0])

    def journalled(self) -> tuple[Pair, ...]:
        """A browser of a person whose journal has more than one page."""
        with self.anew() as here:
            for _ in range(MORE_THAN_A_PAGE):
                journal.note("session.ended", self.id, CALLER, ended=CALLER.user_agent)
            return here.cookies

    @contextmanager
    def anew(self, **values: Any) -> Iterator[Here]:
        """Everything of before is over, and the person is signed in."""
        with self.world.application.app_context(), transaction() as work:
            person = work.get(Identity, self.id, with_for_update=True)
            assert person is not None
            for name, value in {**self.as_made, **values}.items():
                setattr(person, name, value)
            person.epoch += 1
            work.execute(delete(AddressChange).where(AddressChange.identity_id == self.id))
            factors.remove_all(person)
            attempts.unlock(attempts.of_email(self.email))
            tries.succeeded(self.id)
            begun = self._begin(person)
            sessions.confirm(begun.session)
            yield Here(person, begun.session, (self._cookie("session", begun.token),))

    @staticmethod
    def _begin(person: Identity) -> Begun:
        return sessions.begin_identity(person, CALLER, shown=PASSWORD, persistent=False, origin=None, renews=None)

    def _cookie(self, purpose: str, token: str) -> Pair:
        self.held.append(token)
        return cookies.name(purpose).encode(), token.encode()

    def _add_app(self, here: Here) -> str:
        """Returns what it shows."""
        row = apps.begin(here.person.id, here.login.id)
        row.confirmed_at = clock.now()
        session().flush()
        return self._code(row)

    def _add_passkey(self) -> None:
        session().add(
            Passkey(
                identity_id=self.id,
                public_id=secrets.token(),
                credential_id=self.key.credential_id,
                public_key=self.public_key,
                sign_count=0,
                synced=False,
                transports=["internal"],
                name="Téléphone de Jeanne",
                created_at=clock.now(),
            )
        )

    @staticmethod
    def _code(row: Any) -> str:
        return pyotp.TOTP("".join(apps.key_groups(row))).at(clock.now())

    def _asked(self, here: Here, place: str, after: dict[str, Any]) -> Asked:
        self._add_passkey()
        code, recovery = self._add_app(here), recovery_codes.renew(self.id)[0]
        token = checks.begin(here.person, place, after)
        session().flush()
        check, _ = checks.held(token, place)
        answer = self.key.get(json.loads(passkeys.request_options(self.id, check.id)))
        self.held.append(recovery)
        return Asked((*here.cookies, self._cookie(f"factor_{place}", token)), code, recovery, answer)

    def _changing(self, here: Here) -> tuple[AddressChange, Changing]:
        address = parsed(self.new_email)
        assert address is not None
        row = change.ask(here.person, here.login.id, address, CALLER)
        minted = change.mint(row.id)
        assert minted is not None
        self.held.append(minted.token)
        return row, Changing(here.cookies, minted.token, minted.code)


def person(world: World, syndic: TestSyndic, linked: Account, waiting: Account) -> Person:
    """A person with one account, for whom the association of another one waits."""
    email = f"personne@{syndic.slug}.example"
    associate(world, syndic, linked, email)
    _, page = legacy_sign_in(Browser(), syndic, waiting, acr_values="password")
    until_waiting(page, email)
    with world.application.app_context():
        found = identities.by_email(email)
        assert found is not None
        wanted = select(Association.id).where(Association.email == email, Association.state == "waiting")
        attempt = session().scalars(wanted).one()
        names = ("email", "email_typed", "password_hash", "frozen_at", "closed_at", "erase_at", "review_due")
        as_made = {name: getattr(found, name) for name in names}
        key = Authenticator(world.base, passkeys.host())
        made = Person(world, found.id, email, f"nouvelle.{email}", attempt, as_made, key)
    _learn_public_key(made)
    return made


def _learn_public_key(made: Person) -> None:
    """The challenge is taken in a transaction of its own: it must stand before."""
    with made.anew() as here:
        at, options = here.login.id, passkeys.creation_options(here.person, here.login.id)
    with made.world.application.app_context(), transaction():
        made.public_key = passkeys.add(made.id, at, made.key.create(json.loads(options)), "Clé").public_key
