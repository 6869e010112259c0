"""Every page works whole without JavaScript: what is shown can be used, and every form arrives with its fields."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.broker.pages.conftest import Gallery
from tests.broker.pages.gallery.every import LEAVING, WELL

pytestmark = pytest.mark.browser
ELSEWHERE = ("/elsewhere", "/received", "/gallery/")
"""Addresses that only the gallery knows."""
TYPED = {"email": "jeanne@orange.fr", "tel": "0123456789", "date": "2026-11-23", "number": "3"}


@pytest.fixture(scope="module")
def without(chromium: Browser) -> Iterator[BrowserContext]:
    """A visitor whose browser runs no script."""
    context = chromium.new_context(java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture(scope="module")
def plain(without: BrowserContext) -> Page:
    """That visitor's window; a new one for each test would cost a process each."""
    return without.new_page()


def _leads_somewhere(gallery: Gallery, address: str, method: str) -> bool:
    """Whether the application answers there, as far as its addresses tell."""
    parts = urlsplit(address)
    if parts.scheme in {"mailto", "tel"} or parts.path.startswith(ELSEWHERE):
        return True
    try:
        gallery.addresses.match(parts.path, method=method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


@pytest.mark.parametrize("name", [*WELL, *LEAVING])
def test_what_is_shown_can_be_used_and_every_form_arrives(plain: Page, gallery: Gallery, name: str) -> None:
    def stay(route: Route) -> None:
        """Answer what leaves the page so that the page stays."""
        if (
            route.request.url == gallery.of(name) and route.request.method == "GET"
        ) or not route.request.is_navigation_request():
            route.fallback()
        else:
            route.fulfill(status=204)

    plain.unroute_all()
    plain.route("**/*", stay)
    plain.goto(gallery.of(name))
    for link in plain.locator("a:visible").all():
        _leads(plain, gallery, name, link)
    for button in plain.locator("button:visible").all():
        works = button.get_attribute("type") == "submit" and button.locator("xpath=ancestor::form").count() == 1
        assert works, f"« {button.inner_text()} » of {name} does nothing without a script"
    for form in plain.locator("form").all():
        buttons = form.locator("button[type=submit]:visible").all()
        offered = buttons or not form.locator("input:visible, select:visible").count()
        assert offered, f"a form of {name} cannot be sent without a script"
        for button in buttons:
            if button.is_enabled():
                _fill(form)
                with plain.expect_request(lambda request: request.is_navigation_request()) as sent:
                    button.click()
                _arrived(gallery, name, form, button, sent.value)


def _leads(page: Page, gallery: Gallery, name: str, link: Locator) -> None:
    address, what = link.get_attribute("href") or "", f"« {link.inner_text()} » of {name}"
    if address.startswith("#"):
        assert page.locator(address).count() == 1, f"{what} leads to no part of the page"
    else:
        assert address, f"{what} leads nowhere"
        assert _leads_somewhere(gallery, address, "GET"), f"{what} leads to {address}, where nothing is"


def _fill(form: Locator) -> None:
    """Type something into all that is empty, and tick what must be ticked."""
    for field in form.locator("input:visible, textarea:visible").all():
        kind = field.get_attribute("type") or "text"
        if kind in {"checkbox", "radio"}:
            field.check()
        elif not field.input_value():
            field.fill(TYPED.get(kind, "12345678"))


def _arrived(gallery: Gallery, page: str, form: Locator, button: Locator, request: Request) -> None:
    what = f"« {button.inner_text()} » of {page}"
    assert request.method.lower() == (form.get_attribute("method") or "get"), f"{what} goes out as {request.method}"
    assert _leads_somewhere(gallery, request.url, request.method), f"{what} goes to {request.url}, where nothing is"
    text = request.post_data if request.method == "POST" else urlsplit(request.url).query
    values = parse_qs(text or "", keep_blank_values=True)
    names = {
        field.get_attribute("name") for field in form.locator("[name]:enabled:not(button):not([type=radio])").all()
    }
    assert names <= values.keys(), f"{what} loses {names - values.keys()}"
    if chosen := button.get_attribute("name"):
        assert values.get(chosen) == [button.get_attribute("value")], f"{what} does not say that it was pressed"
    if request.method == "POST" and page not in LEAVING:
        assert values["csrf_token"][0], f"{what} goes out without its protection"
