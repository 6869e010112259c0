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

from tests.browser import NO_AUTHORITIES, Arrived, Browser, Page
from tests.client_key import ClientKey
from tests.world import TestSyndic

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Tokens:
    """What a completed sign-in gave."""

    id_claims: dict[str, Any]
    access_token: str
    userinfo: dict[str, Any]
    id_token: str


class RelyingParty:
    """One sign-in at one syndic: begin it, let the person walk, complete it.

    With a key it signs assertions (`private_key_jwt`); without one it shows its secret.
    """

    def __init__(self, syndic: TestSyndic, key: ClientKey | None = None, http: httpx2.Client | None = None) -> None:
        self.syndic = syndic
        self.key = key
        self.http = http or httpx2.Client(verify=NO_AUTHORITIES, timeout=30)
        self.metadata = self.http.get(f"{syndic.issuer}/.well-known/openid-configuration").json()
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(24)

    def request(self, **extra: str) -> dict[str, str]:
        """The parameters of the authorization request; an empty value leaves one out."""
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
        return {name: value for name, value in values.items() if value}

    def address(self, **extra: str) -> str:
        """The authorization request's address."""
        return f"{self.metadata['authorization_endpoint']}?{urlencode(self.request(**extra))}"

    def begin(self, browser: Browser, **extra: str) -> Page:
        """Send the browser to the broker."""
        return browser.get(self.address(**extra))

    def push(self, headers: dict[str, str] | None = None, /, **changes: str) -> httpx2.Response:
        """Push the authorization request (RFC 9126)."""
        return self.ask("pushed_authorization_request_endpoint", self.request(**changes), headers)

    def pushed(self, **changes: str) -> str:
        """The address of a pushed request."""
        answer = self.push(**changes)
        assert answer.status_code == 201, answer.text
        return self.by_reference(answer.json()["request_uri"])

    def by_reference(self, request_uri: str, **outer: str) -> str:
        """The address at which a pushed request is opened."""
        values = {"client_id": self.syndic.client_id, "request_uri": request_uri, **outer}
        return f"{self.metadata['authorization_endpoint']}?{urlencode(values)}"

    def code(self, page: Page) -> str:
        """The code of a browser that has come back; checks `state` and `iss` (RFC 9207)."""
        assert isinstance(page, Arrived), f"the browser was to come back; it is at {page.url}: {page.text[:600]}"
        assert page.query.get("state") == self.state, "state comes back as it was sent"
        assert page.query.get("iss") == self.syndic.issuer, "the answer names its issuer"
        assert "code" in page.query, f"a code was promised, not {page.query}"
        return page.query["code"]

    def redeem(self, code: str, headers: dict[str, str] | None = None, /, **changes: str) -> httpx2.Response:
        """Ask the token endpoint."""
        values = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.syndic.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.ask("token_endpoint", values, headers)

    def refresh(self, token: str, headers: dict[str, str] | None = None, /, **changes: str) -> httpx2.Response:
        """Use a refresh token."""
        values = {"grant_type": "refresh_token", "refresh_token": token, **changes}
        return self.ask("token_endpoint", values, headers)

    def introspect(self, token: str, **changes: str) -> dict[str, Any]:
        """What a token is worth now (RFC 7662)."""
        answer = self.ask("introspection_endpoint", {"token": token, **changes})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def revoke(self, token: str, **changes: str) -> httpx2.Response:
        """End a token (RFC 7009)."""
        return self.ask("revocation_endpoint", {"token": token, **changes})

    def ask(self, endpoint: str, values: dict[str, str], headers: dict[str, str] | None = None) -> httpx2.Response:
        """Post a form to an endpoint, named as in the metadata, as this client."""
        address, sent = self.metadata[endpoint], {name: value for name, value in values.items() if value}
        if self.key is None:
            login = (self.syndic.client_id, self.syndic.client_secret)
            return self.http.post(address, data=sent, headers=headers, auth=login)
        assertion = self.key.assertion(self.syndic.client_id, self.syndic.issuer)
        proved = {"client_assertion_type": ASSERTION, "client_assertion": assertion}
        return self.http.post(address, data={**proved, **sent}, headers=headers)

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
