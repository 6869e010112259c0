"""Keys as clients meet them: a rotation that nobody notices, and a revocation that everybody does."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from config import clock
from config.database import transaction
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from tenants.clients import keys, lifetimes, registry
from tenants.syndics import service as syndics
from tests.broker.oidc.believing_party import BelievingParty, kid_of
from tests.broker.terminal import Operator
from tests.browser import Arrived, Browser
from tests.journeys.steps import sign_in
from tests.world import TestSyndic, World

ALGORITHMS = ("RS256", "ES256")
PATIENCE_S = 20
"""More than enough: a process whose request asks for nothing else compares its picture once a second."""


def later(by: timedelta) -> None:
    clock.shift(clock.now() - datetime.now(UTC) + by)


def eventually(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not in {PATIENCE_S} s: {what}"
        time.sleep(0.05)


def signed_in(syndic: TestSyndic, number: int = 0) -> tuple[Browser, BelievingParty]:
    browser, party, account = Browser(), BelievingParty(syndic), syndic.accounts[number]
    party.tokens(sign_in(party.begin(browser), account.identifier, account.password))
    return browser, party


def rotate(world: World, syndic: TestSyndic) -> None:
    """What an operator does; and every process has noticed."""
    with world.application.app_context(), transaction():
        made = [keys.rotate(syndics.get(syndic.slug).id, alg).key.kid for alg in ALGORITHMS]
    await_published(BelievingParty(syndic), set(made))


def await_published(party: BelievingParty, kids: set[str]) -> None:
    eventually("the new keys are published", lambda: kids <= party.fetch_keys())


def take_over(world: World, syndic: TestSyndic) -> None:
    """A whole rotation, to the end of the retired key's private half."""
    rotate(world, syndic)
    later(lifetimes.PUBLISHED_AHEAD + lifetimes.ERASED_AFTER + timedelta(seconds=5))
    tidy(world, syndic)


def tidy(world: World, syndic: TestSyndic) -> None:
    """What a worker does; and the process that answers has noticed."""
    with world.application.app_context(), transaction():
        keys.tidy(syndics.get(syndic.slug).id)
    registry.forget()


def revoke(world: World, syndic: TestSyndic, kid: str) -> None:
    with world.application.app_context(), transaction():
        keys.revoke(syndics.get(syndic.slug).id, kid)


def test_a_client_that_took_the_keys_just_before_a_rotation_verifies_everything_for_their_life(world: World) -> None:
    syndic = world.syndic()
    browser, party = signed_in(syndic)
    party.fetch_keys()
    before = party.fetched
    rotate(world, syndic)
    end = party.believed_until
    while clock.now() < end - timedelta(seconds=20):
        party.sign_in_silently(browser)
        later(timedelta(seconds=55))
    assert party.fetched == before, "it had no reason to ask again"


def test_a_rotation_is_complete_and_withdraws_the_old_keys_only_after_their_last_token(world: World) -> None:
    syndic = world.syndic()
    browser, party = signed_in(syndic)
    old = party.fetch_keys()
    rotate(world, syndic)
    later(lifetimes.PUBLISHED_AHEAD - timedelta(seconds=20))
    last = party.sign_in_silently(browser)
    assert kid_of(last["id_token"]) in old, "before its time a next key signs nothing"
    later(timedelta(seconds=30))
    new = party.sign_in_silently(browser)
    assert not {kid_of(new["id_token"]), kid_of(new["access_token"])} & old, "both algorithms have moved on"
    later(timedelta(seconds=565))
    assert old < party.fetch_keys(), "an ID token lives ten minutes, and its key as long"
    party.believe(last["id_token"])
    later(timedelta(seconds=325))
    assert not old & party.fetch_keys(), "then only the new ones are published"
    party.sign_in_silently(browser)


def test_an_id_token_serves_as_a_logout_hint_after_two_rotations_and_a_year(world: World) -> None:
    syndic = world.syndic()
    browser, party = signed_in(syndic)
    first = party.sign_in_silently(browser)
    take_over(world, syndic)
    take_over(world, syndic)
    assert kid_of(first["id_token"]) not in party.fetch_keys(), "clients need the old key no more"
    left = party.leave(browser, first["id_token"])
    assert isinstance(left, Arrived), f"the hint is this session's own: nobody is asked. {left.text[:300]}"
    assert party.begin(browser, prompt="none").url.count("login_required") == 1, "and the session has ended"
    later(timedelta(days=365))
    tidy(world, syndic)
    assert isinstance(party.leave(Browser(), first["id_token"]), Arrived), "a year later it still says who asks"
    later(timedelta(days=60))
    tidy(world, syndic)
    eventually("a forgotten key proves nothing", lambda: party.leave(Browser(), first["id_token"]).status == 400)


