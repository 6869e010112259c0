"""The `http` legacy source of an extranet, over HTTP, with tokens as the broker signs them."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.demo.broker_stand_in import new_key
from tests.demo.conftest import Running
from tests.demo.test_sample_data import passwords

IDENTIFIER, PASSWORD = next(iter(passwords("passerose").items()))


def call(
    running: Running,
    route: str,
    body: dict[str, str] | None = None,
    *,
    key: str | None = None,
    token: str | None = None,
    claims: dict[str, object] | None = None,
) -> requests.Response:
    """A call with a good token, except for the claims that are changed; with a body it is a POST."""
    raw = json.dumps(body).encode() if body is not None else b""
    made = running.broker.connector_token(audience=f"{running.url}/legacy", body=raw, changed=claims)
    headers = {"Authorization": f"Bearer {token or made}"} | ({"Idempotency-Key": key} if key else {})
    method = "GET" if body is None else "POST"
    return requests.request(method, f"{running.url}/legacy/{route}", data=raw, headers=headers, timeout=10)


def verify(running: Running, identifier: str = IDENTIFIER, secret: str = PASSWORD) -> requests.Response:
    return call(running, "verify", {"identifier": identifier, "secret": secret})


def effects(running: Running) -> dict[str, int]:
    found: dict[str, int] = requests.get(f"{running.url}/legacy/effects", timeout=10).json()
    return found


def test_the_right_secret_gives_the_syndics_record_of_the_account(running: Running) -> None:
    answer = verify(running)
    assert answer.status_code == 200, f"the right secret is accepted, not {answer.text}"
    assert answer.json() == {
        "identifier": IDENTIFIER,
        "holder": "Mme Geneviève Lefèvre",
        "email": "genevieve.lefevre@courriel.example",
        "label": "Appt 5, 31 quai des Célestins",
    }, "the four documented values"


def test_a_wrong_secret_and_an_unknown_identifier_answer_alike(running: Running) -> None:
    wrong, unknown = verify(running, secret="FAUXCODE"), verify(running, identifier="PR99C9999")
    assert (wrong.status_code, unknown.status_code) == (401, 401), "neither is told from the other by status"
    assert wrong.content == unknown.content, "nor by the body"
    varying = {"Date"}
    assert {k: v for k, v in wrong.headers.items() if k not in varying} == {
        k: v for k, v in unknown.headers.items() if k not in varying
    }, "nor by the headers"


@pytest.mark.parametrize("secret", ["", "\0", "é" * 600])
def test_an_impossible_secret_is_a_wrong_one(running: Running, secret: str) -> None:
    assert verify(running, secret=secret).status_code == 401, "a secret that cannot be hashed is only wrong"


def test_an_identifier_is_found_however_it_is_typed(running: Running) -> None:
    assert verify(running, identifier=f"  {IDENTIFIER.lower()} ").status_code == 200, "case and spaces do not count"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 1},
        {"exp": int(time.time()) + 3600},
        {"exp": None},
        {"aud": "http://127.0.0.1:1/legacy"},
        {"iss": "http://127.0.0.1:1/t/passerose"},
        {"jti": None},
        {"jti": 7},
        {"body_sha256": "0" * 64},
        {"body_sha256": None},
    ],
    ids=["expired", "too long", "endless", "audience", "issuer", "no id", "odd id", "other body", "any body"],
)
def test_a_token_that_is_not_for_this_very_call_is_refused(running: Running, claims: dict[str, object]) -> None:
    answer = call(running, "verify", {"identifier": IDENTIFIER, "secret": PASSWORD}, claims=claims)
    assert answer.status_code == 401, f"a token with {claims} opened the source"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"], "a bad token is not taken for a wrong secret"


def test_a_token_works_once(running: Running) -> None:
    token = running.broker.connector_token(audience=f"{running.url}/legacy", body=b"")
    first = call(running, f"accounts/{IDENTIFIER}", token=token)
    again = call(running, f"accounts/{IDENTIFIER}", token=token)
    assert (first.status_code, again.status_code) == (200, 401), "a token that was seen is refused"


def test_a_token_signed_by_a_stranger_is_refused_even_under_a_known_key_id(running: Running) -> None:
    stranger, namesake = new_key(), new_key()
    assert call(running, f"accounts/{IDENTIFIER}", claims={"signed_by": stranger}).status_code == 401, (
        "an unpublished key"
    )
    own, running.broker.key = running.broker.key, namesake
    assert call(running, f"accounts/{IDENTIFIER}").status_code == 200, "a new key is fetched when it first appears"
    assert call(running, f"accounts/{IDENTIFIER}", claims={"signed_by": own}).status_code == 401, (
        "a withdrawn key is forgotten"
    )


@pytest.mark.parametrize("route", ["verify", "disable", "reissue"])
def test_no_call_works_without_a_token(running: Running, route: str) -> None:
    answer = requests.post(f"{running.url}/legacy/{route}", json={"identifier": IDENTIFIER}, timeout=10)
    assert answer.status_code == 401, f"{route} is open to everybody"
    assert requests.get(f"{running.url}/legacy/accounts/{IDENTIFIER}", timeout=10).status_code == 401


def test_a_disabled_account_is_refused_like_a_wrong_secret_and_says_its_state(running: Running) -> None:
    assert call(running, f"accounts/{IDENTIFIER}").json() == {"state": "active"}
    wrong = verify(running, secret="FAUXCODE")
    assert call(running, "disable", {"identifier": IDENTIFIER}, key="k1").status_code == 200
    after = verify(running)
    assert (after.status_code, after.content) == (wrong.status_code, wrong.content), "a retired secret is a wrong one"
    assert call(running, f"accounts/{IDENTIFIER}").json() == {"state": "disabled"}


def test_disabling_twice_with_one_key_has_one_effect_and_one_receipt(running: Running) -> None:
    def disable(_: int) -> requests.Response:
        return call(running, "disable", {"identifier": IDENTIFIER}, key="k1")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(disable, range(8)))
    assert {answer.status_code for answer in answers} == {200}, "a repetition is answered like the first"
    assert len({answer.content for answer in answers}) == 1, "with the same receipt and time"
    assert effects(running) == {IDENTIFIER: 1}, "and it took effect once"


def test_another_key_on_a_disabled_account_changes_nothing(running: Running) -> None:
    for key in ("k1", "k2"):
        assert call(running, "disable", {"identifier": IDENTIFIER}, key=key).status_code == 200
    assert effects(running) == {IDENTIFIER: 1}, "what is disabled is not disabled again"


def test_a_key_belongs_to_one_request_only(running: Running) -> None:
    other = list(passwords("passerose"))[1]
    call(running, "disable", {"identifier": IDENTIFIER}, key="k1")
    assert call(running, "disable", {"identifier": other}, key="k1").status_code == 422, "another account"
    assert call(running, "reissue", {"identifier": IDENTIFIER}, key="k1").status_code == 422, "another act"
    assert verify(running, other, passwords("passerose")[other]).status_code == 200, "the other account was not touched"


def test_a_reissued_secret_is_printed_once_and_the_old_one_stays_dead(running: Running) -> None:
    call(running, "disable", {"identifier": IDENTIFIER}, key="k1")
    receipts = [call(running, "reissue", {"identifier": IDENTIFIER}, key="k2") for _ in range(2)]
    assert receipts[0].json() == receipts[1].json(), "a repetition gives the same receipt"
    [letter] = requests.get(f"{running.url}/legacy/letters", timeout=10).json()
    assert letter["identifier"] == IDENTIFIER, "one letter is printed, for that account"
    assert letter["secret"] not in receipts[0].text, "the secret goes by letter only"
    assert verify(running, secret=letter["secret"]).status_code == 200, "the new secret works"
    assert verify(running).status_code == 401, "the retired one never does again"
    call(running, "disable", {"identifier": IDENTIFIER}, key="k3")
    assert effects(running) == {IDENTIFIER: 2}, "one effect for each secret"


@pytest.mark.parametrize(
    ("route", "body", "key", "status"),
    [
        ("verify", {"identifier": IDENTIFIER}, None, 400),
        ("disable", {"identifier": IDENTIFIER}, None, 400),
        ("disable", {"identifier": "PR99C9999"}, "k1", 404),
        ("reissue", {"identifier": "PR99C9999"}, "k1", 404),
        ("accounts/PR99C9999", None, None, 404),
        ("verify", {"identifier": IDENTIFIER, "secret": "x" * 5000}, None, 413),
    ],
)
def test_a_faulty_call_is_told_what_it_is(
    running: Running, route: str, body: dict[str, str] | None, key: str | None, status: int
) -> None:
    assert call(running, route, body, key=key).status_code == status, f"{route} with {body} should answer {status}"
