"""The code flow and what follows it, one request at a time, as a client library would make them."""

from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from bench.asking import Asker, Request
from bench.failures import BenchError
from bench.target import Endpoints
from bench.visitors import Visitor

SCOPE = "openid email profile offline_access"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""Of RFC 7636, appendix B; the driver uses them too."""


class Flow:
    """Walks one server's endpoints for visitors. Every method raises BenchError where an answer is wrong."""

    def __init__(self, asker: Asker, endpoints: Endpoints) -> None:
        self._asker = asker
        self._at = endpoints

    def whole(self, visitor: Visitor) -> dict[str, Any]:
        """Authorize, token, userinfo; returns the token answer."""
        tokens = self.token(visitor, self.authorize(visitor))
        self.userinfo(visitor, tokens["access_token"])
        return tokens

    def authorize(self, visitor: Visitor) -> str:
        """The code for this visitor, who has a living session."""
        path = f"{visitor.prefix}{self._at.authorize}?{urlencode(question(visitor))}"
        answer = self._asker.ask(Request("authorize", path, headers={"Cookie": visitor.cookie}))
        found = parse_qs(urlsplit(answer.location()).query).get("code")
        if not found:
            raise BenchError(f"no code was given, but: {answer.location()}")
        return found[0]

    def token(self, visitor: Visitor, code: str) -> dict[str, Any]:
        """What a code gives (RFC 6749 §4.1.3)."""
        values = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        return self._post("token", self._at.token, visitor, {**values, "redirect_uri": visitor.redirect_uri})

    def refresh(self, visitor: Visitor, token: str) -> dict[str, Any]:
        """What a refresh token gives (RFC 6749 §6)."""
        return self._post("refresh", self._at.token, visitor, {"grant_type": "refresh_token", "refresh_token": token})

    def introspection(self, visitor: Visitor, token: str) -> dict[str, Any]:
        """What the server says of a token to its client (RFC 7662)."""
        return self._post("introspection", self._at.introspect, visitor, {"token": token})

    def userinfo(self, visitor: Visitor, access: str) -> dict[str, Any]:
        """The claims of an access token (OIDC Core §5.3)."""
        headers = {"Authorization": f"Bearer {access}"}
        return self._asker.ask(Request("userinfo", visitor.prefix + self._at.userinfo, headers=headers)).json()

    def discovery(self, visitor: Visitor) -> dict[str, Any]:
        """The provider's metadata."""
        return self._asker.ask(Request("discovery", visitor.prefix + self._at.discovery)).json()

    def jwks(self, visitor: Visitor) -> dict[str, Any]:
        """The provider's keys."""
        return self._asker.ask(Request("jwks", visitor.prefix + self._at.jwks)).json()

    def _post(self, name: str, path: str, visitor: Visitor, values: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": visitor.basic}
        body = urlencode(values, quote_via=quote, safe="")
        return self._asker.ask(Request(name, visitor.prefix + path, body, headers)).json()


def question(visitor: Visitor) -> dict[str, str]:
    """The parameters of an authorization request."""
    return {
        "response_type": "code", "client_id": visitor.client_id, "redirect_uri": visitor.redirect_uri, "scope": SCOPE,
        "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
