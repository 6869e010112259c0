"""What an operator changes counts from the next request on, in every process, and no statement is made for that alone.

Here the one process is this one, whose pictures grow old while the change is made as another process makes it.
"""

from collections.abc import Callable, Iterator

import httpx2
import pytest
from flask import Flask
from joserfc import jws

from config import secrets
from config.database import transaction
from config.embedded.postgres import EmbeddedPostgres
from tenants.clients import registry
from tenants.clients import service as clients
from tenants.syndics import service as syndics
from tests.broker.oidc.owners import OFFLINE, Owner, owner
from tests.broker.oidc.relayed import relayed
from tests.broker.oidc.round_trips import RoundTrips
from tests.browser import Arrived, Browser
from tests.client_key import ClientKey
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty
from tests.world import World

ELSEWHERE = "http://127.0.0.1:9999/elsewhere"
OWN = {"grant_types": ["authorization_code", "refresh_token", "client_credentials"]}


def _own(party: RelyingParty) -> httpx2.Response:
    return party.ask("token_endpoint", {"grant_type": "client_credentials"})


def test_a_new_secret_works_and_the_old_one_does_not_from_the_next_request_on(world: World) -> None:
    person = owner(world)
    party, thief = person.party(), person.party()
    body = person.tokens(party)
    code = person.code(party)
    party.syndic.client_secret = "a-new-secret-of-an-operator"
    thief.syndic = world.client(person.syndic)
    thief.syndic.client_id, thief.syndic.client_secret = party.syndic.client_id, "the-old-one"
    world.change_client(thief.syndic, secret_digest=secrets.digest("the-old-one"))
    assert thief.introspect(body["access_token"])["active"] is True
    world.change_client(party.syndic, secret_digest=secrets.digest("a-new-secret-of-an-operator"))
    refused = [thief.refresh(body["refresh_token"]), thief.redeem(code), _own(thief), thief.push()]
    refused.append(thief.ask("introspection_endpoint", {"token": body["access_token"]}))
    refused.append(thief.revoke(body["access_token"]))
    for answer in refused:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert party.redeem(code).status_code == 200, "the old secret has not used the code up"
    assert party.refresh(body["refresh_token"]).status_code == 200, "nor the refresh token"
    assert party.userinfo(body["access_token"]).status_code == 200, "nor ended anything"


@pytest.mark.parametrize("endpoint", ["token", "refresh", "introspection", "revocation", "par", "own"])
def test_each_endpoint_refuses_an_old_secret_on_its_first_request(world: World, endpoint: str) -> None:
    syndic = world.client(world.syndic(accounts=0), **OWN)
    party = RelyingParty(syndic)
    asks: dict[str, Callable[[], httpx2.Response]] = {
        "token": lambda: party.redeem("x"),
        "refresh": lambda: party.refresh("x"),
        "introspection": lambda: party.ask("introspection_endpoint", {"token": "x"}),
        "revocation": lambda: party.revoke("x"),
        "par": party.push,
        "own": lambda: _own(party),
    }
    ask = asks[endpoint]
    assert ask().json().get("error") != "invalid_client"
    world.change_client(syndic, secret_digest=secrets.digest("changed"))
    assert ask().json()["error"] == "invalid_client"
    party.syndic.client_secret = "changed"
    assert ask().json().get("error") != "invalid_client"
    world.change_client(syndic, secret_digest=secrets.digest("changed again"))
    party.syndic.client_secret = "changed again"
    assert ask().json().get("error") != "invalid_client", "what would have been a refusal is asked again"


def test_a_revocation_by_an_old_secret_ends_nothing(world: World) -> None:
    person = owner(world)
    party = person.party()
    body = person.tokens(party)
    world.change_client(person.syndic, secret_digest=secrets.digest("changed"))
    refused = party.revoke(body["refresh_token"])
    assert refused.status_code == 401
    party.syndic.client_secret = "changed"
    assert party.refresh(body["refresh_token"]).status_code == 200, "who only knows the old secret ends nothing"


