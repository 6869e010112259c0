"""A person's browser that also does what scripts, frames and refreshes of a page do."""

import re
import ssl
from urllib.parse import urljoin

import httpx2
from bs4 import Tag

from tests.browser import HOPS, Browser, Page
from tests.conformance.policies import Policy

SUBMITS = re.compile(r"\.submit\s*\(")
ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"
REFRESH = re.compile(r"^\s*\d+\s*;\s*url\s*=\s*['\"]?(?P<target>[^'\"]+)", re.IGNORECASE)


class Agent(Browser):
    """Goes wherever it is sent, and remembers every address: nothing that a browser would load is left out.

    What a page's Content Security Policy would stop, fails: also a redirect after a form, as in Chromium.
    """

    def __init__(self, trust: ssl.SSLContext | bool = True) -> None:
        super().__init__()
        self.http.close()
        self.http = httpx2.Client(
            follow_redirects=False, timeout=30, verify=trust, trust_env=False, headers={"Accept": ACCEPT}
        )
        self.visited: list[str] = []
        self.framed: list[str] = []
        self._shown: Policy | None = None
        self._sent_by: Policy | None = None

    def post(self, url: str, values: dict[str, str]) -> Page:
        """Post a form of the page that is shown, or of a relying party's where none is."""
        self._sent_by = self._shown
        self._must_allow_form(url)
        try:
            return super().post(url, values)
        finally:
            self._sent_by = None

    def _settle(self, response: httpx2.Response) -> Page:
        for _ in range(HOPS):
            self.visited.append(str(response.url))
            following = self._following(response)
            if following is None:
                self._shown = Policy(response)
                return Page(self, response)
            response = self.http.send(following)
        raise AssertionError(f"the provider sends the browser in a circle: {self.visited[-HOPS:]}")

    def _following(self, response: httpx2.Response) -> httpx2.Request | None:
        """The request that the browser makes next without being asked."""
        if response.is_redirect:
            assert response.status_code in {302, 303}, f"a redirect that keeps the form: {response.status_code}"
            target = urljoin(str(response.url), response.headers["location"])
            self._must_allow_form(target)
            return self.http.build_request("GET", target)
        page, policy = Page(self, response), Policy(response)
        self._load_frames(page, policy)
        return self._posted(page, policy) or self._refreshed(page)

    def _must_allow_form(self, target: str) -> None:
        allowed = self._sent_by is None or self._sent_by.allows("form-action", target)
        assert allowed, f"the policy of the page lets its form lead to {target.partition('?')[0]}"

    def _load_frames(self, page: Page, policy: Policy) -> None:
        for frame in page.soup.find_all("iframe", src=True):
            address = urljoin(page.url, str(frame["src"]))
            assert policy.allows("frame-src", address), f"the policy of the page allows its frame {address}"
            self.framed.append(address)
            self.http.get(address)

    def _posted(self, page: Page, policy: Policy) -> httpx2.Request | None:
        """The form that a page's own script submits."""
        form = page.soup.find("form")
        scripts = [script for script in page.soup.find_all("script") if SUBMITS.search(script.get_text())]
        if not isinstance(form, Tag) or not scripts:
            return None
        target = urljoin(page.url, str(form["action"]))
        assert policy.allows_script(scripts[0]), "the policy of the page allows the script that submits its form"
        assert policy.allows("form-action", target), "the policy of the page lets its form go to the client"
        values = {str(each["name"]): str(each.get("value", "")) for each in form.find_all("input") if each.get("name")}
        assert str(form.get("method", "")).lower() == "post", "a form that submits itself is posted"
        return self.http.build_request("POST", target, data=values)

    def _refreshed(self, page: Page) -> httpx2.Request | None:
        for meta in page.soup.find_all("meta", attrs={"http-equiv": re.compile("^refresh$", re.IGNORECASE)}):
            found = REFRESH.match(str(meta.get("content", "")))
            if found:
                return self.http.build_request("GET", urljoin(page.url, found["target"].strip()))
        return None
