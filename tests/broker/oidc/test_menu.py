"""The menu of an owner's accounts for an extranet's own pages: what it lists, for whom, and what it never tells."""

import json
from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest

from broker.identities import service as identities
from broker.sessions.models import LoginSession
from config import clock, secrets
from config.database import transaction
from config.embedded.postgres import EmbeddedPostgres
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.broker.oidc.menus import SCOPE, Holder, asked, holder, signed_in
from tests.broker.oidc.owners import owner
from tests.broker.oidc.proofs import Prover
from tests.broker.oidc.relayed import relayed
from tests.browser import Browser
from tests.journeys.steps import associate, legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import World

MANY = 200
MOST = 4


def test_the_syndics_own_accounts_are_listed_by_the_ids_of_their_claims(world: World) -> None:
    person = owner(world)
    associate(world, person.syndic, person.syndic.accounts[1], person.email)
    party = person.party()
    signed = party.complete(party.begin(person.browser, scope="openid accounts"))
    answer = asked(person.syndic, signed.access_token)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store", "no browser and no proxy keeps it"
    listed = answer.json()
    assert [each["id"] for each in listed] == [each["id"] for each in signed.userinfo["accounts"]]
    assert {each["label"] for each in listed} == {"Appt 12"}
    assert [each["current"] for each in listed] == [True, False]
    assert [each["default"] for each in listed] == [True, False]
    about = {"name": person.syndic.name, "slug": person.syndic.slug, "logo_uri": None}
    assert all(each["syndic"] == about for each in listed)
    assert all(each["switch_uri"].startswith(f"{person.syndic.issuer}/switch/") for each in listed)
    assert {frozenset(each) for each in listed} == {
        frozenset({"id", "label", "syndic", "current", "default", "switch_uri"})
    }


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("purposes", [("link", "switch", "list"), ("link", "switch"), ("link",)])
def test_a_partners_accounts_are_listed_only_where_trust_allows_and_the_owner_said_so(
    world: World, shown: bool, purposes: tuple[str, ...]
) -> None:
    person = holder(world, shown=shown, purposes=purposes)
    listed = person.menu()
    assert len(person.at(person.home, listed)) == 1
    assert len(person.at(person.partner, listed)) == int(shown and "list" in purposes)


def test_listing_goes_one_way(world: World) -> None:
    person = holder(world, purposes=("link",))
    person.show(person.home)
    with world.application.app_context(), transaction():
        one, other = (syndics.get(each.slug).id for each in (person.home, person.partner))
        made = trust.propose(one, other, forward=["list"], backward=[], document="liste")
        trust.accept(made.id, other)
    assert person.at(person.partner), "the partner lets its accounts be listed here"
    there = signed_in(person.partner, person.owner.email)
    token = person.token(RelyingParty(person.partner), there)
    assert person.at(person.home, person.menu(token, person.partner)) == [], "and the other way nobody agreed"


def test_of_a_partners_account_nothing_is_told_but_what_its_owner_wrote(world: World) -> None:
    person = holder(world)
    person.named(person.home, "Chez moi")
    (entry,) = person.at(person.partner)
    assert entry["label"] == "Compte 1", "the partner's own words for it are the partner's"
    with world.application.app_context(), transaction():
        link = person.link(person.partner)
        known = [link.sub, str(link.id), str(link.account_id), str(link.identity_id), person.owner.email]
    known += [person.account_id(person.partner), "Appt 12", person.partner.accounts[0].identifier]
    told = json.dumps(person.menu(), ensure_ascii=False)
    assert [each for each in known if each in told] == []
    person.named(person.partner, "Studio de Belley")
    assert person.at(person.partner)[0]["label"] == "Studio de Belley"


def test_the_id_of_a_partners_account_is_made_for_this_client_and_session(world: World) -> None:
    person = holder(world)
    (first,) = person.at(person.partner)
    assert person.at(person.partner)[0]["id"] == first["id"], "the same as long as the session"
    other_client = RelyingParty(world.client(person.home))
    (there,) = person.at(person.partner, person.menu(person.token(other_client)))
    browser = signed_in(person.home, person.owner.email)
    (later,) = person.at(person.partner, person.menu(person.token(browser=browser)))
    assert len({first["id"], there["id"], later["id"], person.account_id(person.partner)}) == 4


def test_the_default_is_one_of_those_that_are_shown(world: World) -> None:
    person = holder(world)
    with world.application.app_context(), transaction():
        person.person().default_link_id = person.link(person.partner).id
    assert [each["default"] for each in person.menu()] == [False, True]
    person.hide(person.partner)
    assert [each["default"] for each in person.menu()] == [True], "no menu tells by its absence that there is more"


def test_a_partner_that_was_suspended_is_listed_no_more(world: World) -> None:
    person = holder(world)
    world.suspend(person.partner)
    assert [each["syndic"]["slug"] for each in person.menu()] == [person.home.slug]


def test_a_partner_whose_extranet_cannot_be_opened_is_listed_without_an_address(world: World) -> None:
    person = holder(world)
    world.change_client(person.partner, initiate_login_uri=None)
    assert person.at(person.partner)[0]["switch_uri"] is None