def test_a_redirect_uri_counts_from_its_registration_to_its_withdrawal(world: World) -> None:
    person = owner(world)
    asked = person.party()
    for browser in (person.browser, Browser()):
        assert asked.begin(browser, redirect_uri=ELSEWHERE).status == 400
        world.change_client(person.syndic, redirect_uris=[person.syndic.redirect_uri, ELSEWHERE])
        page = asked.begin(browser, redirect_uri=ELSEWHERE)
        assert isinstance(page, Arrived) or page.heading == "Mon compte immobilier", "registered a moment ago"
        assert asked.push(redirect_uri=ELSEWHERE).status_code == 201
        world.change_client(person.syndic, redirect_uris=[person.syndic.redirect_uri])
        page = asked.begin(browser, redirect_uri=ELSEWHERE)
        assert not isinstance(page, Arrived), "no code goes to an address that was withdrawn a moment ago"
        assert page.status == 400
        assert asked.push(redirect_uri=ELSEWHERE).status_code == 400


def test_a_suspended_clients_tokens_open_nothing_from_the_next_request_on(world: World) -> None:
    person = owner(world)
    other = person.party(world.client(person.syndic))
    party = person.party()
    body, own_code = person.tokens(party), person.code(party)
    pushed = party.pushed()
    assert party.userinfo(body["access_token"]).status_code == 200
    world.change_client(person.syndic, status="suspended")
    assert party.userinfo(body["access_token"]).status_code == 401, "its access tokens"
    assert other.introspect(body["access_token"]) == {"active": False}, "to whoever asks"
    assert party.redeem(own_code).json()["error"] == "invalid_client"
    for address in (party.address(), party.address(prompt="none"), pushed):
        page = person.browser.get(address)
        assert not isinstance(page, Arrived), "nobody is sent to a suspended client"
        assert page.status == 400
    assert other.code(other.begin(person.browser)), "its neighbour goes on"


def test_a_request_that_waits_goes_nowhere_once_its_client_is_suspended(world: World) -> None:
    person = owner(world)
    waiting = person.party().begin(Browser())
    asked = person.party().begin(person.browser, prompt="consent")
    world.change_client(person.syndic, status="suspended")
    page = sign_in(waiting, person.syndic.accounts[1].identifier, person.syndic.accounts[1].password)
    assert "code" not in getattr(page, "query", {})
    assert page.status < 500
    registry.forget()  # pages that are no protocol endpoints may be a second behind
    page = asked.submit("Annuler")
    assert "error" not in getattr(page, "query", {}), "no answer to a suspended client"
    assert page.status < 500


def test_a_request_that_waits_survives_a_change_made_meanwhile(world: World) -> None:
    person = owner(world)
    party = person.party()
    page = party.begin(person.browser, prompt="login")
    for name in ("Un nom", "Un autre", "Un troisième"):
        world.change_client(person.syndic, client_name=name)
        resumed = person.browser.get(page.url.replace("/login?", "/resume?"))
        assert resumed.status == 200, f"an old picture is taken anew, and is no failure: {resumed.text[:200]}"


def test_a_new_signing_key_of_a_client_works_at_once_and_the_old_one_no_more(world: World) -> None:
    old, new = ClientKey(), ClientKey()
    fields = {"token_endpoint_auth_method": "private_key_jwt", "jwks": old.jwks, **OWN}
    syndic = world.client(world.syndic(accounts=0), **fields)
    party = RelyingParty(syndic, old)
    assert _own(party).status_code == 200
    world.change_client(syndic, jwks=new.jwks)
    assert _own(party).json()["error"] == "invalid_client"
    party.key = new
    assert _own(party).status_code == 200
    world.change_client(syndic, jwks=old.jwks)
    party.key = old
    assert _own(party).status_code == 200, "what would have been a refusal is asked again"


