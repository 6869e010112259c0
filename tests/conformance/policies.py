"""Content Security Policy, as far as these flows need a browser to keep it (W3C CSP Level 3)."""

import base64
import hashlib
from urllib.parse import urlsplit

import httpx2
from bs4 import Tag

FALLBACKS = {"frame-src": ("child-src", "default-src"), "script-src": ("default-src",)}
"""Where a directive that is absent is looked for; `form-action` has no other (§6.3.1, §6.6.1.5)."""


class Policy:
    """The policy of one page; a page without the header allows everything."""

    def __init__(self, response: httpx2.Response) -> None:
        header = response.headers.get("content-security-policy", "")
        directives = (each.split() for each in header.split(";") if each.strip())
        self._sources = {words[0].lower(): words[1:] for words in directives}
        self._page = str(response.url)

    def allows(self, directive: str, address: str) -> bool:
        """Whether `directive` (`frame-src` or `form-action`) lets the page use an address."""
        sources = self._of(directive)
        return sources is None or any(self._matches(source, address) for source in sources)

    def allows_script(self, script: Tag) -> bool:
        """Whether an inline script runs."""
        sources = self._of("script-src")
        if sources is None or "'unsafe-inline'" in sources:
            return True
        digest = base64.b64encode(hashlib.sha256(script.decode_contents().encode()).digest()).decode()
        return f"'nonce-{script.get('nonce', '')}'" in sources or f"'sha256-{digest}'" in sources

    def _of(self, directive: str) -> list[str] | None:
        names = (directive, *FALLBACKS.get(directive, ()))
        return next((self._sources[name] for name in names if name in self._sources), None)

    def _matches(self, source: str, address: str) -> bool:
        if source == "'self'":
            return _origin(address) == _origin(self._page)
        return source in {"*", f"{urlsplit(address).scheme}:"} or _origin(source) == _origin(address)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
