"""What would tell of a syndic, or of somebody's accounts there: every name and number that is its own."""

import html
from collections.abc import Iterator
from urllib.parse import quote

from sqlalchemy import select

from broker.identities.models import Identity, Link
from broker.sessions.models import ClientSession, LoginSession
from config.database import session
from tenants.clients.models import Client, SigningKey
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.world import TestSyndic, World


def of_syndic(world: World, syndic: TestSyndic) -> dict[str, str]:
    """Every string by which this syndic, its clients, its accounts and its links could be known, by what it is."""
    with world.application.app_context():
        row = syndics.get(syndic.slug)
        told = {"slug": row.slug, "name": row.name, "key": str(row.id), "contact": str(row.contact["email"])}
        for number, client in enumerate(session().scalars(select(Client).where(Client.syndic_id == row.id))):
            told |= {f"client {number}": client.client_id, f"client key {number}": str(client.id)}
        for number, key in enumerate(session().scalars(select(SigningKey).where(SigningKey.syndic_id == row.id))):
            told[f"kid {number}"] = key.kid
        accounts = session().scalars(select(LegacyAccount).where(LegacyAccount.syndic_id == row.id))
        for account in accounts:
            told |= _of_account(account)
        for link in session().scalars(select(Link).where(Link.syndic_id == row.id)):
            told |= {f"link {link.id}": str(link.id), f"sub {link.id}": link.sub, f"label {link.id}": link.label or ""}
    return _worth_looking_for(told)


def of_person(world: World, email: str) -> dict[str, str]:
    """Every string by which this person could be known."""
    with world.application.app_context():
        person = session().scalars(select(Identity).where(Identity.email == email)).one()
        told = {"address": email, "key": str(person.id), "hash": person.password_hash}
        told |= {f"claim {name}": str(value) for name, value in person.profile.items() if name != "civility"}
        signed_in = select(LoginSession.id).where(LoginSession.identity_id == person.id)
        opened = select(ClientSession).where(ClientSession.session_id.in_(signed_in))
        told |= {f"sid {row.id}": row.sid for row in session().scalars(opened)}
    return _worth_looking_for(told)


def _of_account(account: LegacyAccount) -> dict[str, str]:
    key = str(account.id)
    return {
        f"account {key}": key,
        f"public id {key}": account.public_id,
        f"identifier {key}": account.identifier,
        f"sub of {key}": account.sub,
        f"label of {key}": account.label,
        f"holder of {key}": account.holder,
    }


def _worth_looking_for(told: dict[str, str]) -> dict[str, str]:
    return {what: value for what, value in told.items() if len(value) > 3}


def written(value: str) -> Iterator[str]:
    """The ways in which a string may stand in a page, an address, a row or a log."""
    plain = {value, value.replace("-", "")} if value.count("-") == 4 else {value}
    for each in plain:
        yield from {each, html.escape(each), quote(each, safe=""), each.encode("unicode_escape").decode()}
