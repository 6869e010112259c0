"""A syndic that is no partner sees of a refused owner what it sees of any unconfirmed attempt (JOURNEYS C2)."""

import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import Text, cast, select

from broker.identities.models import SecurityEvent
from config import clock
from config.database import session
from config.mail.models import Mail
from config.outbox import Promise
from tenants.audit.models import LedgerEntry
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.browser import Browser
from tests.journeys.association.beginnings import REQUIRED
from tests.journeys.grouping.attempts import ANOTHER, REFUSED, begin, by_code, by_link
from tests.journeys.steps import associate, legacy_sign_in
from tests.world import TestSyndic, World

NAMELESS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"[\w-]{43}"), "TOKEN"),
)
"""What is random, and so differs between any two attempts."""


CHANGING = {"iat", "exp", "auth_time", "at_hash", "nonce"}
"""Claims that are others in each ID token."""


def _nameless(told: Any, identifier: str, attempt: str = "") -> str:
    said = json.dumps(told, sort_keys=True, default=_plain).replace(identifier, "IDENTIFIER")
    said = said.replace(attempt, "ATTEMPT") if attempt else said
    for pattern, word in NAMELESS:
        said = pattern.sub(word, said)
    return said


def _plain(value: object) -> str:
    return "TIME" if isinstance(value, datetime) else str(value)


def _view(world: World, syndic: TestSyndic, number: int) -> str:
    """Everything that there is of this account for the syndic, its operators and its programs, as one text."""
    account = syndic.accounts[number]
    with world.application.app_context():
        house = syndics.get(syndic.slug).id
        wanted = select(LegacyAccount).where(
            LegacyAccount.syndic_id == house, LegacyAccount.identifier == account.identifier
        )
        row = session().scalars(wanted).one()
        columns = {column.name: getattr(row, column.name) for column in LegacyAccount.__table__.columns}
        told: dict[str, Any] = {"journal": _events(house), "promises": _promises(house, row.id)}
    told["account"] = columns | {name: bool(columns[name]) for name in ("email", "secret_hash", "tombstone", "label")}
    told["asked"] = _asked(syndic, account.identifier)
    told["mails"] = [mail.subject for mail in world.mails_to(f"contact@{syndic.slug}.example")]
    return _nameless(told, account.identifier)


def _events(house: UUID) -> list[str]:
    return list(session().scalars(select(SecurityEvent.kind).where(SecurityEvent.syndic_id == house)))


def _promises(house: UUID, account: UUID) -> list[str]:
    """Work that is promised about the account or to the syndic; mails to owners are the owners'."""
    about = cast(Promise.payload, Text)
    found = select(Promise.topic).where(about.contains(str(account)) | about.contains(str(house)))
    alerts = select(Mail.kind).where(Mail.syndic_id == house, Mail.kind != "association_confirm")
    return [*session().scalars(found), *session().scalars(alerts)]


def _asked(syndic: TestSyndic, identifier: str) -> Any:
    """What the extranet's server is told when it asks about the account."""
    values = {"identifier": identifier, "auth_time": str(int(clock.now().timestamp()))}
    answer = httpx2.post(f"{syndic.issuer}/associations", data=values, auth=(syndic.client_id, syndic.client_secret))
    same = {name: value for name, value in answer.headers.items() if name.lower() not in {"date", "server"}}
    return {"status": answer.status_code, "body": answer.json(), "headers": same}


def _chain(world: World, syndic: TestSyndic) -> list[tuple[str, str]]:
    """The ledger that the syndic exports: each entry with its attempt, nameless."""
    with world.application.app_context():
        house = syndics.get(syndic.slug).id
        entries = session().scalars(
            select(LedgerEntry).where(LedgerEntry.chain == house).order_by(LedgerEntry.sequence)
        )
        return [
            (str(each.body.get("association", "")), f"{each.kind} {_nameless(each.body, 'no identifier')}")
            for each in entries
        ]


def _tokens(syndic: TestSyndic, number: int) -> str:
    """What a later sign-in with the printed code gives the extranet."""
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[number])
    if page.has("a", "Plus tard"):
        page = page.follow("Plus tard")
    told = party.complete(page)
    claims = {name: value for name, value in told.id_claims.items() if name not in CHANGING}
    shown = {"id_token": claims, "userinfo": told.userinfo, "introspected": sorted(party.introspect(told.access_token))}
    return _nameless(shown, syndic.accounts[number].identifier).replace(syndic.accounts[number].email or "-", "EMAIL")


def test_a_refused_attempt_looks_like_any_that_was_not_confirmed(world: World) -> None:
    home, stranger = world.syndic(), world.syndic(accounts=2, **REQUIRED)
    email = f"discrete@{home.slug}.example"
    associate(world, home, home.accounts[0], email)
    _, waiting = begin(stranger, stranger.accounts[0], email)
    begin(stranger, stranger.accounts[1], f"oublieuse@{stranger.slug}.example")
    world.work()
    for question in (by_link(world, email), by_code(world, waiting, email)):
        assert question.submit("Confirmer").alert == REFUSED
    world.work()
    refused, forgotten = _view(world, stranger, 0), _view(world, stranger, 1)
    assert refused == forgotten, "byte by byte, but for what is random"
    assert _tokens(stranger, 0) == _tokens(stranger, 1)
    chain = _chain(world, stranger)
    attempts = sorted({attempt for attempt, _ in chain if attempt})
    assert len(attempts) == 2
    one, other = ([said for attempt, said in chain if attempt == each] for each in attempts)
    assert one == other, "the evidence says the same of both"
    everything = f"{refused}{chain}"
    for secret in (home.slug, home.name, email, "partner"):
        assert secret not in everything, f"the syndic reads {secret!r}"


def test_going_on_with_another_address_looks_like_a_corrected_one(world: World) -> None:
    home, stranger = world.syndic(), world.syndic(accounts=2)
    email = f"suivante@{home.slug}.example"
    associate(world, home, home.accounts[0], email)
    _, waiting = begin(stranger, stranger.accounts[0], email)
    _, typo = begin(stranger, stranger.accounts[1], f"faute@{stranger.slug}.example")
    world.work()
    page = by_code(world, waiting, email).submit("Confirmer").follow(ANOTHER)
    page = page.submit("Continuer", **{"Adresse e-mail": f"juste-{email}"})
    page = page.submit("Continuer", **{"Mot de passe": "girafe-plafond-carafe-dimanche"})
    page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    typo.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": f"juste@{stranger.slug}.example"})
    world.work()
    assert _view(world, stranger, 0) == _view(world, stranger, 1)
    kinds = [said.split(" ")[0] for _, said in _chain(world, stranger)]
    assert kinds.count("terms.accepted") == 2, "the terms that an attempt has accepted are not entered twice"
