"""A person's way through web pages, without a screen: links, buttons and fields are found by their names."""

from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2

from demo.failures import DemoError
from demo.pages import Form, Reader, Spoken, folded

HOPS = 12
TIMEOUT = 20  # seconds


class Page:
    """A page that a browser shows."""

    def __init__(self, browser: "Browser", answer: httpx2.Response) -> None:
        self._browser = browser
        self._answer = answer
        self._reader = Reader()
        self._reader.feed(answer.text)

    @property
    def heading(self) -> str:
        """Its first heading, or nothing."""
        return next((folded(each.text) for each in self._reader.spoken if each.tag == "h1"), "")

    @property
    def text(self) -> str:
        """Its source."""
        return self._answer.text

    def offers(self, name: str) -> bool:
        """Whether there is a link or button of that name."""
        return bool(self._named(name))

    def press(self, name: str, **fields: str) -> "Page":
        """Fill in fields, given by their labels, and press the button, or follow the link, of that name.

        Raises:
            DemoError: the page has no such thing.
        """
        found = self._named(name)
        if not found:
            raise DemoError(f"The page « {self.heading} » ({self._place}) has no « {name} ».", log=self._browser.log)
        element = found[0]
        if element.tag == "a" or element.within is None:
            return self._browser.get(urljoin(str(self._answer.url), element.attributes.get("href") or ""))
        return self._submit(element, element.within, fields)

    def _submit(self, button: Spoken, form: Form, fields: dict[str, str]) -> "Page":
        values = form.values | {self._field(label): value for label, value in fields.items()}
        if button.attributes.get("name"):
            values[button.attributes["name"] or ""] = button.attributes.get("value") or ""
        target = urljoin(str(self._answer.url), button.attributes.get("formaction") or form.action or "")
        return self._browser.get(target, values) if form.method == "get" else self._browser.post(target, values)

    def _field(self, label: str) -> str:
        for each in self._reader.spoken:
            if each.tag == "label" and folded(each.text).startswith(label):
                target = each.attributes.get("for")
                return self._reader.names_by_id[target] if target else self._reader.inside_label[id(each)]
        raise DemoError(f"The page « {self.heading} » ({self._place}) has no field « {label} ».", log=self._browser.log)

    def _named(self, name: str) -> list[Spoken]:
        return [each for each in self._reader.spoken if each.tag in {"a", "button"} and folded(each.text) == name]

    @property
    def _place(self) -> str:
        """Status and path; not the query, which may hold a code."""
        return f"{self._answer.status_code} {self._answer.url.path}"


class Browser:
    """Keeps cookies and follows redirects; to be closed. `log` is what a failure shows the end of."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._http = httpx2.Client(timeout=TIMEOUT, follow_redirects=True, max_redirects=HOPS, trust_env=False)

    def get(self, address: str, values: dict[str, str] | None = None) -> Page:
        """Open an address, with `values` as its query if there are any."""
        return self._shown("GET", address, params=values or None)

    def post(self, address: str, values: dict[str, str]) -> Page:
        """Send a form."""
        return self._shown("POST", address, data=values)

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def _shown(self, method: str, address: str, **options: Any) -> Page:
        try:
            answer = self._http.request(method, address, **options)
        except httpx2.HTTPError as error:
            raise DemoError(
                f"{address.partition('?')[0]} does not answer: {type(error).__name__}.", log=self.log
            ) from error
        if answer.is_server_error:
            raise DemoError(f"{method} {answer.url.path} was answered with status {answer.status_code}.", log=self.log)
        return Page(self, answer)
