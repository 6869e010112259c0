"""What was shown is what is accepted: in two tabs, at once, meanwhile, in either language, and at whichever door."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.browser import Arrived, Browser
from tests.journeys.publishing import (
    HEADING,
    TICKED,
    accept,
    evidence_of,
    owner_of_an_account,
    publish,
)
from tests.journeys.steps import (
    PASSWORD,
    associate,
    confirm_by_link,
    email_sign_in,
    legacy_sign_in,
    until_waiting,
)
from tests.journeys.terms_readers import LOGIN, at_the_portal, sign_in_at
from tests.relying_party import RelyingParty
from tests.world import World


def test_a_second_tab_and_a_second_click_accept_nothing_twice(world: World) -> None:
    syndic, email = owner_of_an_account(world, "onglets")
    publish(world, syndic)
    party, page = sign_in_at(syndic, email)
    second = page.browser.get(page.url)
    before = len(evidence_of(world, email))
    party.complete(accept(page))
    accept(second)
    assert len(evidence_of(world, email)) == before + 1, "one acceptance is one entry"


def test_ten_clicks_at_once_accept_once(world: World) -> None:
    syndic, email = owner_of_an_account(world, "dixclics")
    publish(world, syndic)
    pages = [at_the_portal(world, email) for _ in range(3)]
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
    _, page = sign_in_at(syndic, first)
    sign_in_at(syndic, second, page.browser)
    before = len(evidence_of(world, second))
    refused = page.submit("Continuer", **TICKED)
    assert "Relisez-les" in refused.alert, "the page that was shown to somebody else is refused"
    assert len(evidence_of(world, second)) == before


def test_a_text_published_between_showing_and_accepting_is_shown_first(world: World) -> None:
    syndic, email = owner_of_an_account(world, "entretemps")
    publish(world, syndic)
    party, page = sign_in_at(syndic, email)
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
    _, french = sign_in_at(syndic, email)
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
    party, page = sign_in_at(syndic, email)
    page.follow("English")
    party.complete(accept(page))
    assert [text["locale"] for text in evidence_of(world, email)[-1].body["texts"]] == ["fr"]


def test_a_silent_sign_in_of_a_session_that_stood_before_is_not_interrupted(world: World) -> None:
    syndic, email = owner_of_an_account(world, "silencieux")
    browser = Browser()
    party, page = sign_in_at(syndic, email, browser)
    party.complete(page)
    publish(world, syndic)
    again = RelyingParty(syndic)
    assert again.complete(again.begin(browser)).id_claims["acr"] == "password", "the next interactive sign-in asks"
    assert sign_in_at(syndic, email, browser)[1].heading == HEADING


def test_a_reset_while_the_page_waits_ends_that_sign_in(world: World) -> None:
    syndic, email = owner_of_an_account(world, "oubli")
    publish(world, syndic)
    _, page = sign_in_at(syndic, email)
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
    party, page = sign_in_at(syndic, email, browser)
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
    browser = at_the_portal(world, email).browser
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