def test_a_sign_in_with_printed_codes_sees_its_one_account(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0], scope=SCOPE)
    (entry,) = asked(syndic, party.redeem(party.code(page)).json()["access_token"]).json()
    assert (entry["label"], entry["current"], entry["default"], entry["switch_uri"]) == ("Appt 12", True, True, None)


def _refused(answer: httpx2.Response, status: int, error: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert (f'error="{error}"' in challenge) if error else ("error" not in challenge)
    return challenge


def test_without_a_token_that_suffices_it_refuses_as_rfc_6750_says(world: World) -> None:
    person = owner(world)
    party = person.party()
    address = party.metadata["accounts_endpoint"]
    _refused(httpx2.get(address), 401, "")
    _refused(asked(person.syndic, "not-a-token"), 401, "invalid_token")
    narrow = party.redeem(person.code(party, scope="openid profile")).json()["access_token"]
    assert 'scope="accounts"' in _refused(asked(person.syndic, narrow), 403, "insufficient_scope")
    acting = RelyingParty(world.client(person.syndic, grant_types=["client_credentials", "authorization_code"]))
    own = acting.ask("token_endpoint", {"grant_type": "client_credentials"}).json()["access_token"]
    _refused(asked(person.syndic, own), 403, "insufficient_scope")
    good = person.tokens(person.party(), scope=SCOPE)["access_token"]
    _refused(asked(world.syndic(accounts=0), good), 401, "invalid_token")
    assert httpx2.post(address, data={"access_token": good}).status_code == 405, "it is read by GET alone"


def _log_out(person: Holder) -> None:
    page = person.browser.get(f"{person.home.issuer}/end_session")
    page.submit("Se déconnecter")


def _fall_asleep(person: Holder) -> None:
    """The token is not old; the session has not been used for too long."""
    with person.world.application.app_context(), transaction() as work:
        for row in work.query(LoginSession).filter_by(identity_id=person.person().id):
            row.seen_at = clock.now() - timedelta(hours=13)


def _suspend_client(person: Holder) -> None:
    person.world.change_client(person.home, status="suspended")


def _end_link(person: Holder) -> None:
    with person.world.application.app_context(), transaction():
        person.link(person.home).state = "ended"


@pytest.mark.parametrize("act", [_log_out, _fall_asleep, _suspend_client, _end_link])
def test_it_is_over_with_the_login_session_the_client_or_the_link(world: World, act: Callable[[Holder], None]) -> None:
    person = holder(world)
    token = person.token()
    assert person.menu(token)
    act(person)
    _refused(asked(person.home, token), 401, "invalid_token")


def test_a_bound_token_comes_with_the_proof_of_its_key_for_this_address(world: World) -> None:
    person = owner(world)
    prover = Prover(person.party())
    code = person.code(prover.party, scope=SCOPE)
    token = prover.party.redeem(code, prover.proof()).json()["access_token"]
    _refused(asked(person.syndic, token), 401, "invalid_token")
    assert prover.userinfo(token).status_code == 200
    prover.userinfo_endpoint = prover.party.metadata["accounts_endpoint"]
    assert prover.userinfo(token).json()[0]["current"] is True
    stolen = prover.userinfo(token, address=prover.party.metadata["userinfo_endpoint"])
    assert stolen.status_code == 401, "a proof for another address"
    assert 'error="invalid_dpop_proof"' in stolen.headers["www-authenticate"]


def test_two_hundred_accounts_cost_as_many_statements_as_one(
    world: World, postgres: EmbeddedPostgres, database: str
) -> None:
    person = holder(world)
    token = person.token()
    with relayed(postgres, database) as (application, trips):
        transport = httpx2.WSGITransport(app=application)
        with httpx2.Client(transport=transport, headers={"Authorization": f"Bearer {token}"}) as http:
            address = RelyingParty(person.home).metadata["accounts_endpoint"]
            costs = []
            for accounts in (1, MANY):
                _fill(person, accounts - 1)
                assert len(http.get(address).json()) == accounts + 1
                before = len(trips.statements)
                assert http.get(address).status_code == 200
                costs.append(trips.statements[before:])
    asked_for = [[each for each in cost if each not in {"BEGIN", "ROLLBACK"}] for cost in costs]
    assert len(asked_for[0]) == len(asked_for[1]) <= MOST, asked_for


def _fill(person: Holder, more: int) -> None:
    """More accounts of the same person at the partner."""
    with person.world.application.app_context(), transaction() as work:
        link, found = person.link(person.partner), person.person()
        first = work.get(LegacyAccount, link.account_id)
        assert first is not None
        for number in range(more):
            account = LegacyAccount(
                syndic_id=first.syndic_id, identifier=f"M{number}", holder="", label="", state="linked",
                imported_at=clock.now(),
            )  # fmt: skip
            work.add(account)
            work.flush()
            identities.tie(
                found, account, association_id=link.association_id, sub=secrets.token(), proofs=[], until=clock.now()
            )
