"""Back-channel logout: every extranet of a login session is told of its end, however it came, once, by a token."""

import threading
import time
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import text

from config.database import session, transaction
from tests.broker.oidc.receiver import BACK, Receiver, client_of, enter, enter_silently, log_out, receiving
from tests.browser import Arrived, Browser
from tests.journeys.steps import PASSWORD, associate, confirm_by_code, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty, Tokens
from tests.world import TestSyndic, World
from workers import lanes, leases

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OTHER_PASSWORD = "girafe-moulin-savon-trompette"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def partner_receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def test_discovery_says_that_both_channels_are_there_with_sessions(world: World) -> None:
    metadata = RelyingParty(world.syndic(accounts=0)).metadata
    promised = {
        name: value
        for name, value in metadata.items()
        if name.endswith(("_logout_supported", "_logout_session_supported"))
    }
    assert promised == {
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_the_logout_token_says_all_that_the_standard_asks_and_nothing_else(
    world: World, receiver: Receiver, alg: str
) -> None:
    client = client_of(world, world.syndic(), receiver, back=BACK, id_token_signed_response_alg=alg)
    browser = Browser()
    tokens = enter(client, browser)
    began = int(time.time())
    assert isinstance(log_out(client, browser, tokens), Arrived), "with no frame to load the browser goes back at once"
    world.work()
    assert len(receiver.posts) == 1, "the extranet is called once"
    assert receiver.posts[0].content_type == "application/x-www-form-urlencoded"
    keys = KeySet.import_key_set(httpx2.get(f"{client.issuer}/jwks").json())
    read = jwt.decode(receiver.posts[0].token, keys, algorithms=[alg])
    assert read.header == {"alg": alg, "typ": "logout+jwt", "kid": read.header["kid"]}, (
        "typed, so that it is taken for nothing else"
    )
    claims = dict(read.claims)
    jti, issued_at = claims.pop("jti"), claims.pop("iat")
    assert began <= issued_at <= time.time()
    assert len(jti) >= 22, "unguessable, and different each time"
    assert claims == {
        "iss": client.issuer,
        "aud": client.client_id,
        "sub": tokens.id_claims["sub"],
        "sid": tokens.id_claims["sid"],
        "exp": issued_at + 120,
        "events": {EVENT: {}},
    }, "no nonce, and the very sub and sid of the ID token"


def test_the_extranets_of_every_syndic_in_the_session_are_told_each_by_its_own_issuer(
    world: World, receiver: Receiver, partner_receiver: Receiver
) -> None:
    one, partner = world.syndic(), world.syndic()
    world.trust(one.slug, partner.slug)
    email = f"partout@{one.slug}.example"
    for syndic in (one, partner):
        associate(world, syndic, syndic.accounts[0], email)
    here, there = client_of(world, one, receiver, back=BACK), client_of(world, partner, partner_receiver, back=BACK)
    client_of(world, partner, partner_receiver, back="/never-entered")
    browser = Browser()
    tokens = _email_sign_in(here, browser, email)
    elsewhere = enter_silently(there, browser)
    still_in = _email_sign_in(here, Browser(), email).access_token
    log_out(here, browser, tokens)
    world.work()
    for client, heard, given in ((here, receiver, tokens), (there, partner_receiver, elsewhere)):
        (claims,) = heard.told(client)
        assert claims["iss"] == client.issuer, "each syndic speaks for itself"
        assert {name: claims[name] for name in ("sub", "sid", "aud")} == {
            name: given.id_claims[name] for name in ("sub", "sid", "aud")
        }
    assert len(partner_receiver.posts) == 1, "a client that was not in the session hears nothing"
    assert RelyingParty(here).userinfo(still_in).status_code == 200, "another browser's session goes on"


def _email_sign_in(client: TestSyndic, browser: Browser, email: str) -> Tokens:
    party = RelyingParty(client)
    return party.complete(sign_in(party.begin(browser), email, PASSWORD))


def test_the_portals_own_logout_tells_the_extranets(world: World, receiver: Receiver) -> None:
    syndic = world.syndic()
    email = f"portail@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    client = client_of(world, syndic, receiver, back=BACK)
    browser = Browser()
    tokens = _email_sign_in(client, browser, email)
    browser.get(f"{world.base}/account/accounts").submit("Se déconnecter")
    world.work()
    assert [claims["sid"] for claims in receiver.told(client)] == [tokens.id_claims["sid"]]


def test_a_password_reset_tells_the_extranets_of_every_browser(world: World, receiver: Receiver) -> None:
    syndic = world.syndic()
    email = f"oubli@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    client = client_of(world, syndic, receiver, back=BACK)
    given = {_email_sign_in(client, Browser(), email).id_claims["sid"] for _ in range(2)}
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    assert receiver.posts == [], "asking for a mail ends nothing"
    page = Browser().get(world.mailed_link(email))
    page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": OTHER_PASSWORD})
    world.work()
    assert {claims["sid"] for claims in receiver.told(client)} == given, "an intruder's extranet session ends too (R2)"
    assert len(receiver.posts) == 2, "each is told once"


def test_a_confirmed_association_ends_the_other_legacy_sign_ins_and_tells_their_extranet_only(
    world: World, receiver: Receiver
) -> None:
    syndic = world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    client, account = client_of(world, syndic, receiver, back=BACK), syndic.accounts[0]
    elsewhere = Browser()
    party, page = legacy_sign_in(elsewhere, client, account)
    tokens = party.complete(page.follow("Plus tard"))
    email = f"ici@{syndic.slug}.example"
    owner = Browser()
    begun, page = legacy_sign_in(owner, client, account)
    page = until_waiting(page, email)
    own = begun.complete(page.follow("Accéder à mon espace client"))
    confirm_by_code(world, owner.get(page.url), email)
    world.work()
    assert [claims["sid"] for claims in receiver.told(client)] == [tokens.id_claims["sid"]], (
        "who signed in with the printed code elsewhere is signed out at the extranet; the owner stays inside"
    )
    assert party.userinfo(tokens.access_token).status_code == 401
    assert begun.userinfo(own.access_token).status_code == 200


def test_ending_twice_tells_once_and_a_new_sign_in_has_a_sid_of_its_own(world: World, receiver: Receiver) -> None:
    client = client_of(world, world.syndic(), receiver, back=BACK)
    browser = Browser()
    first = enter(client, browser)
    for _ in range(2):
        log_out(client, browser, first)
        world.work()
    assert len(receiver.posts) == 1, "the second logout ends nothing, and tells nothing"
    second = enter(client, browser)
    assert second.id_claims["sid"] != first.id_claims["sid"], "a sid that was logged out is never used again"
    assert second.id_claims["sub"] == first.id_claims["sub"]
    log_out(client, browser, second)
    world.work()
    assert [claims["sid"] for claims in receiver.told(client)] == [first.id_claims["sid"], second.id_claims["sid"]]


def test_the_call_arrives_after_all_workers_were_dead(world: World, receiver: Receiver) -> None:
    client = client_of(world, world.syndic(), receiver, back=BACK)
    browser = Browser()
    log_out(client, browser, enter(client, browser))
    with world.application.app_context():
        held = lanes.take("logout.backchannel", leases.DUE)
        assert held is not None
        assert len(leases.claim("logout.backchannel", lane=held.name)) == 1, "a worker has it in hand when it dies"
    world.work()
    assert receiver.posts == [], "nobody else touches what may still be under way"
    world.later(hours=3)
    world.work()
    assert len(receiver.told(client)) == 1, "nothing is lost with a worker"


def test_an_extranet_that_fails_is_told_again_by_a_fresh_token(world: World, receiver: Receiver) -> None:
    client = client_of(world, world.syndic(), receiver, back=BACK)
    browser = Browser()
    receiver.answers = [(500, b"")]
    log_out(client, browser, enter(client, browser))
    world.work()
    assert len(receiver.posts) == 1
    world.later(minutes=5)
    world.work()
    world.later(hours=1)
    world.work()
    first, second = (call.token for call in receiver.posts)
    keys = KeySet.import_key_set(httpx2.get(f"{client.issuer}/jwks").json())
    before, after = (jwt.decode(token, keys, algorithms=["RS256"]).claims for token in (first, second))
    assert before["jti"] != after["jti"], "a token that was seen is a replay: each call has its own"
    assert after["iat"] >= before["iat"] + 300, "it is minted when it is sent, and so not yet expired"
    assert before["sid"] == after["sid"]


def test_a_hint_of_another_syndic_ends_nothing_and_tells_nobody(world: World, receiver: Receiver) -> None:
    one, other = world.syndic(), world.syndic()
    client = client_of(world, one, receiver, back=BACK)
    browser = Browser()
    tokens = enter(client, browser)
    refused = log_out(other, browser, tokens)
    world.work()
    assert refused.status == 400
    assert not isinstance(refused, Arrived)
    assert receiver.posts == []
    assert RelyingParty(client).userinfo(tokens.access_token).status_code == 200, "the session goes on"


def test_a_logout_that_is_posted_is_one_too(world: World, receiver: Receiver) -> None:
    client = client_of(world, world.syndic(), receiver, back=BACK)
    browser = Browser()
    tokens = enter(client, browser)
    values = {
        "id_token_hint": tokens.id_token,
        "post_logout_redirect_uri": "http://127.0.0.1:9999/logged-out",
        "state": "é&=" * 9,
    }
    without_cookies = httpx2.post(f"{client.issuer}/end_session", data=values)
    assert without_cookies.status_code == 303, "Lax cookies are absent on another site's POST: it becomes a GET"
    assert "set-cookie" not in without_cookies.headers, "and takes nothing away from the browser"
    left = browser.get(urljoin(client.issuer, without_cookies.headers["location"]))
    assert isinstance(left, Arrived)
    assert left.query == {"state": "é&=" * 9}
    world.work()
    assert len(receiver.told(client)) == 1


def test_a_request_of_another_site_that_bears_no_cookie_forgets_no_sign_in(world: World) -> None:
    syndic = world.syndic(accounts=0)
    answer = httpx2.post(f"{syndic.issuer}/end_session/confirmed")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers, "who brings no session has none taken away"


def test_a_client_that_comes_in_while_the_session_ends_is_told_as_well(world: World, receiver: Receiver) -> None:
    syndic = world.syndic()
    client, late = (client_of(world, syndic, receiver, back=f"{BACK}/{name}") for name in ("one", "late"))
    browser = Browser()
    tokens = enter(client, browser)
    leaving = threading.Thread(target=log_out, args=(client, browser, tokens))
    with world.application.app_context():
        with transaction() as work:
            values = {"sid": tokens.id_claims["sid"], "late": late.client_id, "new": "sid-" + late.client_id}
            work.execute(text(COMES_IN), values)
            leaving.start()
            _until_it_waits()
        leaving.join()
    world.work()
    assert sorted(call.path for call in receiver.posts) == [f"{BACK}/late", f"{BACK}/one"], (
        "whoever has a sid when the session ends hears of it"
    )


COMES_IN = """
INSERT INTO client_sessions (id, session_id, client_id, account_id, sid, sub, used_at)
SELECT gen_random_uuid(), cs.session_id, c.id, cs.account_id, :new, cs.sub, now()
FROM client_sessions cs, clients c WHERE cs.sid = :sid AND c.client_id = :late
"""
BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"


def _until_it_waits() -> None:
    deadline = time.monotonic() + 20
    while not session().scalar(text(BLOCKED)):
        assert time.monotonic() < deadline, "a logout was to wait for the client that is just coming in"
        time.sleep(0.02)
