"""New material terms: asked for in full at the next sign-in, of whom they bind, once, and never to be gone around."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from config.embedded.postgres import EmbeddedPostgres
from tenants.audit.models import PLATFORM
from tests.browser import Arrived, Browser, Page
from tests.journeys.publishing import (
    HEADING,
    TICKED,
    accept,
    evidence_of,
    owner_of_an_account,
    platform_version,
    publish,
)
from tests.journeys.steps import (
    PASSWORD,
    associate,
    confirm_by_link,
    email_sign_in,
    legacy_sign_in,
    sign_in,
    until_waiting,
)
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

LOGIN = "Mon compte immobilier"


def _sign_in_at(syndic: TestSyndic, email: str, browser: Browser | None = None) -> tuple[RelyingParty, Page]:
    party = RelyingParty(syndic)
    return party, sign_in(party.begin(browser or Browser(), prompt="login"), email, PASSWORD)


def _at_the_portal(world: World, email: str) -> Page:
    return sign_in(Browser().get(f"{world.base}/login?next=/account/accounts"), email, PASSWORD)


def test_a_syndics_new_terms_are_shown_in_full_and_accepted_before_the_sign_in_goes_on(world: World) -> None:
    syndic, email = owner_of_an_account(world, "relu")
    version = publish(world, syndic)
    party, page = _sign_in_at(syndic, email)
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
    accept(_sign_in_at(syndic, email)[1])
    publish(world, syndic)
    _, page = _sign_in_at(syndic, email)
    assert f"Les conditions de {syndic.name} ont changé depuis le" in page.text


def test_the_acceptance_stands_in_the_syndics_chain_with_what_was_shown(world: World) -> None:
    syndic, email = owner_of_an_account(world, "preuve")
    version = publish(world, syndic)
    accept(_sign_in_at(syndic, email)[1])
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
    _, page = _sign_in_at(syndic, email)
    again = page.submit("Continuer")
    assert again.heading == HEADING
    assert "cochez la case" in again.alert


@pytest.mark.parametrize("way", ["resume", "account", "silent", "portal"])
def test_nobody_goes_around_the_page(world: World, way: str) -> None:
    syndic, email = owner_of_an_account(world, f"detour{way}")
    publish(world, syndic)
    party, page = _sign_in_at(syndic, email)
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
    party, page = _sign_in_at(syndic, email)
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
    assert _at_the_portal(world, stranger).heading == "Mes comptes", "nor of a person who has no account there"
    page = _at_the_portal(world, email)
    assert f"Texte fr de {version}." in page.text, "the portal opens accounts of every syndic"
    assert accept(page).heading == "Mes comptes"
    assert email_sign_in(other, email).id_claims["acr"] == "password", "what was accepted there counts here"


def test_the_platforms_terms_ask_everywhere_once_and_stand_in_the_platforms_chain(
    world: World, postgres: EmbeddedPostgres, database: str
) -> None:
    syndic, email = owner_of_an_account(world, "partout")
    with platform_version(world, postgres, database) as version:
        own = publish(world, syndic)
        page = _at_the_portal(world, email)
        assert page.text.index(version) < page.text.index(own), "the platform's come first, both on one page"
        assert "Les conditions de Trousseau ont changé depuis le" in page.text
        assert accept(page).heading == "Mes comptes"
        chains = [entry.chain for entry in evidence_of(world, email)[-2:]]
        assert chains[0] == PLATFORM != chains[1]
        assert email_sign_in(syndic, email).id_claims["acr"] == "password"
        later = associate(world, syndic, syndic.accounts[1], f"nouveau@{syndic.slug}.example")
        assert later.get(f"{world.base}/account/accounts").heading == "Mes comptes", "who accepted at B5 is not asked"
    world.ledger_is_whole()


def test_a_second_tab_and_a_second_click_accept_nothing_twice(world: World) -> None:
    syndic, email = owner_of_an_account(world, "onglets")
    publish(world, syndic)
    party, page = _sign_in_at(syndic, email)
    second = page.browser.get(page.url)
    before = len(evidence_of(world, email))
    party.complete(accept(page))
    accept(second)
    assert len(evidence_of(world, email)) == before + 1, "one acceptance is one entry"


def test_ten_clicks_at_once_accept_once(world: World) -> None:
    syndic, email = owner_of_an_account(world, "dixclics")
    publish(world, syndic)
    pages = [_at_the_portal(world, email) for _ in range(3)]
    before = len(evidence_of(world, email))
    with ThreadPoolExecutor(6) as pool:
        headings = list(pool.map(lambda page: accept(page).heading, pages * 2))
    assert set(headings) == {"Mes comptes"}, "every one of them goes on"
    assert len(evidence_of(world, email)) == before + 1, "three browsers, six clicks, one acceptance"
    world.ledger_is_whole()


def test_one_persons_page_never_accepts_for_another_who_signed_in_meanwhile(world: World) -> None:
    syndic, first = owner_of_an_account(world, "avant")
    second = f"apres@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], second)
    publish(world, syndic)
    _, page = _sign_in_at(syndic, first)
    _sign_in_at(syndic, second, page.browser)
    before = len(evidence_of(world, second))
    refused = page.submit("Continuer", **TICKED)
    assert "Relisez-les" in refused.alert, "the page that was shown to somebody else is refused"
    assert len(evidence_of(world, second)) == before


def test_a_text_published_between_showing_and_accepting_is_shown_first(world: World) -> None:
    syndic, email = owner_of_an_account(world, "entretemps")
    publish(world, syndic)
    party, page = _sign_in_at(syndic, email)
    newer = publish(world, syndic)
    again = page.submit("Continuer", **TICKED)
    assert "Relisez-les" in again.alert
    assert f"Texte fr de {newer}." in again.text, "the page comes anew with what stands now"
    party.complete(accept(again))
    texts = evidence_of(world, email)[-1].body["texts"]
    assert [text["version"] for text in texts] == [newer], "what was shown is what is recorded"


def test_the_english_text_that_was_read_is_the_one_recorded_and_counts_in_french(world: World) -> None:
    syndic, email = owner_of_an_account(world, "anglais")
    version = publish(world, syndic)
    publish(world, syndic, locale="en", version=version)
    _, french = _sign_in_at(syndic, email)
    english = french.follow("English")
    assert f"Texte en de {version}." in english.text
    ticked = {"I have read and I accept these terms": "on"}
    assert english.heading == "Terms of Use"
    assert isinstance(english.submit("Continue", **ticked), Arrived)
    assert [text["locale"] for text in evidence_of(world, email)[-1].body["texts"]] == ["en"]
    assert email_sign_in(syndic, email).id_claims["acr"] == "password", "one version is one version in any language"


def test_the_page_in_french_stays_what_was_shown_where_the_language_changes_in_another_tab(world: World) -> None:
    syndic, email = owner_of_an_account(world, "langues")
    version = publish(world, syndic)
    publish(world, syndic, locale="en", version=version)
    party, page = _sign_in_at(syndic, email)
    page.follow("English")
    party.complete(accept(page))
    assert [text["locale"] for text in evidence_of(world, email)[-1].body["texts"]] == ["fr"]


def test_whoever_does_not_accept_leaves_and_is_asked_again(world: World) -> None:
    syndic, email = owner_of_an_account(world, "plustard")
    publish(world, syndic)
    _, page = _sign_in_at(syndic, email)
    assert page.submit("Me déconnecter").heading == "Vous êtes déconnecté"
    assert RelyingParty(syndic).begin(page.browser).heading == LOGIN
    assert page.browser.get(page.url).heading == LOGIN, "the page of terms is nobody's now"
    assert _sign_in_at(syndic, email)[1].heading == HEADING


def test_a_legacy_sign_in_is_not_asked(world: World) -> None:
    syndic = world.syndic()
    publish(world, syndic)
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert party.complete(page).id_claims["acr"] == "legacy"


def test_a_silent_sign_in_of_a_session_that_stood_before_is_not_interrupted(world: World) -> None:
    syndic, email = owner_of_an_account(world, "silencieux")
    browser = Browser()
    party, page = _sign_in_at(syndic, email, browser)
    party.complete(page)
    publish(world, syndic)
    again = RelyingParty(syndic)
    assert again.complete(again.begin(browser)).id_claims["acr"] == "password", "the next interactive sign-in asks"
    assert _sign_in_at(syndic, email, browser)[1].heading == HEADING


def test_a_reset_while_the_page_waits_ends_that_sign_in(world: World) -> None:
    syndic, email = owner_of_an_account(world, "oubli")
    publish(world, syndic)
    _, page = _sign_in_at(syndic, email)
    asked = Browser().get(f"{world.base}/forgotten")
    asked.submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    reset = Browser().get(world.mailed_link(email))
    values = {"Adresse e-mail": email, "Nouveau mot de passe": "girafe-moulin-cadran-soleil"}
    reset.submit("Enregistrer", **values)
    before = len(evidence_of(world, email))
    assert page.submit("Continuer", **TICKED).heading == LOGIN
    assert len(evidence_of(world, email)) == before, "a sign-in with the old password accepts nothing"


def test_terms_published_between_accepting_and_confirming_are_asked_for_after_confirming(world: World) -> None:
    syndic = world.syndic()
    email = f"b8@{syndic.slug}.example"
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0], acr_values="password", prompt="login")
    until_waiting(page, email)
    publish(world, syndic)
    page = confirm_by_link(world, Browser(), email)
    assert accept(page).heading == "Ce compte est associé"


def test_a_silent_sign_in_asks_the_database_nothing_about_terms(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    syndic, email = owner_of_an_account(world, "instantane")
    browser = Browser()
    party, page = _sign_in_at(syndic, email, browser)
    party.complete(page)
    sent: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *rest: Any, **options: Any) -> Any:
        sent.append(str(query))
        return execute(cursor, query, *rest, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    arrived = RelyingParty(syndic).begin(browser)
    monkeypatch.undo()
    assert isinstance(arrived, Arrived)
    statements = [each for each in sent if "SET " not in each[:4]]
    assert len(statements) == 2, f"the decision, and the grant with its code: {statements}"
    assert not [each for each in statements if "terms_versions" in each or "terms_acceptances" in each]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\t/evil.example", "/\\evil.example"]
)
def test_the_page_never_leads_to_another_site(world: World, elsewhere: str) -> None:
    syndic, email = owner_of_an_account(world, "ouvert")
    publish(world, syndic)
    browser = _at_the_portal(world, email).browser
    page = browser.get(f"{world.base}/terms", params={"next": elsewhere})
    assert page.heading == HEADING
    assert accept(page).url.startswith(world.base + "/account"), "an address of another site is not followed"
    answer = browser.http.get(f"{world.base}/terms", params={"next": elsewhere})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "ours",
    ["/", "/account/", "/t/agence/resume?r=a-_b", "/account/x?next=/t/agence/resume?r%3Da-_b", "/open/4f?a=b&c='d'"],
)
def test_the_page_leads_to_every_address_of_ours(world: World, ours: str) -> None:
    answer = Browser().http.get(f"{world.base}/terms", params={"next": ours})
    assert answer.headers["location"] == ours


def test_at_the_association_the_text_that_was_shown_is_the_one_recorded(world: World) -> None:
    syndic = world.syndic()
    email = f"b5@{syndic.slug}.example"
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0], acr_values="password", prompt="login")
    page = page.submit("Étape suivante")
    page = page.submit("Continuer", **{"Adresse e-mail": email})
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    version = publish(world, syndic, material=False)
    again = page.submit("Continuer", **TICKED)
    assert "Relisez-les" in again.alert
    assert f"Texte fr de {version}." in again.text
    assert accept(again).heading == "Vous êtes maintenant connecté"
    accept(again)
    confirm_by_link(world, Browser(), email)
    assert [text["version"] for entry in evidence_of(world, email) for text in entry.body["texts"]][1:] == [version]
    assert len(world.mails_to(email)) == 1, "accepting twice sends one mail"
