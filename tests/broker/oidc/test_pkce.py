"""PKCE (RFC 7636): S256 or nothing, required unless the registration says otherwise, and never taken off."""

import base64
import hashlib
import secrets

import pytest

from tests.broker.oidc.owners import Owner, shared
from tests.browser import Arrived
from tests.relying_party import RelyingParty
from tests.world import World


def _without(person: Owner) -> RelyingParty:
    return person.party(person.world.client(person.syndic, require_pkce=False))


NONE = {"code_challenge": "", "code_challenge_method": ""}


def _is_refused(party: RelyingParty, code: str, verifier: str, why: str) -> None:
    answer = party.redeem(code, code_verifier=verifier)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), f"{why}: {answer.text}"
    assert party.redeem(code).json()["error"] == "invalid_grant", f"{why}: the failed redemption has cost the code"


def test_only_a_client_registered_without_it_may_go_without_it(world: World) -> None:
    person = shared(world, __name__)
    exempt = _without(person)
    code = person.code(exempt, **NONE)
    assert exempt.redeem(code, code_verifier="").status_code == 200
    page = person.party().begin(person.browser, **NONE)
    assert isinstance(page, Arrived)
    assert page.query["error"] == "invalid_request"


def test_a_challenge_that_was_given_must_be_met_even_where_none_is_required(world: World) -> None:
    person = shared(world, __name__)
    for verifier, why in (("", "no verifier"), ("x" * 43, "a wrong one")):
        party = _without(person)
        _is_refused(party, person.code(party), verifier, why)


def test_a_verifier_without_a_challenge_is_a_downgrade_and_refused(world: World) -> None:
    person = shared(world, __name__)
    party = _without(person)
    _is_refused(
        party, person.code(party, **NONE), party.verifier, "RFC 9700 section 2.1.1: the challenge was taken off"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S512"},
        {"code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge": "x" * 42},
        {"code_challenge": "x" * 129},
        {"code_challenge": "é" * 43},
        {"code_challenge": "=" * 43},
    ],
    ids=str,
)
@pytest.mark.parametrize("required", [True, False])
def test_every_other_method_and_every_malformed_challenge_goes_back(
    world: World, changes: dict[str, str], required: bool
) -> None:
    person = shared(world, __name__)
    party = person.party() if required else _without(person)
    page = party.begin(person.browser, **changes)
    assert isinstance(page, Arrived), page.text[:200]
    assert (page.query["error"], page.query["state"]) == ("invalid_request", party.state)
    assert party.push(**changes).json()["error"] == "invalid_request"


@pytest.mark.parametrize("length", [43, 128])
def test_the_shortest_and_the_longest_verifier_work(world: World, length: int) -> None:
    person = shared(world, __name__)
    party = person.party()
    party.verifier = ("-._~" + secrets.token_urlsafe(128))[:length]
    assert party.redeem(person.code(party)).status_code == 200


@pytest.mark.parametrize("verifier", ["", "x" * 43, "x" * 42, "x" * 129, "challenge", "\n"])
def test_the_verifier_must_be_the_challenges_own(world: World, verifier: str) -> None:
    person = shared(world, __name__)
    party = person.party()
    digest = hashlib.sha256(party.verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    shown = {"challenge": challenge, "\n": party.verifier + "\n"}.get(verifier, verifier)
    _is_refused(party, person.code(party), shown, "RFC 7636 section 4.6")
