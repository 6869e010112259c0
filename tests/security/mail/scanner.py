"""A mail scanner: fetches every link again and again, from many machines at once, and submits whatever it finds.

It knows what stands in the mail's envelope and links: the recipient's address, but no password, and it types no code
that a person must read. (One that would type passwords of its own next to the right address voids an attempt after
five, as five wrong passwords do by design: JOURNEYS B7.)
"""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

from bs4 import Tag
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Tab

from tests.browser import Browser, Page

TIMES, MACHINES, DEPTH = 50, 5, 2
AGENTS = ("Mozilla/5.0 (compatible; MailShield/4.2)", "curl/8.5.0", "Mozilla/5.0 Chrome/126.0 Safari/537.36", "")
WORD = "test"


def scan(links: list[str], recipient: str) -> None:
    """Fetch each link fifty times by GET and HEAD, and submit every form that comes, empty and filled in."""
    for link in links:
        with ThreadPoolExecutor(MACHINES) as pool:
            list(pool.map(lambda machine, to=link: _machine(to, recipient, machine), range(MACHINES)))


def scan_with_scripts(chromium: Chromium, links: list[str], recipient: str) -> None:
    """Open each link in a real browser, fill in what is to be filled in, and press every button."""
    tab = chromium.new_context(locale="fr-FR").new_page()
    for link in links:
        tab.goto(link)
        for number in range(tab.locator("button, input[type=submit]").count()):
            for filled in (False, True):
                _press(tab, link, number, recipient if filled else "")
        for number in range(tab.locator("form").count()):
            tab.goto(link)
            _fill(tab, recipient)
            with tab.expect_navigation():
                tab.evaluate(f"document.forms[{number}].submit()")  # past every check of the page's own
    tab.context.close()


def _machine(link: str, recipient: str, machine: int) -> None:
    for number in range(TIMES // MACHINES):
        browser = Browser()
        browser.http.headers["User-Agent"] = AGENTS[(machine + number) % len(AGENTS)]
        head = browser.http.head(link)
        page = browser.get(link)
        assert head.status_code == page.response.status_code, "HEAD answers as GET does (RFC 9110 §9.3.2)"
        assert page.status < 500, page.text[:300]
        if number < 2:  # ten times in all: five tries would be used up
            _submit_all(page, recipient if number else "", DEPTH)
        browser.close()


def _submit_all(page: Page, recipient: str, depth: int) -> None:
    """Submit every form of a page by each of its buttons, and those of the pages that come."""
    for form in page.soup.find_all("form") if depth else []:
        values = _filled(form, recipient)
        target = urljoin(page.url, str(form.get("action") or page.url))
        for button in form.find_all("button", type=lambda kind: kind != "button") or [form]:
            pressed = {str(button["name"]): str(button.get("value", ""))} if button.has_attr("name") else {}
            came = page.browser.post(target, values | pressed)
            assert came.status < 500, came.text[:300]
            _submit_all(came, recipient, depth - 1)


def _filled(form: Tag, recipient: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for field in form.find_all(["input", "select", "textarea"]):
        name, kind = field.get("name"), str(field.get("type", "text"))
        if name and kind == "hidden":
            values[str(name)] = str(field.get("value", ""))
        elif name and recipient and kind != "password":
            values[str(name)] = recipient if kind == "email" else "on" if kind == "checkbox" else WORD
        elif name and kind == "password":
            values[str(name)] = ""
    return values


def _press(tab: Tab, link: str, number: int, recipient: str) -> None:
    tab.goto(link)
    _fill(tab, recipient)
    button = tab.locator("button, input[type=submit]").nth(number)
    if button.is_visible() and button.is_enabled():
        button.click()
        tab.wait_for_load_state()


def _fill(tab: Tab, recipient: str) -> None:
    for field in tab.locator("input:visible").all() if recipient else []:
        kind = field.get_attribute("type") or "text"
        if kind == "checkbox":
            field.check()
        elif kind != "password":
            field.fill(recipient if kind == "email" else WORD)