def test_what_a_client_must_do_changes_at_once_too(world: World) -> None:
    person = owner(world)
    party = person.party()
    assert party.code(party.begin(person.browser))
    world.change_client(person.syndic, require_pushed_authorization_requests=True)
    assert getattr(party.begin(person.browser), "query", {}).get("error") == "invalid_request"
    world.change_client(person.syndic, require_pushed_authorization_requests=False, dpop_bound_access_tokens=True)
    code = person.code(party)
    assert party.redeem(code).json()["error"] == "invalid_request", "a proof is owed"
    world.change_client(person.syndic, dpop_bound_access_tokens=False, grant_types=["authorization_code"])
    assert party.refresh("x").json()["error"] == "unauthorized_client"
    assert party.redeem(code).status_code == 200, "no refusal has used the code up"


def test_a_suspended_syndic_answers_nothing_from_the_next_request_on(world: World) -> None:
    person = owner(world)
    party = person.party()
    body, code = person.tokens(party), person.code(party)
    assert party.userinfo(body["access_token"]).status_code == 200
    with world.application.app_context(), transaction():
        row = syndics.get(person.syndic.slug)
        row.status = "suspended"
        syndics.touch(row.id)
    assert party.userinfo(body["access_token"]).status_code in {401, 404}
    assert party.redeem(code).status_code == 404
    assert party.refresh(body["refresh_token"]).status_code == 404
    assert party.begin(person.browser).status == 404


def test_a_new_key_of_the_syndic_signs_at_once(world: World) -> None:
    person = owner(world)
    party = person.party()
    person.tokens(party)
    with world.application.app_context(), transaction():
        row = syndics.get(person.syndic.slug)
        kid = clients.add_key(row, "RS256").kid
    tokens = party.complete(party.begin(person.browser))
    assert _kid(tokens.id_token) == kid


def _kid(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


class Counted:
    """The broker in a process of its own would do this: its database behind a relay that counts."""

    def __init__(self, person: Owner, application: Flask, trips: RoundTrips) -> None:
        self.person, self.trips = person, trips
        self.http = httpx2.Client(transport=httpx2.WSGITransport(app=application), follow_redirects=False)
        self.http.cookies.update(person.browser.http.cookies)
        self.party = RelyingParty(person.syndic)
        self.party.http = self.http

    def authorize(self, **extra: str) -> httpx2.Response:
        return self.http.get(self.party.address(scope=OFFLINE, **extra))

    def code(self) -> str:
        return str(httpx2.URL(self.authorize().headers["location"]).params["code"])

    def __call__(self, act: str) -> int:
        """How many round trips one such request makes, once the process is warm."""
        body = self.party.redeem(self.code()).json()
        code = self.code()
        acts: dict[str, Callable[[], httpx2.Response]] = {
            "authorize": self.authorize,
            "token": lambda: self.party.redeem(code),
            "refresh": lambda: self.party.refresh(body["refresh_token"]),
            "userinfo": lambda: self.party.userinfo(body["access_token"]),
            "introspection": lambda: self.party.ask("introspection_endpoint", {"token": body["access_token"]}),
        }
        before = self.trips.count
        answer = acts[act]()
        assert answer.status_code in {200, 302}, answer.text
        return self.trips.count - before


@pytest.fixture
def counting(world: World, postgres: EmbeddedPostgres, database: str) -> Iterator[Counted]:
    """A broker that is warm: it has answered everything before, so its statements are prepared."""
    with relayed(postgres, database) as (application, trips):
        made = Counted(owner(world), application, trips)
        for act in ("authorize", "token", "refresh", "userinfo", "introspection"):
            made(act)
        yield made
        made.http.close()


@pytest.mark.parametrize(
    ("act", "promised"), [("authorize", 2), ("token", 1), ("refresh", 1), ("userinfo", 1), ("introspection", 1)]
)
def test_a_sign_in_asks_the_database_as_rarely_as_promised(counting: Counted, act: str, promised: int) -> None:
    assert counting(act) == promised, f"{act}: round trips to PostgreSQL"


def test_the_relay_counts_what_is_asked(counting: Counted) -> None:
    before = counting.trips.count
    assert counting.authorize(redirect_uri="https://elsewhere.example/").status_code == 400
    assert counting.trips.count - before >= 1, "a refusal without a statement of its own is compared before it leaves"
