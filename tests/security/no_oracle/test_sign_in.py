"""Signing in, and being locked out, tells nobody which names exist."""

import httpx2
import pytest

from config.database import transaction
from tenants.legacy.connectors.source import public_jwks
from tenants.syndics import service as syndics
from tests.contracts.syndic_service import Person, SyndicService
from tests.relying_party import RelyingParty
from tests.security.no_oracle.comparing import Answers, hold_alike, hold_work
from tests.security.no_oracle.people import (
    COUNT,
    WRONG,
    add_accounts,
    add_identities,
    add_second_codes,
    addresses,
    schemes,
    tombstone,
)
from tests.security.no_oracle.watching import Told, Watched
from tests.world import TestSyndic, World

UNTIL_LOCKED = 6
"""Five failures, and the answer to a name that is locked."""


def identifiers(first: int) -> list[str]:
    return [str(first + number) for number in range(COUNT)]


def failures(watched: Watched, path: str, names: list[str], times: int = 1) -> Answers:
    """What each name is told when its password is wrong, so many times over."""
    forms = {name: {"username": name, "password": WRONG} for name in names}
    visitors = {name: watched.visitor(number) for number, name in enumerate(names)}
    return {n: [visitors[n].post(path, forms[n], n) for _ in range(times)] for n in names}


@pytest.fixture(scope="module")
def syndic(house: World) -> TestSyndic:
    """A syndic without accounts yet."""
    return house.syndic(accounts=0)


@pytest.fixture(scope="module")
def known(house: World, syndic: TestSyndic) -> list[str]:
    """Addresses of identities."""
    emails = addresses("connue", syndic.slug)
    with house.application.app_context(), transaction():
        add_identities(emails)
    return emails


def warm(watched: Watched, path: str, names: list[str]) -> None:
    failures(watched, path, names, UNTIL_LOCKED)


def test_an_address_is_refused_and_locked_alike_whether_or_not_anybody_has_it(
    watched: Watched, syndic: TestSyndic, known: list[str]
) -> None:
    path = f"/t/{syndic.slug}/login"
    warm(watched, path, ["chauffe@orange.fr"])
    told = hold_alike(
        failures(watched, path, known, UNTIL_LOCKED),
        failures(watched, path, addresses("perdue", syndic.slug), UNTIL_LOCKED),
    )
    for each in told:
        hold_work(each, argon2=1)
    assert "Il vous reste 4 tentatives" in told[0].body
    assert "votre compte a été verrouillé" in told[4].body
    assert told[4].body == told[5].body, "a locked name is told the same again"


def test_the_portal_refuses_an_address_alike_whether_or_not_anybody_has_it(
    house: World, watched: Watched, syndic: TestSyndic
) -> None:
    known, unknown = (addresses(kind, syndic.slug) for kind in ("portail", "inconnu"))
    with house.application.app_context(), transaction():
        add_identities(known)
    warm(watched, "/login", ["chauffe-portail@orange.fr"])
    told = hold_alike(failures(watched, "/login", known), failures(watched, "/login", unknown))
    hold_work(told[0], argon2=1)


def test_an_address_that_a_person_would_not_type_so_is_refused_alike(
    house: World, watched: Watched, syndic: TestSyndic
) -> None:
    """An identity is found by any spelling of its address, and an odd spelling costs what a plain one does."""
    known, unknown = (addresses(kind, syndic.slug) for kind in ("parlee", "tapage"))
    with house.application.app_context(), transaction():
        add_identities(known)
    spelled = [[f" {name.upper()}" for name in names] for names in (known, unknown)]
    path = f"/t/{syndic.slug}/login"
    warm(watched, path, ["chauffe-parole@orange.fr"])
    told = hold_alike(failures(watched, path, spelled[0]), failures(watched, path, spelled[1]))
    hold_work(told[0], argon2=1)


def test_the_login_page_that_is_filled_in_beforehand_is_alike(
    watched: Watched, syndic: TestSyndic, known: list[str]
) -> None:
    """An extranet may name anybody (`login_hint`): the page that comes must not tell who is known."""
    party = RelyingParty(syndic)

    def opened(name: str, number: int) -> list[Told]:
        visitor = watched.visitor(number)
        asked = visitor.get(httpx2.URL(party.address(login_hint=name)).raw_path.decode())
        handle = next(line for line in asked.headers if line.startswith("location")).partition("r=")[2]
        return [visitor.get(f"/t/{syndic.slug}/login?r={handle}", name, handle)]

    answers = [
        {name: opened(name, number) for number, name in enumerate(names)}
        for names in (known, addresses("perdue", syndic.slug))
    ]
    hold_work(hold_alike(*answers)[0])


