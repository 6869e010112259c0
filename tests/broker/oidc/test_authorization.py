"""Authorization codes: redeemed once, by whom and for what they were given (RFC 6749 §4.1, RFC 9700 §2.1)."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.broker.oidc.owners import owner, said, shared
from tests.browser import Arrived, Browser
from tests.relying_party import RelyingParty
from tests.world import World

SECOND = "http://127.0.0.1:9999/second?kept=1"


def _is_over(party: RelyingParty, code: str, why: str) -> None:
    answer = party.redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), f"{why}: {answer.text}"


def test_of_ten_redemptions_at_once_at_most_one_succeeds_and_what_it_gave_dies(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    code = person.code(party, scope="openid accounts offline_access")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: party.redeem(code), range(10)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) <= 1, "one UPDATE decides who was first"
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert {answer.status_code for answer in answers} <= {200, 400}
    for body in won:
        assert party.userinfo(body["access_token"]).status_code == 401, "RFC 6749 section 4.1.2"
        assert party.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
        assert party.introspect(body["access_token"]) == {"active": False}


def test_a_second_use_takes_back_the_refreshed_tokens_too(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    code = person.code(party, scope="openid offline_access")
    first = party.redeem(code).json()
    refreshed = party.refresh(first["refresh_token"]).json()
    world.later(minutes=30)
    _is_over(party, code, "used half an hour ago")
    assert party.refresh(refreshed["refresh_token"]).json()["error"] == "invalid_grant"


def test_another_client_of_the_same_syndic_that_holds_a_code_ends_it(world: World) -> None:
    person = shared(world, __name__)
    party, thief = person.party(), person.party(world.client(person.syndic))
    thief.verifier = party.verifier
    code = person.code(party)
    _is_over(thief, code, "another client's")
    _is_over(party, code, "a code in the wrong hands is worth nothing to anybody")


def test_another_syndics_endpoint_neither_takes_a_code_nor_ends_it(world: World) -> None:
    person, stranger = shared(world, __name__), RelyingParty(world.syndic(accounts=0))
    party = person.party()
    stranger.verifier = party.verifier
    code = person.code(party)
    _is_over(stranger, code, "another syndic's")
    assert party.redeem(code).status_code == 200, "issuers share nothing: not even the power to disturb"


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:9999/callback/", "https://evil.example/", SECOND])
def test_the_redirect_uri_must_be_the_requests_own(world: World, address: str) -> None:
    person = shared(world, __name__)
    client = world.client(person.syndic, redirect_uris=[person.syndic.redirect_uri, SECOND])
    party = person.party(client)
    code = person.code(party)
    refused = party.redeem(code, redirect_uri=address)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant"), refused.text
    _is_over(party, code, "a failed redemption has cost the code")


def test_an_answer_is_added_to_the_query_that_an_address_has(world: World) -> None:
    person = shared(world, __name__)
    party = person.party(world.client(person.syndic, redirect_uris=[SECOND]))
    page = party.begin(person.browser, redirect_uri=SECOND)
    assert isinstance(page, Arrived)
    assert page.query["kept"] == "1"
    assert page.url.count("?") == 1
    assert party.redeem(page.query["code"], redirect_uri=SECOND).status_code == 200


@pytest.mark.parametrize("code", ["", "x", "é", "A" * 43, "A" * 9000, "../..", '"'])
def test_a_code_that_is_none_is_refused(world: World, code: str) -> None:
    answer = RelyingParty(world.syndic(accounts=0)).redeem(code)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


def test_a_repeated_parameter_at_the_token_endpoint_is_refused_and_costs_no_code(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    code = person.code(party)
    values = {"grant_type": "authorization_code", "redirect_uri": person.syndic.redirect_uri, "code": [code, code]}
    login = (person.syndic.client_id, person.syndic.client_secret)
    refused = party.http.post(party.metadata["token_endpoint"], data=values, auth=login)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert party.redeem(code).status_code == 200


def test_what_stands_in_the_token_endpoints_address_counts_for_nothing(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    query = urlencode({"grant_type": "authorization_code", "code": person.code(party)})
    answer = party.http.post(f"{party.metadata['token_endpoint']}?{query}", data={"x": "y"})
    assert answer.status_code in {400, 401}, "RFC 6749 section 2.3.1: it may have been logged on its way"
    assert party.http.get(party.metadata["token_endpoint"]).status_code == 405


@pytest.mark.parametrize("name", ["state", "scope", "prompt", "nonce", "response_type", "code_challenge", "claims"])
def test_a_repeated_parameter_goes_back_as_an_error(world: World, name: str) -> None:
    person = shared(world, __name__)
    party = person.party()
    page = person.browser.get(f"{party.address()}&{name}=again")
    assert isinstance(page, Arrived), page.text[:300]
    assert (page.query["error"], page.query["iss"]) == ("invalid_request", person.syndic.issuer)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_address_redirects_nobody(world: World, name: str) -> None:
    person = shared(world, __name__)
    party = person.party()
    value = {"client_id": person.syndic.client_id, "redirect_uri": "https://evil.example/"}[name]
    page = person.browser.get(f"{party.address()}&{urlencode({name: value})}")
    assert not isinstance(page, Arrived)
    assert page.status == 400


def test_unknown_parameters_and_scopes_are_ignored(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    code = person.code(party, extra="foobar", scope="openid admin profile é openid", _pushed="yes", _answered="consent")
    body = party.redeem(code).json()
    assert body["scope"] == "openid profile", "RFC 6749 section 5.1 tells what was really granted"
    assert said(body["id_token"])["nonce"] == party.nonce


def test_a_client_has_only_its_registered_scopes(world: World) -> None:
    person = shared(world, __name__)
    party = person.party(world.client(person.syndic, scope="openid email"))
    body = party.redeem(person.code(party, scope="openid profile email accounts offline_access")).json()
    assert body["scope"] == "openid email"
    assert "refresh_token" not in body
    assert not {"name", "accounts"} & party.userinfo(body["access_token"]).json().keys()


def test_without_a_nonce_there_is_none_in_the_id_token(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    assert "nonce" not in said(party.redeem(person.code(party, nonce="")).json()["id_token"])


def test_the_hint_of_another_person_or_issuer_is_never_answered_with_this_one(world: World) -> None:
    person, other = shared(world, __name__), owner(world)
    party = person.party()
    own = party.redeem(person.code(party)).json()["id_token"]
    theirs = other.tokens(other.party())["id_token"]
    assert party.code(party.begin(person.browser, id_token_hint=own, prompt="none"))
    for hint in (theirs, own[:-4] + "AAAA", own.rpartition(".")[0] + ".", "x", "é.é.é"):
        page = party.begin(person.browser, id_token_hint=hint, prompt="none")
        assert isinstance(page, Arrived)
        assert page.query["error"] == "login_required", "OIDC Core section 3.1.2.1"
        assert party.begin(person.browser, id_token_hint=hint).heading == "Mon compte immobilier"


def test_an_expired_hint_still_says_who_is_meant(world: World) -> None:
    person = shared(world, __name__)
    party = person.party()
    own = party.redeem(person.code(party)).json()["id_token"]
    world.later(hours=2)
    again = person.party()
    assert again.code(again.begin(person.browser, id_token_hint=own, prompt="none"))


def test_two_plain_requests_in_two_tabs_each_get_their_own_answer(world: World) -> None:
    person = shared(world, __name__)
    browser = Browser()
    parties = [person.party() for _ in range(2)]
    pages = [party.begin(browser) for party in parties]
    account = person.syndic.accounts[1]
    values = {"Adresse e-mail ou identifiant": account.identifier, "Mot de passe": account.password}
    for party, page in zip(parties, pages, strict=True):
        assert (
            party.complete(page.submit("Connexion", **values)).userinfo["account"]["identifier"] == account.identifier
        )
