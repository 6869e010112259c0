"""A person's browser without a screen: finds links, buttons and fields by their names, as the person would."""

import ssl
from typing import Any
from urllib.parse import urljoin

import httpx2
from bs4 import BeautifulSoup, Tag

HOPS = 12
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: tests speak plain HTTP on this machine, and reading all the world's authorities takes its time."""


class Page:
    """One page that a browser has loaded."""

    def __init__(self, browser: "Browser", response: httpx2.Response) -> None:
        self.browser = browser
        self.response = response
        self.url = str(response.url)
        self.status = response.status_code
        self.soup = BeautifulSoup(response.text, "html.parser")

    @property
    def text(self) -> str:
        """What the page says, with spaces folded."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def heading(self) -> str:
        """The first heading."""
        found = self.soup.find("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def alert(self) -> str:
        """What the page says in its alert."""
        return " ".join(" ".join(tag.get_text(" ").split()) for tag in self.soup.find_all(role="alert"))

    def link(self, name: str) -> Tag:
        """The link of that name."""
        return self._one("a", name)

    def button(self, name: str) -> Tag:
        """The button of that name."""
        return self._one("button", name)

    def has(self, kind: str, name: str) -> bool:
        """Whether there is a link (`a`) or `button` of that name."""
        return any(_name(tag) == name for tag in self.soup.find_all(kind))

    def follow(self, name: str) -> "Page":
        """Click a link."""
        return self.browser.get(urljoin(self.url, str(self.link(name)["href"])))

    def field(self, label: str) -> Tag:
        """The field of that label."""
        for tag in self.soup.find_all("label"):
            if " ".join(tag.get_text(" ").split()).startswith(label):
                target = self.soup.find(id=tag["for"]) if tag.has_attr("for") else tag.find(["input", "select"])
                if isinstance(target, Tag):
                    return target
        raise AssertionError(f"the page promises a field {label!r}; it says: {self.text[:600]}")

    def hidden(self, name: str) -> str:
        """What the first hidden field of that name holds: what a form carries without being asked."""
        found = self.soup.find("input", {"name": name})
        assert isinstance(found, Tag), f"a form of the page carries {name!r}; it says: {self.text[:600]}"
        return str(found["value"])

    def submit(self, button: str, **by_label: str) -> "Page":
        """Fill fields by label and press a button. Names with spaces: `**{"Adresse e-mail": ...}`."""
        pressed = self.button(button)
        form = pressed.find_parent("form")
        assert isinstance(form, Tag), f"the button {button!r} belongs to no form"
        values = _values(form)
        for label, value in by_label.items():
            values[str(self.field(label)["name"])] = value
        if pressed.has_attr("name"):
            values[str(pressed["name"])] = str(pressed.get("value", ""))
        target = urljoin(self.url, str(pressed.get("formaction") or form.get("action") or self.url))
        if str(form.get("method", "get")).lower() == "get":
            return self.browser.get(target, params=values)
        return self.browser.post(target, values)

    def _one(self, kind: str, name: str) -> Tag:
        found = [tag for tag in self.soup.find_all(kind) if _name(tag) == name]
        assert found, f"the page at {self.url} promises a {kind} {name!r}; it says: {self.text[:600]}"
        return found[0]


class Browser:
    """Keeps cookies, follows redirects, and stops at addresses that no server of the test serves."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        """`address`: from which of the loopback addresses it calls; each 127.0.x is a network of its own."""
        transport = httpx2.HTTPTransport(verify=NO_AUTHORITIES, local_address=address)
        self.http = httpx2.Client(follow_redirects=False, timeout=30, transport=transport)

    def get(self, url: str, **options: Any) -> Page:
        """Open an address."""
        return self._settle(self.http.get(url, **options))

    def post(self, url: str, values: dict[str, str]) -> Page:
        """Post a form."""
        return self._settle(self.http.post(url, data=values))

    def close(self) -> None:
        """Close the browser."""
        self.http.close()

    def restart(self) -> None:
        """Close the browser and open it again: everything but persistent cookies is gone."""
        for cookie in list(self.http.cookies.jar):
            if cookie.expires is None:
                self.http.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)

    def _settle(self, response: httpx2.Response) -> Page:
        for _ in range(HOPS):
            if not response.is_redirect:
                break
            target = urljoin(str(response.url), response.headers["location"])
            if ":9999/" in target:
                return Arrived(self, response, target)
            response = self.http.get(target)
        return Page(self, response)


class Arrived(Page):
    """The browser was sent to a relying party that the test itself plays."""

    def __init__(self, browser: Browser, response: httpx2.Response, target: str) -> None:
        super().__init__(browser, response)
        self.url = target
        self.query = dict(httpx2.URL(target).params.items())


def _name(tag: Tag) -> str:
    return str(tag.get("aria-label") or " ".join(tag.get_text(" ").split()))


def _values(form: Tag) -> dict[str, str]:
    values: dict[str, str] = {}
    for tag in form.find_all(["input", "select"]):
        name, kind = tag.get("name"), tag.get("type")
        if not name or kind in {"submit", "button"} or (kind in {"checkbox", "radio"} and not tag.has_attr("checked")):
            continue
        values[str(name)] = _selected(tag) if tag.name == "select" else str(tag.get("value", "on" if kind else ""))
    return values


def _selected(tag: Tag) -> str:
    options = tag.find_all("option")
    chosen = [option for option in options if option.has_attr("selected")] or options
    return str(chosen[0].get("value", "")) if chosen else ""
