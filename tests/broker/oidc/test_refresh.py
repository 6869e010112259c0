"""Refresh tokens: rotated, answered again for ten seconds, and dead as a family once a copy is used (RFC 9700)."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from broker.identities.models import Identity, Link
from config.database import transaction
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.broker.oidc.owners import OFFLINE, Owner, owner, said
from tests.browser import Browser
from tests.journeys.steps import associate, legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import World

GRACE_S = 10
Body = dict[str, Any]


def _given(answer: httpx2.Response) -> Body:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: Body = answer.json()
    return body


def _is_refused(answer: httpx2.Response, why: str, error: str = "invalid_grant") -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, error), f"{why}: {answer.status_code} {answer.text}"


def _family(world: World) -> tuple[Owner, RelyingParty, Body]:
    person = owner(world)
    party = person.party()
    return person, party, person.tokens(party)


def test_each_use_gives_new_tokens_and_the_sign_in_stays_the_same(world: World) -> None:
    _, party, first = _family(world)
    world.later(seconds=30)
    second = _given(party.refresh(first["refresh_token"]))
    third = _given(party.refresh(second["refresh_token"]))
    assert len({body["refresh_token"] for body in (first, second, third)}) == 3, "rotation"
    assert {body["token_type"] for body in (second, third)} == {"Bearer"}
    before, after = said(first["id_token"]), said(third["id_token"])
    for claim in ("iss", "aud", "sub", "sid", "auth_time", "acr", "amr"):
        assert after[claim] == before[claim], f"OIDC Core section 12.2: {claim} is that of the sign-in"
    assert after["iat"] >= before["iat"] + 30
    assert after.get("nonce") in {None, before["nonce"]}
    assert party.userinfo(third["access_token"]).json()["sub"] == before["sub"]
    assert third["scope"] == OFFLINE


def test_the_retry_of_a_lost_answer_gets_a_successor_that_works(world: World) -> None:
    _, party, first = _family(world)
    _given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S / 2)
    retried = _given(party.refresh(first["refresh_token"]))
    world.later(hours=1)
    again = _given(party.refresh(retried["refresh_token"]))
    assert party.userinfo(again["access_token"]).status_code == 200


def test_a_token_that_comes_back_later_ends_the_whole_family_at_once(world: World) -> None:
    _, party, first = _family(world)
    second = _given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    assert party.userinfo(second["access_token"]).status_code == 200
    _is_refused(party.refresh(first["refresh_token"]), "a copy")
    for body in (first, second):
        assert party.userinfo(body["access_token"]).status_code == 401, "its access tokens die with it, at once"
    _is_refused(party.refresh(second["refresh_token"]), "the successor")
    assert party.introspect(second["refresh_token"]) == {"active": False}


def test_an_ancestor_ends_the_family_even_within_ten_seconds(world: World) -> None:
    _, party, first = _family(world)
    second = _given(party.refresh(first["refresh_token"]))
    third = _given(party.refresh(second["refresh_token"]))
    _is_refused(party.refresh(first["refresh_token"]), "its successor has been used: no lost answer is retried")
    _is_refused(party.refresh(third["refresh_token"]), "the family")


def test_of_two_successors_of_one_retry_the_one_not_used_becomes_a_copy(world: World) -> None:
    _, party, first = _family(world)
    one, other = (_given(party.refresh(first["refresh_token"])) for _ in range(2))
    used = _given(party.refresh(one["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    _is_refused(party.refresh(other["refresh_token"]), "its sibling was used")
    _is_refused(party.refresh(used["refresh_token"]), "the family")


def test_twenty_refreshes_at_once_are_all_answered_and_stay_one_family(world: World) -> None:
    _, party, first = _family(world)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: party.refresh(first["refresh_token"]), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20, "within the grace each gets its successor"
    bodies = [answer.json() for answer in answers]
    assert len({body["refresh_token"] for body in bodies}) == 20
    world.later(seconds=GRACE_S + 1)
    _given(party.refresh(bodies[7]["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    _is_refused(party.refresh(bodies[3]["refresh_token"]), "one of them was used")
    for body in bodies:
        assert party.userinfo(body["access_token"]).status_code == 401, "one family: it dies as a whole"


def test_of_twenty_thieves_at_once_after_the_grace_nobody_gets_anything(world: World) -> None:
    _, party, first = _family(world)
    second = _given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: party.refresh(first["refresh_token"]), range(20)))
    assert {answer.status_code for answer in answers} == {400}
    _is_refused(party.refresh(second["refresh_token"]), "the family")


def test_nobody_elses_and_no_damaged_token_harms_the_family(world: World) -> None:
    person, party, first = _family(world)
    token = first["refresh_token"]
    neighbour = person.party(world.client(person.syndic))
    elsewhere = RelyingParty(world.syndic(accounts=0))
    for other in (neighbour, elsewhere):
        _is_refused(other.refresh(token), "another client's (this must not revoke or crash)")
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    flipped = []
    for position in range(len(raw)):
        raw[position] ^= 1 << position % 8
        flipped.append(base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
        raw[position] ^= 1 << position % 8
    damaged = [token[:-4], token[4:], token + "AAAA", token[:40], "x", "é", "=" * 5, ".", "A" * len(token), "A" * 9000]
    for text in (*damaged, *flipped, first["access_token"], first["id_token"]):
        _is_refused(party.refresh(text), f"not a token: {text[:20]}")
    assert _given(party.refresh(token))["refresh_token"], "nothing was used up, nothing was ended"


def test_a_scope_may_be_narrowed_and_comes_back_with_the_next_use(world: World) -> None:
    _, party, first = _family(world)
    narrow = _given(party.refresh(first["refresh_token"], scope="openid email"))
    assert narrow["scope"] == "openid email"
    told = party.userinfo(narrow["access_token"]).json()
    assert "email" in told
    assert not {"name", "account", "accounts"} & told.keys(), "the access token has the narrow scope"
    whole = _given(party.refresh(narrow["refresh_token"]))
    assert whole["scope"] == OFFLINE, "RFC 6749 section 6: the refresh token keeps the scope that was granted"
    assert "accounts" in party.userinfo(whole["access_token"]).json()


@pytest.mark.parametrize("scope", ["openid phone", "admin", "openid openid2", "openid\u00e9", 'openid "', "OPENID"])
def test_a_scope_that_was_never_granted_is_refused_and_uses_nothing_up(world: World, scope: str) -> None:
    person = _shared(world)
    party = person.party()
    first = person.tokens(party)
    _is_refused(party.refresh(first["refresh_token"], scope=scope), scope, "invalid_scope")
    second = _given(party.refresh(first["refresh_token"]))
    world.later(seconds=GRACE_S + 1)
    assert _given(party.refresh(second["refresh_token"]))


def test_without_the_grant_type_there_are_no_refresh_tokens(world: World) -> None:
    person = _shared(world)
    party = person.party(world.client(person.syndic, grant_types=["authorization_code"]))
    body = person.tokens(party)
    assert "refresh_token" not in body
    assert "offline_access" not in body["scope"].split()
    assert party.refresh("x").json()["error"] == "unauthorized_client"


def test_a_legacy_sign_in_gives_no_offline_access(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0], scope=OFFLINE)
    body = _given(party.redeem(party.code(page)))
    assert "refresh_token" not in body
    assert "offline_access" not in body["scope"].split()


def test_a_logout_ends_it(world: World) -> None:
    person, party, first = _family(world)
    hint = {"id_token_hint": first["id_token"]}
    person.browser.get(party.metadata["end_session_endpoint"], params=hint)
    _is_refused(party.refresh(first["refresh_token"]), "logged out")


def test_a_new_password_ends_it(world: World) -> None:
    person, party, first = _family(world)
    page = party.begin(Browser(), prompt="login").follow("Mot de passe oublié ?")
    page.submit("Envoyer le lien", **{"Adresse e-mail": person.email})
    world.work()
    fresh = {"Adresse e-mail": person.email, "Nouveau mot de passe": "nuage-girafe-bouton-soleil"}
    assert Browser().get(world.mailed_link(person.email)).submit("Enregistrer", **fresh).status == 200
    _is_refused(party.refresh(first["refresh_token"]), "the identity's epoch has risen")
    assert party.userinfo(first["access_token"]).status_code == 401


def test_the_end_of_the_link_ends_it(world: World) -> None:
    person, party, first = _family(world)
    with world.application.app_context(), transaction() as work:
        identity = work.query(Identity).filter_by(email=person.email).one()
        work.query(Link).filter_by(identity_id=identity.id).one().state = "ended"
    _is_refused(party.refresh(first["refresh_token"]), "unlinked")
    assert party.userinfo(first["access_token"]).status_code == 401


def test_the_end_of_the_trust_that_it_rests_on_ends_it_and_nothing_else(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    person = owner(world, home)
    associate(world, partner, partner.accounts[0], person.email)
    own, crossed = RelyingParty(home), RelyingParty(partner)
    at_home = person.tokens(own)
    elsewhere = person.tokens(crossed)
    elsewhere = _given(crossed.refresh(elsewhere["refresh_token"]))
    with world.application.app_context(), transaction():
        trust.deny(syndics.get(partner.slug).id, syndics.get(home.slug).id)
    _is_refused(crossed.refresh(elsewhere["refresh_token"]), "the sign-in took place where trust has ended")
    assert _given(own.refresh(at_home["refresh_token"])), "at home it goes on"


def test_a_suspended_client_gets_nothing_and_goes_on_once_it_is_active_again(world: World) -> None:
    _, party, first = _family(world)
    world.change_client(party.syndic, status="suspended")
    refused = party.refresh(first["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    world.change_client(party.syndic, status="active")
    assert _given(party.refresh(first["refresh_token"])), "the refusal has used nothing up"


def test_a_suspended_syndic_gives_nothing(world: World) -> None:
    person, party, first = _family(world)
    world.suspend(person.syndic)
    assert party.refresh(first["refresh_token"]).status_code == 404, "the issuer is not there"


def test_a_token_waits_thirty_days_for_its_use_and_not_longer(world: World) -> None:
    person, party, first = _family(world)
    world.later(days=29)
    second = _given(party.refresh(first["refresh_token"]))
    assert party.introspect(second["refresh_token"])["active"] is True
    world.later(days=29)
    third = _given(party.refresh(second["refresh_token"]))
    world.later(days=31)
    _is_refused(party.refresh(third["refresh_token"]), "idle")
    assert person.email


_owners: list[Owner] = []


def _shared(world: World) -> Owner:
    """One owner for tests that end nothing of the session."""
    if not _owners:
        _owners.append(owner(world))
    _owners[0].world = world
    return _owners[0]


class Theft(RuleBasedStateMachine):
    """A client and a thief with one family. Times are seconds since the sign-in."""

    def __init__(self, person: Owner) -> None:
        super().__init__()
        self.person, self.party = person, person.party()
        self.now = 0.0
        self._to(0)
        given = self.person.tokens(self.party)
        self.access = given["access_token"]
        self.held = {"client": given["refresh_token"], "thief": ""}
        self.thief_came = False
        self.over = False

    def _to(self, seconds: float) -> None:
        self.now += seconds
        self.person.world.later(seconds=seconds)

    def _use(self, who: str, *, lost: bool = False) -> bool:
        answer = self.party.refresh(self.held[who])
        assert answer.status_code in {200, 400}, answer.text
        if answer.status_code == 200 and not lost:
            self.held[who], self.access = answer.json()["refresh_token"], answer.json()["access_token"]
        return answer.status_code == 200

    @rule(lost=st.integers(0, 2), pause=st.floats(0, 2))
    def the_client_refreshes_and_may_lose_answers(self, lost: int, pause: float) -> None:
        for _ in range(lost):
            self._use("client", lost=True)
            self._to(pause)
        done = self._use("client")
        assert not (done and self.over), "what is over stays over"
        assert done or self.thief_came or self.over, "a client alone is never refused, whatever answers it loses"
        self.over = self.over or not done

    @rule()
    def a_thief_copies_the_clients_token(self) -> None:
        self.held["thief"] = self.held["client"]

    @precondition(lambda self: self.held["thief"])
    @rule()
    def the_thief_refreshes(self) -> None:
        self.thief_came = True
        done = self._use("thief")
        assert not (done and self.over), "what is over stays over"
        self.over = self.over or not done

    @rule(seconds=st.sampled_from([0.5, 4.0, GRACE_S + 1.0, 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self._to(seconds)

    @precondition(lambda self: self.now > 3600)
    @rule()
    def the_client_revokes(self) -> None:
        assert self.party.revoke(self.held["client"]).status_code == 200
        self.over = True

    def teardown(self) -> None:
        """Whatever happened: with time between them, the two never go on side by side."""
        went_on = []
        order = ["client", "thief"] if int(self.now) % 2 else ["thief", "client"]
        for who in order * 2:
            self._to(GRACE_S + 1)
            if self.held[who] and self._use(who):
                went_on.append(who)
        assert not (went_on and self.over), f"the family is dead, but {went_on} went on"
        if self.held["thief"]:
            assert len(went_on) <= 1, f"once both have come nobody goes on: {went_on}"
            assert self.party.userinfo(self.access).status_code == 401, "its access tokens die too"
        elif not self.over:
            assert went_on == ["client", "client"], "a client alone goes on"


def test_at_most_one_party_goes_on_once_a_stolen_token_was_used(world: World) -> None:
    person = _shared(world)

    class Here(Theft):
        def __init__(self) -> None:
            super().__init__(person)

    run_state_machine_as_test(Here, settings=settings(max_examples=30, stateful_step_count=12, deadline=None))
