"""Extranets of one syndic, each built with another library around its block of docs/integrate.md."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser import Browser, Page
from tests.clients import npm, programs
from tests.clients.snippets import snippet
from tests.demo.launching import free_port
from tests.world import TestSyndic, World

HERE = Path(__file__).parent
LIBRARIES = ("openid-client", "authlib")


@dataclass
class Extranet:
    """A running extranet and the syndic that it belongs to."""

    url: str
    syndic: TestSyndic

    def begin(self, browser: Browser, **extra: str) -> Page:
        """Click « Se connecter »; `extra` are parameters of the authorization request."""
        return browser.get(f"{self.url}/login", params=extra)

    def shown(self, page: Page) -> dict[str, Any]:
        """What the library gave the extranet, once the browser is back at it."""
        assert page.url.startswith(self.url), f"the browser was to come back; it is at {page.url}: {page.text[:600]}"
        assert page.status == 200, f"the library was to be content; it says: {page.response.text}"
        told: dict[str, Any] = page.response.json()
        return told


@contextmanager
def running(library: str, world: World, folder: Path) -> Iterator[Extranet]:
    """Onboard a syndic and run its extranet, built with `library`."""
    url = f"http://127.0.0.1:{free_port()}"
    syndic = world.syndic(extranet=url)
    make = _node if library == "openid-client" else _python
    with programs.running(make(folder), folder, programs.surroundings(syndic, url), url):
        yield Extranet(url, syndic)


def _node(folder: Path) -> list[str]:
    (folder / "oidc.mjs").write_text(snippet("openid-client"), encoding="utf-8")
    (folder / "node_modules").symlink_to(npm.node_modules())
    shutil.copy(HERE / "extranet.mjs", folder)
    return [str(shutil.which("node")), "extranet.mjs"]


def _python(folder: Path) -> list[str]:
    (folder / "oidc.py").write_text(snippet("authlib") + snippet("authlib-par"), encoding="utf-8")
    return [sys.executable, "-W", "error", str(HERE / "authlib_extranet.py")]
