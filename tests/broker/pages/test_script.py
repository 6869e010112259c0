"""What the pages do better with a script, and that they do without it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.broker.pages.conftest import Gallery

pytestmark = pytest.mark.browser
LOOK_EVERY_MS = 5000
HURRIED_CLICKS = """form => {
    const prevented = [];
    document.addEventListener("submit", event => { prevented.push(event.defaultPrevented); event.preventDefault(); });
    form.requestSubmit();
    form.requestSubmit();
    return prevented;
}"""


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A browser that runs no script."""
    context = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def timed(chromium: Browser) -> Iterator[Page]:
    """A browser whose clock the test moves."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def _wait_here(page: Page, gallery: Gallery) -> None:
    """Open the waiting page, and have it look at a state that the test moves."""
    page.clock.install()
    page.goto(gallery.of("waiting"))
    page.locator("[data-poll]").evaluate("section => { section.dataset.poll = '/poll'; }")


def test_the_password_can_be_seen_and_hidden_again(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.of("login"))
    field = page.get_by_label("Mot de passe", exact=True)
    page.get_by_role("button", name="Afficher le mot de passe").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Masquer le mot de passe").click()
    expect(field).to_have_attribute("type", "password")


def test_without_a_script_no_button_is_shown_that_would_do_nothing(plain: Page, gallery: Gallery) -> None:
    plain.goto(gallery.of("login"))
    expect(plain.get_by_role("button", name="Connexion")).to_be_visible()
    expect(plain.get_by_text("Afficher le mot de passe")).to_be_hidden()


def test_who_clicks_twice_sends_once(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.of("review"))
    prevented = page.locator("form").evaluate(HURRIED_CLICKS)
    assert prevented == [False, True], "the first click must send the form, and the second must not"


def test_enter_in_the_password_field_continues_and_asks_for_no_proposal(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.of("profile"))
    page.locator("form").evaluate("form => { form.action = '/received'; }")
    page.get_by_label("Mot de passe", exact=True).press("Enter")
    page.wait_for_url("**/received")
    assert "action" not in gallery.received[-1], "Enter pressed « Proposer un mot de passe »"


def test_the_waiting_page_follows_its_mail_and_moves_on_by_itself(timed: Page, gallery: Gallery) -> None:
    gallery.moved_on.clear()
    _wait_here(timed, gallery)
    timed.clock.fast_forward(LOOK_EVERY_MS)
    expect(timed.get_by_text("Nous avons envoyé un mail")).to_be_visible()
    gallery.moved_on.set()
    timed.clock.fast_forward(LOOK_EVERY_MS)
    timed.wait_for_url("**/gallery/done")


def test_the_waiting_page_stays_while_the_code_is_being_typed(timed: Page, gallery: Gallery) -> None:
    gallery.moved_on.set()
    _wait_here(timed, gallery)
    code = timed.get_by_label("Code reçu par e-mail")
    code.fill("1234")
    with timed.expect_response("**/gallery/done"):
        timed.clock.fast_forward(LOOK_EVERY_MS)
    code.press("5")
    expect(code).to_have_value("12345")
    code.fill("")
    timed.clock.fast_forward(LOOK_EVERY_MS)
    timed.wait_for_url("**/gallery/done")


def test_the_mail_can_be_sent_again_once_its_wait_is_over(timed: Page, gallery: Gallery) -> None:
    timed.clock.install()
    timed.goto(gallery.of("waiting"))
    again = timed.get_by_role("button", name="Renvoyer le mail")
    expect(again).to_be_disabled()
    timed.clock.fast_forward(10_000)
    expect(timed.get_by_text("Possible dans 32 s")).to_be_visible()
    timed.clock.fast_forward(33_000)
    expect(again).to_be_enabled()


def test_without_a_script_the_waiting_page_refreshes_until_it_is_asked_to_stop(plain: Page, gallery: Gallery) -> None:
    plain.goto(gallery.of("waiting"))
    expect(plain.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "10")
    expect(plain.get_by_role("link", name="Arrêter l'actualisation pour saisir le code")).to_be_visible()
    plain.goto(gallery.of("waiting") + "&pause=1")
    expect(plain.locator("meta[http-equiv=refresh]")).to_have_count(0)


def test_the_answer_to_an_extranet_is_posted_by_itself(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.of("form-post"))
    page.wait_for_url("**/received")
    assert gallery.received[-1] == {"code": "c", "state": "s", "iss": "https://i"}, "the answer must arrive as it is"


def test_without_a_script_a_button_posts_the_answer(plain: Page, gallery: Gallery) -> None:
    plain.goto(gallery.of("form-post"))
    plain.get_by_role("button", name="Continuer").click()
    plain.wait_for_url("**/received")
    assert gallery.received[-1] == {"code": "c", "state": "s", "iss": "https://i"}, "the answer must arrive as it is"


def test_accounts_are_found_while_one_types_whatever_case_and_accents(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.of("accounts-many"))
    field, shown = page.get_by_label("Rechercher un compte"), page.locator("#accounts a.entry")
    field.press_sequentially("OEIL")
    expect(shown.locator("visible=true")).to_have_text(["Bâtiment Œillet"])
    expect(page.locator("#accounts section").locator("visible=true")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("1 compte trouvé.")
    field.fill("lot 3")
    expect(shown.locator("visible=true")).to_have_text(["Lot 3"])
    field.fill("rien de tel")
    expect(page.get_by_role("status")).to_have_text("Aucun compte trouvé.")
    field.fill("")
    expect(shown.locator("visible=true")).to_have_count(9)
    expect(page.get_by_role("status")).to_be_empty()
