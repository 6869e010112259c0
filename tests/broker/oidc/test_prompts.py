"""`prompt=consent` and `prompt=select_account` (OIDC Core §3.1.2.1): the person answers, by buttons of plain forms."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Screen
from playwright.sync_api import expect, sync_playwright

from tests.broker.oidc.owners import Owner, owner, said
from tests.broker.pages.test_pages import AXE, RULES, SCHEMES
from tests.browser import Arrived, Browser, Page
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World

LOGIN = "Mon compte immobilier"


def _consent_heading(party: RelyingParty) -> str:
    return f"Continuer vers Extranet {party.syndic.name} ?"


def _two_accounts(world: World) -> Owner:
    """An owner of both accounts of a syndic."""
    syndic = world.syndic()
    email = f"proprietaire@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], email)
    return owner(world, syndic)


def _choices(page: Page) -> list[str]:
    return [" ".join(button.get_text(" ").split()) for button in page.soup.select("main form button[name=account]")]


def _opened(party: RelyingParty, page: Page) -> str:
    return str(party.complete(page).userinfo["account"]["identifier"])


def test_consent_says_what_will_be_seen_and_goes_on_by_its_button(world: World) -> None:
    person = owner(world)
    party = person.party()
    page = party.begin(person.browser, prompt="consent", scope="openid email offline_access")
    assert page.heading == _consent_heading(party)
    assert "votre adresse e-mail" in page.text
    assert "votre nom" not in page.text, "what was not asked for is not announced"
    assert "jusqu'à ce que vous vous déconnectiez" in page.text, "offline access is said"
    assert party.complete(page.submit("Continuer")).id_claims["acr"] == "password"
    again = person.party()
    assert again.begin(person.browser, prompt="consent").heading == _consent_heading(again), "asked each time"


def test_a_refusal_goes_back_as_access_denied_and_the_question_is_over(world: World) -> None:
    person = owner(world)
    party = person.party()
    asked = party.begin(person.browser, prompt="consent")
    page = asked.submit("Annuler")
    assert isinstance(page, Arrived), page.text[:300]
    assert (page.query["error"], page.query["state"]) == ("access_denied", party.state)
    assert page.query["iss"] == person.syndic.issuer
    late = asked.submit("Continuer")
    assert "code" not in getattr(late, "query", {}), "after a refusal no second thought in an old tab gives a code"
    assert late.status < 500


def test_a_request_by_form_post_is_refused_by_form_post(world: World) -> None:
    person = owner(world)
    party = person.party()
    page = party.begin(person.browser, prompt="consent", response_mode="form_post").submit("Annuler")
    values = {str(field["name"]): str(field["value"]) for field in page.soup.select("form#answer input")}
    assert (values["error"], values["state"], values["iss"]) == ("access_denied", party.state, person.syndic.issuer)


def test_in_two_tabs_one_request_gives_one_code(world: World) -> None:
    person = owner(world)
    party = person.party()
    one = party.begin(person.browser, prompt="consent")
    two = person.browser.get(one.url)
    assert party.code(one.submit("Continuer"))
    late = two.submit("Continuer")
    assert "code" not in getattr(late, "query", {})
    assert late.status < 500


def test_two_requests_in_two_tabs_are_answered_each_for_itself(world: World) -> None:
    person = owner(world)
    parties = [person.party() for _ in range(2)]
    pages = [party.begin(person.browser, prompt="consent") for party in parties]
    assert isinstance(pages[0].submit("Annuler"), Arrived)
    assert parties[1].code(pages[1].submit("Continuer")), "the other tab's question is still open"


@pytest.mark.parametrize("prompt", ["consent", "select_account"])
def test_an_answer_needs_the_forms_token(world: World, prompt: str) -> None:
    person = owner(world)
    party = person.party()
    page = party.begin(person.browser, prompt=prompt)
    forged = person.browser.post(page.url, {"answer": "continue", "account": "x"})
    assert forged.status == 400, "no other site answers for the person"
    assert not isinstance(forged, Arrived)
    again = person.browser.get(page.url)
    assert again.heading == page.heading, "the question is still open"


@pytest.mark.parametrize("prompt", ["consent", "select_account"])
def test_without_a_sign_in_the_login_page_comes_first_and_then_the_question(world: World, prompt: str) -> None:
    person = owner(world)
    party, browser = person.party(), Browser()
    page = party.begin(browser, prompt=prompt)
    assert page.heading == LOGIN
    page = sign_in(page, person.email, PASSWORD)
    page = page.submit("Continuer") if prompt == "consent" else _pick(page, person.syndic.accounts[0].identifier)
    assert party.complete(page).id_claims["acr"] == "password"


def _pick(page: Page, identifier: str) -> Page:
    names = [name for name in _choices(page) if identifier in name]
    assert names, f"the account {identifier} is offered: {page.text[:400]}"
    return page.submit(names[0])


def test_the_person_chooses_among_the_own_accounts_here(world: World) -> None:
    person = _two_accounts(world)
    one, two = (account.identifier for account in person.syndic.accounts)
    for wanted in (two, one, two):
        party = person.party()
        page = party.begin(person.browser, prompt="select_account")
        assert page.heading == "Mes comptes"
        assert len(_choices(page)) == 2
        assert _opened(party, _pick(page, wanted)) == wanted
    party = person.party()
    assert _opened(party, party.begin(person.browser)) == two, "the one last used here is opened next time"


def test_another_persons_account_is_none_of_the_choice(world: World) -> None:
    person = owner(world)
    browser = Browser()
    party, page = legacy_sign_in(browser, person.syndic, person.syndic.accounts[1])
    theirs = party.complete(page).userinfo["account"]
    mine = person.party()
    page = mine.begin(person.browser, prompt="select_account")
    assert not any(theirs["identifier"] in name for name in _choices(page))
    button = page.soup.select_one("main form button[name=account]")
    assert button is not None
    button["value"] = theirs["id"]
    opened = page.submit(_choices(page)[0])
    assert _opened(mine, opened) == person.syndic.accounts[0].identifier, "it acts as none: the own account opens"


def test_a_legacy_sign_in_chooses_its_only_account(world: World) -> None:
    syndic = world.syndic()
    account, browser = syndic.accounts[0], Browser()
    legacy_sign_in(browser, syndic, account)
    party = RelyingParty(syndic)
    page = party.begin(browser, prompt="select_account")
    assert page.heading == "Mes comptes", page.text[:300]
    assert _opened(party, _pick(page, account.identifier)) == account.identifier


def test_the_choice_is_that_of_the_sign_in_that_will_answer(world: World) -> None:
    person = owner(world)
    own, legacy = person.syndic.accounts
    world.later(seconds=60)
    legacy_sign_in(person.browser, person.syndic, legacy, prompt="login")
    party = person.party()
    page = party.begin(person.browser, prompt="select_account")
    names = _choices(page)
    for identifier in (own.identifier, legacy.identifier):
        if any(identifier in name for name in names):
            again = person.party()
            page = again.begin(person.browser, prompt="select_account")
            assert _opened(again, _pick(page, identifier)) == identifier, "the account that was clicked opens"


def test_both_questions_are_asked_and_both_answers_count(world: World) -> None:
    person = _two_accounts(world)
    wanted = person.syndic.accounts[1].identifier
    party = person.party()
    page = party.begin(person.browser, prompt="login consent select_account")
    page = _pick(sign_in(page, person.email, PASSWORD), wanted)
    assert page.heading == _consent_heading(party)
    assert _opened(party, page.submit("Continuer")) == wanted


def test_the_questions_may_be_pushed(world: World) -> None:
    person = owner(world)
    party = person.party()
    page = person.browser.get(party.pushed(prompt="consent"))
    assert page.heading == _consent_heading(party)
    assert party.complete(page.submit("Continuer")).id_claims["acr"] == "password"


@pytest.mark.parametrize("prompt", ["consent", "select_account"])
def test_the_questions_speak_the_language_that_was_asked_for(world: World, prompt: str) -> None:
    person = owner(world)
    texts = {}
    for language in ("fr", "en"):
        page = person.party().begin(person.browser, prompt=prompt, ui_locales=f"xx {language}-GB")
        html = page.soup.find("html")
        assert html is not None
        assert html["lang"] == language, "OIDC Core section 3.1.2.1: ui_locales"
        texts[language] = page.text
    assert texts["fr"] != texts["en"]
    if prompt == "consent":
        page = person.party().begin(person.browser, prompt=prompt, ui_locales="en")
        assert page.has("button", "Continue")
        assert page.has("button", "Cancel")


@pytest.mark.parametrize("path", ["consent", "choose"])
@pytest.mark.parametrize("handle", ["", "x", "é", "A" * 43, "A" * 5000])
def test_a_question_that_waits_for_nobody_starts_anew(world: World, path: str, handle: str) -> None:
    person = owner(world) if handle == "x" else None
    syndic = person.syndic if person else world.syndic(accounts=0)
    page = (person.browser if person else Browser()).get(f"{syndic.issuer}/{path}", params={"r": handle})
    assert page.status < 500
    assert "code" not in getattr(page, "query", {})


def test_another_issuers_question_is_none_here(world: World) -> None:
    person, other = owner(world), world.syndic(accounts=0)
    page = person.party().begin(person.browser, prompt="consent")
    moved = person.browser.get(page.url.replace(person.syndic.slug, other.slug))
    assert "Continuer" not in moved.heading
    assert person.syndic.name not in moved.text


def test_who_is_shown_the_question_is_who_answers_it(world: World) -> None:
    person, stranger = owner(world), Browser()
    party = person.party()
    page = party.begin(person.browser, prompt="consent")
    opened = stranger.get(page.url)
    answered = opened.submit("Continuer") if opened.has("button", "Continuer") else opened
    assert "code" not in getattr(answered, "query", {}), "a link to a question signs nobody in"
    claims = said(party.redeem(party.code(page.submit("Continuer"))).json()["id_token"])
    assert claims["acr"] == "password"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


def _press(screen: Screen, name: str, *, javascript: bool) -> None:
    """Press a button as somebody without a mouse does; without scripts nobody can ask where the focus is."""
    if not javascript:
        screen.get_by_role("button").filter(has_text=name).press("Enter")
        return
    for _ in range(40):
        screen.keyboard.press("Tab")
        if name in str(screen.evaluate("document.activeElement.innerText || ''")):
            screen.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard reaches the button {name!r}")


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_questions_are_answered_by_the_keyboard_alone(world: World, chromium: Chromium, javascript: bool) -> None:
    person = _two_accounts(world)
    party, wanted = person.party(), person.syndic.accounts[1].identifier
    context = chromium.new_context(
        java_script_enabled=javascript, locale="fr-FR", viewport={"width": 320, "height": 640}
    )
    cookies = [{"name": each.name, "value": each.value, "url": world.base} for each in person.browser.http.cookies.jar]
    context.add_cookies(cookies)  # type: ignore[arg-type]  # the same dictionaries
    screen = context.new_page()
    screen.goto(party.address(prompt="select_account consent"))
    expect(screen.get_by_role("heading", name="Mes comptes")).to_be_visible()
    _is_legible(screen, "choose", javascript=javascript)
    _press(screen, wanted, javascript=javascript)
    expect(screen.get_by_role("heading", name=_consent_heading(party))).to_be_visible()
    _is_legible(screen, "consent", javascript=javascript)
    with screen.expect_request("http://127.0.0.1:9999/**") as asked:
        _press(screen, "Continuer", javascript=javascript)
    assert "code=" in asked.value.url, "the browser lets the form end at the extranet (form-action)"
    context.close()


def _is_legible(screen: Screen, name: str, *, javascript: bool) -> None:
    """Nothing that axe finds fault with, by day and by night; and a picture, where somebody wants to look at it."""
    folder = os.environ.get("TROUSSEAU_SCREENSHOTS")
    for scheme in SCHEMES if javascript else ():
        screen.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        screen.evaluate(AXE)
        found = screen.evaluate("async options => (await axe.run(options)).violations", RULES)
        assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]
        if folder:
            screen.screenshot(path=f"{folder}/{name}-{scheme}.png", full_page=True)