def test_an_identifier_is_refused_and_locked_alike_whatever_has_become_of_it(
    house: World, watched: Watched, syndic: TestSyndic
) -> None:
    """Living, retired (with its hash and without), closed, and unknown: B12 tells the right secret's holder only."""
    living, retired, asked, closed, unknown = (identifiers(1000 * first) for first in range(11, 16))
    with house.application.app_context(), transaction():
        add_accounts(syndic.slug, living, schemes())
        add_accounts(syndic.slug, retired, [(None, None)], state="disabled", epoch=1, tombstone=tombstone(syndic.slug))
        add_accounts(syndic.slug, asked, schemes(), state="disable_requested", epoch=1)
        add_accounts(syndic.slug, closed, schemes(), state="closed")
    path = f"/t/{syndic.slug}/login"
    warm(watched, path, ["17000"])
    nobody = failures(watched, path, unknown, UNTIL_LOCKED)
    told = hold_alike(failures(watched, path, living, UNTIL_LOCKED), nobody)
    for once in (retired, asked, closed):
        hold_alike(failures(watched, path, once), {name: answers[:1] for name, answers in nobody.items()})
    for each in told[:5]:
        hold_work(each, argon2=1, legacy=1)
    hold_work(told[5], argon2=1)
    assert "Il vous reste 4 tentatives" in told[0].body
    assert "Trop de tentatives" in told[4].body
    assert told[4].body == told[5].body, "a locked identifier is told the same again"


def test_an_identifier_with_second_codes_is_refused_alike(house: World, watched: Watched, syndic: TestSyndic) -> None:
    """Living and revoked ones: that there are any costs no more hashes and no more statements."""
    shared, plain, unknown = (identifiers(1000 * first) for first in range(51, 54))
    with house.application.app_context(), transaction():
        add_accounts(syndic.slug, shared, schemes())
        add_accounts(syndic.slug, plain, schemes())
        add_second_codes(syndic.slug, shared)
    path = f"/t/{syndic.slug}/login"
    warm(watched, path, ["17000"])
    nobody = failures(watched, path, unknown, UNTIL_LOCKED)
    for names in (shared, plain):
        told = hold_alike(failures(watched, path, names, UNTIL_LOCKED), nobody)
        hold_work(told[0], argon2=1, legacy=1)


@pytest.mark.parametrize("scheme", [name for name, _ in schemes()])
def test_an_identifier_is_refused_alike_at_a_syndic_of_each_scheme(house: World, watched: Watched, scheme: str) -> None:
    syndic, known = house.syndic(accounts=0), identifiers(21000)
    with house.application.app_context(), transaction():
        add_accounts(syndic.slug, known, [pair for pair in schemes() if pair[0] == scheme])
    path = f"/t/{syndic.slug}/login"
    warm(watched, path, ["17000"])
    told = hold_alike(failures(watched, path, known), failures(watched, path, identifiers(22000)))
    hold_work(told[0], argon2=1, legacy=1)


def test_an_identifier_is_refused_alike_where_the_syndics_own_service_judges(house: World, watched: Watched) -> None:
    with SyndicService() as service:
        syndic, known = house.syndic(accounts=0, connector_url=service.base_url), identifiers(31000)
        with house.application.app_context():
            service.trusts = public_jwks(syndics.get(syndic.slug).id)
        service.people |= {name: Person("Lilas-2026", "Mme Jeanne Dupont", None, "Appt 12") for name in known}
        path = f"/t/{syndic.slug}/login"
        warm(watched, path, ["17000"])
        service.requests.clear()
        told = hold_alike(failures(watched, path, known), failures(watched, path, identifiers(32000)))
        hold_work(told[0], argon2=1)
        assert service.refusals == [], "the service takes our calls"
        assert service.requests == ["POST /legacy/verify"] * 2 * COUNT, "one call for each name, known or not"


def test_the_portal_refuses_an_identifier_alike_wherever_it_is_known(
    house: World, watched: Watched, syndic: TestSyndic
) -> None:
    known = identifiers(41000)
    with house.application.app_context(), transaction():
        add_accounts(syndic.slug, known, schemes())
    warm(watched, "/login", ["17000"])
    told = hold_alike(failures(watched, "/login", known), failures(watched, "/login", identifiers(42000)))
    hold_work(told[0], argon2=1)
