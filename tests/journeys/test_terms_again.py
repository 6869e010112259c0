"""New material terms: asked for in full at the next sign-in, of whom they bind, once, and never to be gone around."""

import pytest

from config.embedded.postgres import EmbeddedPostgres
from tenants.audit.models import PLATFORM
from tests.browser import Arrived, Browser
from tests.journeys.publishing import (
    HEADING,
    accept,
    evidence_of,
    owner_of_an_account,
    platform_version,
    publish,
)
from tests.journeys.steps import (
    associate,
    email_sign_in,
    legacy_sign_in,
)
from tests.journeys.terms_readers import LOGIN, at_the_portal, sign_in_at
from tests.relying_party import RelyingParty
from tests.world import World


def test_a_syndics_new_terms_are_shown_in_full_and_accepted_before_the_sign_in_goes_on(world: World) -> None:
    syndic, email = owner_of_an_account(world, "relu")
    version = publish(world, syndic)
    party, page = sign_in_at(syndic, email)
    assert page.heading == HEADING
    assert f"Texte fr de {version}." in page.text, "the text stands there in full"
    assert syndic.name in page.text, "it says whose terms they are"
    assert "s'appliquent depuis le" in page.text, "it says since when they are new"
    printed = page.follow("Imprimer")
    assert f"Texte fr de {version}." in printed.text, "the same text can be printed"
    assert printed.follow("Revenir à l'étape en cours").heading == HEADING
    tokens = party.complete(accept(page))
    assert tokens.id_claims["acr"] == "password", "the sign-in goes on where it was going"
    assert email_sign_in(syndic, email).id_claims["acr"] == "password", "and nobody is asked twice"


def test_a_later_version_says_when_the_one_before_was_accepted(world: World) -> None:
    syndic, email = owner_of_an_account(world, "depuis")
    publish(world, syndic)
    accept(sign_in_at(syndic, email)[1])
    publish(world, syndic)
    _, page = sign_in_at(syndic, email)
    assert f"Les conditions de {syndic.name} ont changé depuis le" in page.text


def test_the_acceptance_stands_in_the_syndics_chain_with_what_was_shown(world: World) -> None:
    syndic, email = owner_of_an_account(world, "preuve")
    version = publish(world, syndic)
    accept(sign_in_at(syndic, email)[1])
    newest = evidence_of(world, email)[-1]
    assert newest.chain != PLATFORM, "a syndic's text stands in the syndic's chain"
    assert [(text["version"], text["locale"]) for text in newest.body["texts"]] == [(version, "fr")]
    assert set(newest.body["personal"]) == {"email", "network"}, "personal values stand there as salted hashes"
    assert "127.0.0" not in str(newest.body)
    assert email not in str(newest.body)
    world.ledger_is_whole()


def test_without_the_tick_nothing_goes_on(world: World) -> None:
    syndic, email = owner_of_an_account(world, "sanscoche")
    publish(world, syndic)
    _, page = sign_in_at(syndic, email)
    again = page.submit("Continuer")
    assert again.heading == HEADING
    assert "cochez la case" in again.alert


@pytest.mark.parametrize("way", ["resume", "account", "silent", "portal"])
def test_nobody_goes_around_the_page(world: World, way: str) -> None:
    syndic, email = owner_of_an_account(world, f"detour{way}")
    publish(world, syndic)
    party, page = sign_in_at(syndic, email)
    browser = page.browser
    if way == "resume":
        handle = page.url.rpartition("r%3D")[2]
        assert browser.get(f"{syndic.issuer}/resume?r={handle}").heading == LOGIN
    elif way == "account":
        assert browser.get(f"{world.base}/account/accounts").heading == LOGIN
    elif way == "portal":
        assert browser.get(f"{world.base}/").heading == LOGIN
    else:
        arrived = party.begin(browser, prompt="none")
        assert isinstance(arrived, Arrived)
        assert arrived.query["error"] == "login_required"
    assert evidence_of(world, email, "terms.accepted")[-1].body.get("association"), "nothing was accepted anew"
    assert party.complete(accept(browser.get(page.url))).id_claims["acr"] == "password", "the page still waits"


def test_terms_that_are_not_material_ask_nobody(world: World) -> None:
    syndic, email = owner_of_an_account(world, "detail")
    publish(world, syndic, material=False)
    assert email_sign_in(syndic, email).id_claims["acr"] == "password"


def test_a_version_on_top_of_a_material_one_is_what_is_shown_and_accepting_it_is_enough(world: World) -> None:
    syndic, email = owner_of_an_account(world, "dessus")
    publish(world, syndic)
    newest = publish(world, syndic, material=False)
    party, page = sign_in_at(syndic, email)
    assert f"Texte fr de {newest}." in page.text
    party.complete(accept(page))
    assert email_sign_in(syndic, email).id_claims["acr"] == "password"


def test_a_syndics_terms_ask_only_who_holds_an_account_there_and_only_there_or_at_the_portal(world: World) -> None:
    one, other = world.syndic(), world.syndic()
    world.trust(one.slug, other.slug)
    email = f"deux@{one.slug}.example"
    associate(world, one, one.accounts[0], email)
    associate(world, other, other.accounts[0], email)
    _, stranger = owner_of_an_account(world, "ailleurs")
    version = publish(world, other)
    assert email_sign_in(one, email).id_claims["acr"] == "password", "another syndic's terms are not asked for here"
    assert at_the_portal(world, stranger).heading == "Mes comptes", "nor of a person who has no account there"
    page = at_the_portal(world, email)
    assert f"Texte fr de {version}." in page.text, "the portal opens accounts of every syndic"
    assert accept(page).heading == "Mes comptes"
    assert email_sign_in(other, email).id_claims["acr"] == "password", "what was accepted there counts here"


def test_the_platforms_terms_ask_everywhere_once_and_stand_in_the_platforms_chain(
    world: World, postgres: EmbeddedPostgres, database: str
) -> None:
    syndic, email = owner_of_an_account(world, "partout")
    with platform_version(world, postgres, database) as version:
        own = publish(world, syndic)
        page = at_the_portal(world, email)
        assert page.text.index(version) < page.text.index(own), "the platform's come first, both on one page"
        assert "Les conditions de Trousseau ont changé depuis le" in page.text
        assert accept(page).heading == "Mes comptes"
        chains = [entry.chain for entry in evidence_of(world, email)[-2:]]
        assert chains[0] == PLATFORM != chains[1]
        assert email_sign_in(syndic, email).id_claims["acr"] == "password"
        later = associate(world, syndic, syndic.accounts[1], f"nouveau@{syndic.slug}.example")
        assert later.get(f"{world.base}/account/accounts").heading == "Mes comptes", "who accepted at B5 is not asked"
    world.ledger_is_whole()


def test_whoever_does_not_accept_leaves_and_is_asked_again(world: World) -> None:
    syndic, email = owner_of_an_account(world, "plustard")
    publish(world, syndic)
    _, page = sign_in_at(syndic, email)
    assert page.submit("Me déconnecter").heading == "Vous êtes déconnecté"
    assert RelyingParty(syndic).begin(page.browser).heading == LOGIN
    assert page.browser.get(page.url).heading == LOGIN, "the page of terms is nobody's now"
    assert sign_in_at(syndic, email)[1].heading == HEADING


def test_a_legacy_sign_in_is_not_asked(world: World) -> None:
    syndic = world.syndic()
    publish(world, syndic)
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert party.complete(page).id_claims["acr"] == "legacy"
