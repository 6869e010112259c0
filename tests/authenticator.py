"""An authenticator in software (WebAuthn Level 3 §6): makes passkeys and shows them, honestly or as told."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, MAY_BE_COPIED, ATTESTED = 0x01, 0x04, 0x08, 0x40


@dataclass
class Authenticator:
    """One passkey's authenticator. What a test changes of it is what an attacker would."""

    origin: str
    rp_id: str
    verifies: bool = True
    synced: bool = False
    counts: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user: str = ""

    def create(self, options: dict[str, Any]) -> str:
        """Answer `navigator.credentials.create`, as our script sends it."""
        self.user = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        named = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(ATTESTED) + named + cbor2.dumps(public)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation, transports=["internal"])

    def get(self, options: dict[str, Any], **changes: Any) -> str:
        """Answer `navigator.credentials.get`."""
        self.count += 1 if self.counts else 0
        data, client = self._data(0), self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        values = {"authenticatorData": data, "signature": signature, "userHandle": self.user, **changes}
        return self._answer(clientDataJSON=client, **values)

    def _data(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0) | (MAY_BE_COPIED if self.synced else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **values: Any) -> str:
        said = {name: encoded(value) if isinstance(value, bytes) else value for name, value in values.items()}
        named = {"id": encoded(self.credential_id), "rawId": encoded(self.credential_id), "type": "public-key"}
        return json.dumps({**named, "response": said, "clientExtensionResults": {}})


def encoded(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
