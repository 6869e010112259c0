"""A relying party as the Foundation's suite plays it: it asks, lets the person walk, and checks all that comes back."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc.jwk import KeySet

from tests.browser import Page
from tests.conformance import authentication, discovery, id_tokens, messages, signatures
from tests.conformance.agent import Agent
from tests.conformance.provider import Client, Provider
from tests.conformance.receiver import Receiver
from tests.conformance.standard_claims import ALL, are_well_typed

Plan = Literal["basic", "form_post"]
MAX_PAGES = 4


@dataclass(frozen=True)
class Visit:
    """A browser's way through the provider: what was asked, where it ended, which pages the person met."""

    asked: dict[str, str]
    page: Page
    sign_ins: int
    consents: int


@dataclass(frozen=True)
class Tokens:
    """What a completed sign-in gave: the token answer, the checked claims, and the code that was redeemed."""

    body: dict[str, Any]
    claims: dict[str, Any]
    code: str
    asked: dict[str, str]

    @property
    def access_token(self) -> str:
        """The access token."""
        return str(self.body["access_token"])

    @property
    def id_token(self) -> str:
        """The ID token."""
        return str(self.body["id_token"])


class Party:
    """One relying party in one test; to be closed. Its start checks discovery and the keys, as every module does."""

    def __init__(self, provider: Provider, client: Client, receiver: Receiver, plan: Plan) -> None:
        self.provider, self.client, self.receiver, self.plan = provider, client, receiver, plan
        self.http = httpx2.Client(verify=provider.trust, timeout=30, trust_env=False)
        self.metadata = discovery.read(self.http, provider.issuer)
        self.keys: KeySet = signatures.published(self.http, self.metadata["jwks_uri"])

    def as_client(self, client: Client) -> "Party":
        """The same test as another client."""
        return Party(self.provider, client, self.receiver, self.plan)

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None takes one away."""
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "response_mode": "form_post" if self.plan == "form_post" else None,
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    def ask(self, agent: Agent, **changes: str | None) -> Visit:
        """Send the browser to the authorization endpoint, and let the person sign in and consent."""
        asked = self.request(**changes)
        return self.walk(agent.get(f"{self.metadata['authorization_endpoint']}?{urlencode(asked)}"), asked)

    def post(self, agent: Agent, **changes: str | None) -> Visit:
        """The same, by POST (OIDC Core §3.1.2.1)."""
        asked = self.request(**changes)
        return self.walk(agent.post(self.metadata["authorization_endpoint"], asked), asked)

    def walk(self, page: Page, asked: dict[str, str]) -> Visit:
        """Fill in what the provider shows, until it shows nothing that a person could fill in."""
        sign_ins = consents = 0
        for _ in range(MAX_PAGES):
            if self.provider.asks_to_sign_in(page):
                page, sign_ins = self.provider.sign_in(page), sign_ins + 1
            elif self.provider.asks_to_consent(page):
                page, consents = self.provider.consent(page), consents + 1
            else:
                break
        return Visit(asked, page, sign_ins, consents)

    def answer(self, visit: Visit) -> dict[str, str]:
        """The parameters of the authorization response, which came by the way that was asked for."""
        page = visit.page
        assert self.receiver.serves(page.url), f"the browser was to come back; it is at {page.url}: {page.text[:600]}"
        arrival = self.receiver.behind(page)
        assert arrival.path == urlsplit(self.client.redirect_uri).path, "the answer comes to the redirect URI"
        return messages.authorization_answer(arrival, self.plan, visit.asked, self.metadata)

    def code(self, visit: Visit) -> str:
        """The code of a successful authorization response."""
        return messages.code(self.answer(visit))

    def refusal(self, visit: Visit, allowed: Iterable[str]) -> str:
        """The error of an authorization error response: one of the `allowed`."""
        return messages.error(self.answer(visit), set(allowed))

    def redeem(self, code: str, **more: str) -> httpx2.Response:
        """Redeem a code."""
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.client.redirect_uri, **more}
        return self.token(**given)

    def refresh(self, refresh_token: str, **more: str) -> httpx2.Response:
        """Use a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **more)

    def token(self, **values: str) -> httpx2.Response:
        """Ask the token endpoint, authenticated as registered (RFC 6749 §2.3.1)."""
        client = self.client
        assert client.auth_method in self.metadata["token_endpoint_auth_methods_supported"], "its method is listed"
        credentials = authentication.of(client, self.metadata["issuer"])
        return self.http.post(
            self.metadata["token_endpoint"], data={**values, **credentials.form}, headers=credentials.headers
        )

    def complete(self, visit: Visit, **more: str) -> Tokens:
        """Redeem the code of a visit and check everything that the answer holds."""
        code = self.code(visit)
        body = messages.tokens(self.redeem(code, **more))
        claims = self.id_claims(body["id_token"], visit.asked.get("nonce"))
        id_tokens.hashes_agree(claims, access_token=body["access_token"], code=code)
        return Tokens(body, claims, code, visit.asked)

    def sign_in(self, agent: Agent, **changes: str | None) -> Tokens:
        """A whole sign-in."""
        return self.complete(self.ask(agent, **changes))

    def id_claims(self, id_token: str, nonce: str | None) -> dict[str, Any]:
        """The claims of an ID token, once its signature and they themselves are checked."""
        claims = signatures.verified(id_token, self.keys)
        id_tokens.check(claims, issuer=self.metadata["issuer"], client_id=self.client.client_id, nonce=nonce)
        return claims

    def ask_userinfo(self, access_token: str) -> httpx2.Response:
        """Ask userinfo, with the token in the header."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.http.get(self.metadata["userinfo_endpoint"], headers=headers)

    def userinfo(self, tokens: Tokens) -> dict[str, Any]:
        """The user's claims, checked."""
        return told(self.ask_userinfo(tokens.access_token), tokens, self.metadata)

    def close(self) -> None:
        """Close its connections."""
        self.http.close()


def told(answer: httpx2.Response, tokens: Tokens, metadata: dict[str, Any]) -> dict[str, Any]:
    """What userinfo tells, once it is checked (OIDC Core §5.3.2)."""
    assert answer.status_code == 200, f"userinfo is answered with 200, not {answer.status_code}: {answer.text[:300]}"
    assert discovery.media_type(answer) == "application/json", "userinfo is application/json"
    claims: dict[str, Any] = answer.json()
    assert claims.get("sub") == tokens.claims["sub"], "userinfo speaks of the ID token's subject"
    are_well_typed(claims)
    given = claims.keys() & ALL
    assert given <= set(metadata["claims_supported"]), "no claim is given that claims_supported hides"
    return claims
