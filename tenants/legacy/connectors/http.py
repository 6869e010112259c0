"""Kind `http`: the syndic's own service verifies and disables (DESIGN section 6 has the calls)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx2

from config.errors import NotFound
from config.outgoing import guard, transport
from tenants.legacy.connectors import answers
from tenants.legacy.connectors.breaker import Breaker
from tenants.legacy.connectors.contract import LegacyProfile, Receipt, SourceUnavailable
from tenants.legacy.connectors.signing import Signer

OK, UNAUTHORIZED, NOT_FOUND = 200, 401, 404


@dataclass(frozen=True)
class HttpConnector:
    """Calls one syndic's service. Touches no database, so nothing is held while it waits."""

    base_url: str
    """Without a final slash: also the audience of the calls' tokens."""
    signer: Signer
    breaker: Breaker
    client: httpx2.Client = field(default_factory=transport.client)
    is_remote = True

    def verify(self, identifier: str, secret: str) -> LegacyProfile | None:
        """As the contract says: 200 with the account, or 401 for unknown and wrong alike.

        A 401 that refuses our own token is a source in trouble, never a wrong password of its owner's.
        """
        with self.breaker.watched():
            status, answer = self._post("verify", {"identifier": identifier, "secret": secret})
            if status == UNAUTHORIZED and not answers.refuses_us(answer):
                return None
            return answers.profile(_expected(status, answer), identifier)

    def disable(self, identifier: str, key: str) -> Receipt:
        """As the contract says; a lost answer is asked for again with the same key."""
        return self._act("disable", identifier, key)

    def reissue(self, identifier: str, key: str) -> Receipt:
        """As the contract says."""
        return self._act("reissue", identifier, key, "reissued_at")

    def status(self, identifier: str) -> str:
        """The source's own word; `unknown` for its 404."""
        with self.breaker.watched():
            status, answer = self._send("GET", f"accounts/{quote(identifier, safe='')}", b"", {})
            return "unknown" if status == NOT_FOUND else answers.state(_expected(status, answer))

    def _act(self, verb: str, identifier: str, key: str, *instants: str) -> Receipt:
        with self.breaker.watched():
            status, answer = self._post(verb, {"identifier": identifier}, {"Idempotency-Key": key})
            if status != NOT_FOUND:
                return answers.receipt(_expected(status, answer), *instants)
        raise NotFound(f"the source has no such account to {verb}")

    def _post(self, path: str, fields: dict[str, str], headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        body = json.dumps(fields).encode()
        return self._send("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        signed = {**headers, "Authorization": f"Bearer {self.signer.bearer(body)}"}
        request = self.client.build_request(method, f"{self.base_url}/{path}", content=body, headers=signed)
        _require_tls(request.url)
        try:
            return transport.fetch(self.client, request)
        except transport.UnusableAnswer as error:
            raise SourceUnavailable(str(error)) from error


def _expected(status: int, body: bytes) -> bytes:
    if status != OK:  # redirects too: a source that moved is registered anew, never followed
        raise SourceUnavailable(f"the source answered with the status {status}")
    return body


def _require_tls(url: httpx2.URL) -> None:
    """The secret travels in the body: in clear on this machine only, whatever was registered before."""
    if url.scheme != "https" and not guard.is_loopback(url.host):
        raise SourceUnavailable("the source must be called by https")
