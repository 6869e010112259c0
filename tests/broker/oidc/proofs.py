"""What the tests of DPoP share: a client with a key and the server's nonce, bound tokens, a refused proof."""

from typing import Any

import httpx2

from tests.broker.oidc.owners import OFFLINE, Owner
from tests.client_key import ClientKey
from tests.relying_party import RelyingParty


class Prover:
    """A client with a key, at one issuer, that has learnt the server's nonce."""

    def __init__(self, party: RelyingParty, key: ClientKey | None = None) -> None:
        self.party, self.key = party, key or ClientKey()
        self.token_endpoint = party.metadata["token_endpoint"]
        self.userinfo_endpoint = party.metadata["userinfo_endpoint"]
        asked = party.redeem("x", {"DPoP": self.key.proof("POST", self.token_endpoint)})
        assert (asked.status_code, asked.json()["error"]) == (400, "use_dpop_nonce"), asked.text
        self.nonce = asked.headers["dpop-nonce"]

    def proof(self, **changes: Any) -> dict[str, str]:
        """The header of a token request."""
        method, address = changes.pop("method", "POST"), changes.pop("address", self.token_endpoint)
        return {"DPoP": self.key.proof(method, address, **{"nonce": self.nonce, **changes})}

    def userinfo(self, shown_token: str, scheme: str = "DPoP", **changes: Any) -> httpx2.Response:
        """Show a token with a proof of its key."""
        shown = {"method": "GET", "address": self.userinfo_endpoint, "token": shown_token, **changes}
        headers = {"Authorization": f"{scheme} {shown_token}", **self.proof(**shown)}
        return self.party.http.get(self.userinfo_endpoint, headers=headers)

    def probe(self, headers: dict[str, str]) -> httpx2.Response:
        """A token request that fails for nothing but its proof, or else for its unknown code."""
        return self.party.redeem("x", headers)


def bound(person: Owner, prover: Prover) -> dict[str, Any]:
    """Tokens that are bound to the prover's key."""
    code = person.code(prover.party, scope=OFFLINE)
    answer = prover.party.redeem(code, prover.proof())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["token_type"] == "DPoP"
    return body


def is_refused(answer: httpx2.Response, why: str) -> None:
    """The proof was promised to count for nothing, and the answer to say the nonce."""
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), f"{why}: {answer.text}"
    assert answer.headers["dpop-nonce"], "each answer to a proof says the nonce (RFC 9449 section 8)"
