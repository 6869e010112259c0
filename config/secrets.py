"""Secrets: the only place that makes, compares, derives and encrypts them.

Secrets that are only compared are stored as digests; secrets that are used are encrypted (AES-256-GCM) under a
key of the key ring, whose id is stored beside the text so that keys can be rotated.
"""

import base64
import hashlib
import hmac
import secrets as _random
import uuid
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


def token() -> str:
    """256 random bits as 43 base64url characters, for a code, a cookie or a mail link."""
    return _random.token_urlsafe(32)


def digits(count: int) -> str:
    """A random decimal code of `count` digits, to be typed by a person."""
    return f"{_random.randbelow(10**count):0{count}d}"


def digest(value: str) -> bytes:
    """SHA-256 of a high-entropy secret: what is stored in place of it (32 bytes)."""
    return hashlib.sha256(value.encode()).digest()


def same(one: bytes | str, other: bytes | str) -> bool:
    """Compare in constant time."""
    left = one.encode() if isinstance(one, str) else one
    right = other.encode() if isinstance(other, str) else other
    return hmac.compare_digest(left, right)


def keyed(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA-256 over parts that cannot run into one another (each is length-prefixed)."""
    raw = [part.encode() for part in parts]
    return mac(key, b"".join(len(each).to_bytes(8, "big") + each for each in raw))


def mac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA-256 of one text."""
    return hmac.digest(key, text, "sha256")


def random_bytes(count: int) -> bytes:
    """`count` random bytes, for salts and keys."""
    return _random.token_bytes(count)


@dataclass(frozen=True)
class KeyRing:
    """The server's own secrets: one root for derivations, and the encryption keys by id, the current one first."""

    root: bytes
    encryption_keys: tuple[tuple[str, bytes], ...]

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869): purposes share nothing."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(self.root)

    @cached_property
    def code_key(self) -> bytes:
        """The key for the codes that people type (DESIGN: few digits are no secret without a server key)."""
        return self.derive("typed-codes")

    @cached_property
    def name_key(self) -> bytes:
        """The key under which submitted names are counted, so that the counters hold no name in clear."""
        return self.derive("submitted-names")

    @cached_property
    def mail_key(self) -> bytes:
        """The key of what a mail carries where a second copy must carry the same (docs/decisions/0028)."""
        return self.derive("mailed-secrets")

    def mailed(self, purpose: str, about: uuid.UUID, digits: int) -> tuple[str, str]:
        """The token (43 base64url characters) and the code that a mail carries: the same in every copy of it.

        A mail whose answer was lost goes out again, and a mailbox may keep either copy (docs/decisions/0028). Nobody
        makes them without the server's key: they are stored, like random ones, as a digest and as a MAC.
        """
        made = keyed(self.mail_key, purpose, str(about))
        code = int.from_bytes(keyed(self.mail_key, purpose, str(about), "code")) % 10**digits
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode(), f"{code:0{digits}d}"

    @cached_property
    def return_path_key(self) -> bytes:
        """The key of the MAC in the return paths of mails."""
        return self.derive("return-paths")

    @cached_property
    def refresh_key(self) -> bytes:
        """The key of the MAC under which refresh tokens say what they are."""
        return self.derive("refresh-tokens")

    @cached_property
    def nonce_key(self) -> bytes:
        """The key of the nonces that DPoP proofs must bear."""
        return self.derive("dpop-nonces")

    @cached_property
    def pepper(self) -> bytes:
        """The key that every password passes through before it is hashed."""
        return self.derive("password-pepper")

    def encrypt(self, clear: bytes, context: str) -> bytes:
        """Encrypt under the current key; `context` says what it is and where, and must be given again to decrypt."""
        key_id, key = self.encryption_keys[0]
        nonce = _random.token_bytes(NONCE_BYTES)
        label = key_id.encode()
        return bytes([len(label)]) + label + nonce + AESGCM(key).encrypt(nonce, clear, context.encode())

    def decrypt(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `encrypt` made.

        Raises:
            KeyError: the key is not on the ring any more.
            cryptography.exceptions.InvalidTag: changed, or made for another context.
        """
        end = 1 + sealed[0]
        key = dict(self.encryption_keys)[sealed[1:end].decode()]
        return AESGCM(key).decrypt(sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :], context.encode())
