"""A person's browser that also does what scripts, frames and refreshes of a page do."""

import re
import ssl
from urllib.parse import urljoin

import httpx2
from bs4 import Tag

from tests.browser import HOPS, Browser, Page

SUBMITS = re.compile(r"\.submit\s*\(")
ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"
REFRESH = re.compile(r"^\s*\d+\s*;\s*url\s*=\s*['\"]?(?P<target>[^'\"]+)", re.IGNORECASE)


class Agent(Browser):
    """Goes wherever it is sent, and remembers every address: nothing that a browser would load is left out."""

    def __init__(self, trust: ssl.SSLContext | bool = True) -> None:
        super().__init__()
        self.http.close()
        self.http = httpx2.Client(
            follow_redirects=False, timeout=30, verify=trust, trust_env=False, headers={"Accept": ACCEPT}
        )
        self.visited: list[str] = []
        self.framed: list[str] = []

    def _settle(self, response: httpx2.Response) -> Page:
        for _ in range(HOPS):
            self.visited.append(str(response.url))
            following = self._following(response)
            if following is None:
                return Page(self, response)
            response = self.http.send(following)
        raise AssertionError(f"the provider sends the browser in a circle: {self.visited[-HOPS:]}")

    def _following(self, response: httpx2.Response) -> httpx2.Request | None:
        """The request that the browser makes next without being asked."""
        if response.is_redirect:
            assert response.status_code in {302, 303}, f"a redirect that keeps the form: {response.status_code}"
            return self.http.build_request("GET", urljoin(str(response.url), response.headers["location"]))
        page = Page(self, response)
        self._load_frames(page)
        return self._posted(page) or self._refreshed(page)

    def _load_frames(self, page: Page) -> None:
        for frame in page.soup.find_all("iframe", src=True):
            address = urljoin(page.url, str(frame["src"]))
            self.framed.append(address)
            self.http.get(address)

    def _posted(self, page: Page) -> httpx2.Request | None:
        """The form that a page's own script submits."""
        form = page.soup.find("form")
        onload = str(page.soup.body.get("onload", "")) if page.soup.body else ""
        scripts = [script.get_text() for script in page.soup.find_all("script")]
        if not isinstance(form, Tag) or not any(SUBMITS.search(script) for script in (onload, *scripts)):
            return None
        values = {str(each["name"]): str(each.get("value", "")) for each in form.find_all("input") if each.get("name")}
        assert str(form.get("method", "")).lower() == "post", "a form that submits itself is posted"
        return self.http.build_request("POST", urljoin(page.url, str(form["action"])), data=values)

    def _refreshed(self, page: Page) -> httpx2.Request | None:
        for meta in page.soup.find_all("meta", attrs={"http-equiv": re.compile("^refresh$", re.IGNORECASE)}):
            found = REFRESH.match(str(meta.get("content", "")))
            if found:
                return self.http.build_request("GET", urljoin(page.url, found["target"].strip()))
        return None
