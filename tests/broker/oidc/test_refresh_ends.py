"""What ends a family of refresh tokens: logout, a new password, the link, the trust, the syndic, time."""

from broker.identities.models import Identity, Link
from config.database import transaction
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.broker.oidc.families import family, given, is_refused
from tests.broker.oidc.owners import OFFLINE, owner
from tests.browser import Browser
from tests.journeys.steps import associate, legacy_sign_in
from tests.relying_party import RelyingParty
from tests.world import World


def test_a_legacy_sign_in_gives_no_offline_access(world: World) -> None:
    syndic = world.syndic()
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0], scope=OFFLINE)
    body = given(party.redeem(party.code(page)))
    assert "refresh_token" not in body
    assert "offline_access" not in body["scope"].split()


def test_a_logout_ends_it(world: World) -> None:
    person, party, first = family(world)
    hint = {"id_token_hint": first["id_token"]}
    person.browser.get(party.metadata["end_session_endpoint"], params=hint)
    is_refused(party.refresh(first["refresh_token"]), "logged out")


def test_a_new_password_ends_it(world: World) -> None:
    person, party, first = family(world)
    page = party.begin(Browser(), prompt="login").follow("Mot de passe oublié ?")
    page.submit("Envoyer le lien", **{"Adresse e-mail": person.email})
    world.work()
    fresh = {"Adresse e-mail": person.email, "Nouveau mot de passe": "nuage-girafe-bouton-soleil"}
    assert Browser().get(world.mailed_link(person.email)).submit("Enregistrer", **fresh).status == 200
    is_refused(party.refresh(first["refresh_token"]), "the identity's epoch has risen")
    assert party.userinfo(first["access_token"]).status_code == 401


def test_the_end_of_the_link_ends_it(world: World) -> None:
    person, party, first = family(world)
    with world.application.app_context(), transaction() as work:
        identity = work.query(Identity).filter_by(email=person.email).one()
        work.query(Link).filter_by(identity_id=identity.id).one().state = "ended"
    is_refused(party.refresh(first["refresh_token"]), "unlinked")
    assert party.userinfo(first["access_token"]).status_code == 401


def test_the_end_of_the_trust_that_it_rests_on_ends_it_and_nothing_else(world: World) -> None:
    home, partner = world.syndic(), world.syndic()
    world.trust(home.slug, partner.slug)
    person = owner(world, home)
    associate(world, partner, partner.accounts[0], person.email)
    own, crossed = RelyingParty(home), RelyingParty(partner)
    at_home = person.tokens(own)
    elsewhere = person.tokens(crossed)
    elsewhere = given(crossed.refresh(elsewhere["refresh_token"]))
    with world.application.app_context(), transaction():
        trust.deny(syndics.get(partner.slug).id, syndics.get(home.slug).id)
    is_refused(crossed.refresh(elsewhere["refresh_token"]), "the sign-in took place where trust has ended")
    assert given(own.refresh(at_home["refresh_token"])), "at home it goes on"


def test_a_suspended_client_gets_nothing_and_goes_on_once_it_is_active_again(world: World) -> None:
    _, party, first = family(world)
    world.change_client(party.syndic, status="suspended")
    refused = party.refresh(first["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    world.change_client(party.syndic, status="active")
    assert given(party.refresh(first["refresh_token"])), "the refusal has used nothing up"


def test_a_suspended_syndic_gives_nothing(world: World) -> None:
    person, party, first = family(world)
    world.suspend(person.syndic)
    assert party.refresh(first["refresh_token"]).status_code == 404, "the issuer is not there"


def test_a_token_waits_thirty_days_for_its_use_and_not_longer(world: World) -> None:
    person, party, first = family(world)
    world.later(days=29)
    second = given(party.refresh(first["refresh_token"]))
    assert party.introspect(second["refresh_token"])["active"] is True
    world.later(days=29)
    third = given(party.refresh(second["refresh_token"]))
    world.later(days=31)
    is_refused(party.refresh(third["refresh_token"]), "idle")
    assert person.email
