"""A relying party as an extranet plays it: discovery, PKCE, code, token, userinfo, the checks of OIDC Core §3.1.3.7."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.browser import Arrived, Browser, Page
from tests.world import TestSyndic


@dataclass
class Tokens:
    """What a completed sign-in gave."""

    id_claims: dict[str, Any]
    access_token: str
    userinfo: dict[str, Any]
    id_token: str


class RelyingParty:
    """One sign-in at one syndic: begin it, let the person walk, complete it."""

    def __init__(self, syndic: TestSyndic) -> None:
        self.syndic = syndic
        self.http = httpx2.Client(timeout=30)
        self.metadata = self.http.get(f"{syndic.issuer}/.well-known/openid-configuration").json()
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(24)

    def address(self, **extra: str) -> str:
        """The authorization request's address."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        values = {
            "response_type": "code",
            "client_id": self.syndic.client_id,
            "redirect_uri": self.syndic.redirect_uri,
            "scope": "openid profile email accounts",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **extra,
        }
        kept = {name: value for name, value in values.items() if value}
        return f"{self.metadata['authorization_endpoint']}?{urlencode(kept)}"

    def begin(self, browser: Browser, **extra: str) -> Page:
        """Send the browser to the broker."""
        return browser.get(self.address(**extra))

    def code(self, page: Page) -> str:
        """The code of a browser that has come back; checks `state` and `iss` (RFC 9207)."""
        assert isinstance(page, Arrived), f"the browser was to come back; it is at {page.url}: {page.text[:600]}"
        assert page.query.get("state") == self.state, "state comes back as it was sent"
        assert page.query.get("iss") == self.syndic.issuer, "the answer names its issuer"
        assert "code" in page.query, f"a code was promised, not {page.query}"
        return page.query["code"]

    def redeem(self, code: str, **changes: str) -> httpx2.Response:
        """Ask the token endpoint."""
        values = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.syndic.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        login = (self.syndic.client_id, self.syndic.client_secret)
        return self.http.post(self.metadata["token_endpoint"], data=values, auth=login)

    def complete(self, page: Page) -> Tokens:
        """Redeem the code and check everything."""
        answer = self.redeem(self.code(page))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        keys = KeySet.import_key_set(self.http.get(self.metadata["jwks_uri"]).json())
        claims = jwt.decode(body["id_token"], keys, algorithms=["RS256", "ES256"]).claims
        assert claims["iss"] == self.syndic.issuer == self.metadata["issuer"]
        assert claims["aud"] == self.syndic.client_id
        assert claims["nonce"] == self.nonce
        userinfo = self.userinfo(body["access_token"])
        assert userinfo.status_code == 200, userinfo.text
        assert userinfo.json()["sub"] == claims["sub"], "userinfo speaks of the id_token's subject"
        return Tokens(claims, body["access_token"], userinfo.json(), body["id_token"])

    def userinfo(self, access_token: str) -> httpx2.Response:
        """Ask userinfo."""
        return self.http.get(self.metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"})
