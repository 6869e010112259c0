"""A relying party that believes a JWK Set for as long as it may, and does not ask again where it meets a new key."""

import re
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import KeySet

from config import clock
from tests.browser import Browser, Page
from tests.relying_party import RelyingParty


class BelievingParty(RelyingParty):
    """The strictest client there is: the tests' clock is its clock too."""

    fetched = 0
    believed_until = datetime.min.replace(tzinfo=clock.now().tzinfo)
    believed: KeySet

    def fetch_keys(self) -> set[str]:
        """Take the JWK Set anew. Returns its key ids."""
        asked_at = clock.now()
        answer = self.http.get(self.metadata["jwks_uri"])
        life = re.fullmatch(r"public, max-age=(\d+)", answer.headers["cache-control"])
        assert answer.status_code == 200, answer.text
        assert life, f"a JWK Set says how long it may be believed, not {answer.headers['cache-control']!r}"
        self.believed = KeySet.import_key_set(answer.json())
        self.believed_until = asked_at + timedelta(seconds=int(life.group(1)))
        self.fetched += 1
        return {str(key.kid) for key in self.believed.keys}

    def believe(self, token: str) -> dict[str, Any]:
        """The claims of a token that verifies by the believed keys and has not expired."""
        if clock.now() >= self.believed_until:
            self.fetch_keys()
        kid = kid_of(token)
        known = {key.kid for key in self.believed.keys}
        assert kid in known, f"signed by {kid}, but within its life the JWK Set knew only {known}"
        claims = jwt.decode(token, self.believed, algorithms=["RS256", "ES256"]).claims
        assert claims["iss"] == self.syndic.issuer
        assert claims["exp"] > clock.now().timestamp(), "a token is verified within its life"
        return claims

    def sign_in_silently(self, browser: Browser) -> dict[str, Any]:
        """A whole flow in a browser that is signed in: both tokens verify. Returns the token endpoint's answer."""
        return self.tokens(self.begin(browser, prompt="none"))

    def tokens(self, page: Page) -> dict[str, Any]:
        """Redeem the code of a browser that has come back, and verify what it gives."""
        answer = self.redeem(self.code(page))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        assert self.believe(body["id_token"])["nonce"] == self.nonce
        self.believe(body["access_token"])
        return body

    def leave(self, browser: Browser, hint: str) -> Page:
        """Send a browser to the end of its session."""
        values = {"id_token_hint": hint, "post_logout_redirect_uri": "http://127.0.0.1:9999/logged-out"}
        return browser.get(self.metadata["end_session_endpoint"], params=values)


def kid_of(token: str) -> str:
    """The key that a token says to be signed by."""
    return str(jws.extract_compact(token.encode()).headers()["kid"])
