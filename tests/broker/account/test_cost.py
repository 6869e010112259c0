"""However much a person has, each of their pages asks the database a handful of questions."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broker.identities import journal
from broker.identities import service as identities
from broker.identities.models import KnownDevice, Link
from broker.sessions.models import ClientSession, LoginSession
from broker.web.network import Caller
from config import clock, secrets
from config.database import session, transaction
from tenants.clients.models import Client
from tenants.legacy.models import LegacyAccount
from tests.broker.account.counting import counted
from tests.broker.account.owners import WINDOWS, Person, person
from tests.world import World

MANY = 200
MOST = 5


@pytest.fixture(scope="module")
def rich() -> list[Person]:
    """Somebody with two hundred of everything, made once."""
    return []


def _rich(world: World, kept: list[Person]) -> Person:
    if not kept:
        kept.append(person(world, world.syndic(accounts=MANY + 1)))
        with world.application.app_context(), transaction():
            _fill(kept[0])
    return kept[0]


def _fill(who: Person) -> None:
    found = identities.by_email(who.email)
    assert found is not None
    now, work = clock.now(), session()
    link = work.scalars(select(Link).where(Link.identity_id == found.id)).one()
    accounts = work.scalars(select(LegacyAccount).where(LegacyAccount.syndic_id == link.syndic_id)).all()
    client = work.scalars(select(Client).where(Client.syndic_id == link.syndic_id)).first()
    assert client is not None
    for account in accounts:
        if account.id != link.account_id:
            identities.tie(
                found, account, association_id=link.association_id, sub=secrets.token(), proofs=[], until=now
            )
    for _ in range(MANY):
        made = LoginSession(
            token_digest=secrets.random_bytes(32), identity_id=found.id, identity_epoch=found.epoch,
            authenticated_at=now, acr="password", amr=["pwd"], persistent=True, created_at=now, seen_at=now,
            idle_s=86400, expires_at=now + timedelta(days=9), user_agent=WINDOWS, network="",
        )  # fmt: skip
        work.add(made)
        work.flush()
        work.add(
            ClientSession(
                session_id=made.id, client_id=client.id, account_id=link.account_id, sid=secrets.token(), sub="s",
                used_at=now,
            )
        )  # fmt: skip
        work.add(
            KnownDevice(
                name=secrets.random_bytes(32), token_digest=secrets.random_bytes(32), identity_id=found.id,
                user_agent=WINDOWS, created_at=now, seen_at=now, failures=0, counted_at=now,
            )
        )  # fmt: skip
        journal.note("signed-in", found.id, Caller(WINDOWS, ""), link.syndic_id)


@pytest.mark.parametrize("path", ["", "profile", "password/changed", "devices", "history", "accounts/manage"])
def test_a_page_costs_at_most_five_statements(world: World, rich: list[Person], path: str) -> None:
    who = _rich(world, rich)
    who.page(path)
    with counted(world.application) as asked:
        page = who.page(path)
    assert page.status == 200
    assert "Mon compte" in page.text
    assert len(asked) <= MOST, "\n".join(asked)


def test_the_password_page_costs_no_more(world: World, rich: list[Person]) -> None:
    who = _rich(world, rich)
    who.confirmed("password")
    with counted(world.application) as asked:
        assert who.page("password").heading == "Mot de passe"
    assert len(asked) <= MOST, "\n".join(asked)


def test_a_page_of_many_devices_says_that_there_are_more(world: World, rich: list[Person]) -> None:
    page = _rich(world, rich).page("devices")
    assert "Il y en a d'autres, plus anciens." in page.text
    assert "Cet appareil" in page.text, "this one is always there"