@pytest.mark.parametrize("retired", [False, True])
def test_a_revoked_keys_tokens_are_refused_everywhere(world: World, retired: bool) -> None:
    syndic = world.syndic()
    browser, party = signed_in(syndic)
    if retired:
        rotate(world, syndic)
        later(lifetimes.PUBLISHED_AHEAD - timedelta(seconds=20))
    tokens = party.sign_in_silently(browser)
    if retired:
        later(timedelta(seconds=30))
    access, hint = tokens["access_token"], tokens["id_token"]
    assert party.userinfo(access).status_code == 200
    assert party.introspect(access)["active"]
    revoke(world, syndic, kid_of(access))
    assert party.userinfo(access).status_code == 401, "refused at the very next request"
    assert not party.introspect(access)["active"]
    assert kid_of(hint) in party.fetch_keys(), "the other algorithm's key is not touched"
    revoke(world, syndic, kid_of(hint))
    eventually("no page trusts the hint", lambda: party.leave(Browser(), hint).status == 400)
    again = party.begin(browser, prompt="none", id_token_hint=hint)
    assert "login_required" in again.url, "and it chooses no account"
    assert not {kid_of(access), kid_of(hint)} & party.fetch_keys(), "no client finds them any more"
    fresh = party.sign_in_silently(browser)
    assert party.userinfo(fresh["access_token"]).status_code == 200, "fresh keys sign at once, and the session lives"


def test_a_revoked_key_costs_no_client_more_than_a_look_at_the_key_set(world: World) -> None:
    """The picture of the process that answers is an old one in each of these requests."""
    syndic = world.syndic()
    browser, party = signed_in(syndic)
    for _ in range(3):
        page = party.begin(browser, prompt="none")
        for kid in party.fetch_keys():
            revoke(world, syndic, kid)
        answer = party.redeem(party.code(page))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        await_published(party, {kid_of(told["id_token"]), kid_of(told["access_token"])})
        party.believe(told["id_token"])
        party.believe(told["access_token"])


@pytest.fixture
def operator(postgres: EmbeddedPostgres, database: str, world: World) -> Operator:  # noqa: ARG001 - the server runs
    """Somebody at a terminal of the machine whose web server the tests ask."""
    queue = os.environ["TROUSSEAU_TEST_REDIS"]
    return Operator(
        {**os.environ, "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database), "TROUSSEAU_REDIS_URL": queue}
    )


def test_an_operator_rotates_lists_and_revokes(operator: Operator, world: World) -> None:
    syndic, other = world.syndic(accounts=0), world.syndic(accounts=0)
    here = ("--syndic", syndic.slug)
    party = BelievingParty(syndic)
    first = party.fetch_keys()
    made = json.loads(operator.run("keys", "rotate", *here))
    assert {key["alg"] for key in made} == set(ALGORITHMS)
    assert all(key["changed"] for key in made)
    again = json.loads(operator.run("keys", "rotate", *here, "--alg", "ES256"))
    assert [(key["kid"], key["changed"]) for key in again] == [
        (key["kid"], False) for key in made if key["alg"] == "ES256"
    ]
    listed = json.loads(operator.run("keys", "list", *here))
    assert {key["kid"]: key["state"] for key in listed} == {
        **dict.fromkeys(first, "active"),
        **{key["kid"]: "next" for key in made},
    }
    times = {"created_at", "signs_from", "signs_until", "revoked_at"}
    assert all(times <= key.keys() for key in listed)
    active = next(key["kid"] for key in listed if (key["state"], key["alg"]) == ("active", "RS256"))
    assert "no key" in operator.run("keys", "revoke", "--syndic", other.slug, active, fails=True)
    assert party.fetch_keys() >= {active}, "another syndic's operator has changed nothing here"
    (revoked,) = json.loads(operator.run("keys", "revoke", *here, active))
    await_published(party, {revoked["successor"]})
    assert active not in party.fetch_keys()
    (twice,) = json.loads(operator.run("keys", "revoke", *here, active))
    assert (twice["changed"], twice["revoked_at"]) == (False, revoked["revoked_at"])
    assert "The ledger is whole" in operator.run("ledger", "verify")
