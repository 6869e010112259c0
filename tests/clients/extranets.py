"""Extranets of one syndic, each built with another library around its block of docs/integrate.md."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey

from config.database import transaction
from tenants.clients import service as clients
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.clients import npm, programs
from tests.clients.snippets import snippet
from tests.demo.launching import free_port
from tests.world import TestSyndic, World

HERE = Path(__file__).parent
LIBRARIES = ("openid-client", "openid-client, everything bound", "authlib")


@dataclass
class Extranet:
    """A running extranet and the syndic that it belongs to."""

    url: str
    syndic: TestSyndic
    bound: bool = False
    """Whether its tokens are bound to a key."""

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
    more = _bind(world, syndic, url) if "bound" in library else {}
    argv = _python(folder) if library == "authlib" else _node(folder, bound="bound" in library)
    with programs.running(argv, folder, {**programs.surroundings(syndic, url), **more}, url):
        yield Extranet(url, syndic, bound="bound" in library)


def _bind(world: World, syndic: TestSyndic, url: str) -> dict[str, str]:
    """Register a second client: it proves itself by a key, must push its requests, and its tokens are bound (DPoP)."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    metadata = {
        "client_name": "Extranet lié",
        "redirect_uris": [f"{url}/callback"],
        "post_logout_redirect_uris": [f"{url}/logged-out"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "require_pushed_authorization_requests": True,
        "dpop_bound_access_tokens": True,
    }
    with world.application.app_context(), transaction():
        client_id = clients.add_client(syndics.get(syndic.slug), metadata)[0].client_id
    return {"CLIENT_ID": client_id, "PRIVATE_JWK": json.dumps(key.as_dict(private=True))}


def _node(folder: Path, *, bound: bool) -> list[str]:
    settings = (HERE / "strict_oidc.mjs").read_text(encoding="utf-8") if bound else snippet("openid-client")
    (folder / "oidc.mjs").write_text(settings, encoding="utf-8")
    (folder / "node_modules").symlink_to(npm.node_modules())
    shutil.copy(HERE / "extranet.mjs", folder)
    return [str(shutil.which("node")), "extranet.mjs"]


def _python(folder: Path) -> list[str]:
    (folder / "oidc.py").write_text(snippet("authlib") + snippet("authlib-par"), encoding="utf-8")
    return [sys.executable, "-W", "error", str(HERE / "authlib_extranet.py")]
