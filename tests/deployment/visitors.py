"""Browsers and relying parties that reach the service through nginx, by its name, with its certificate."""

import ssl
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.browser import Browser, Page

WAITING = "Un instant, s'il vous plaît"


class ThroughNginx(httpx2.HTTPTransport):
    """Finds a name where nginx listens: what DNS and the published port do."""

    def __init__(self, host: str, address: str, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust)
        self._host, self._address = host, address

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it there; the name stays in the Host header, and in what the certificate is checked for."""
        assert request.url.host == self._host, f"a visitor is sent to {request.url.host}, which is not the service"
        host, _, port = self._address.partition(":")
        there = httpx2.Request(
            request.method,
            request.url.copy_with(host=host, port=int(port)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": self._host},
        )
        return super().handle_request(there)


class Visitor(Browser):
    """Does what people do at the page that asks for patience: go back, and send the form again."""

    def __init__(self, transport: httpx2.BaseTransport, base: str) -> None:
        self.http = httpx2.Client(follow_redirects=False, timeout=60, transport=transport, trust_env=False)
        self.base = base

    def get(self, url: str, **options: Any) -> Page:
        """Open an address. nginx asks the other process by itself: no page is ever waited for."""
        page = super().get(url, **options)
        assert page.status < 500, f"{urlsplit(url).path} was answered {page.status}: {page.text[:300]}"
        return page

    def post(self, url: str, values: dict[str, str]) -> Page:
        """Post a form."""
        for _ in range(5):
            page = super().post(url, values)
            if page.heading != WAITING:
                return page
        raise AssertionError("the page that asks for patience stays")
