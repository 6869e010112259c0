"""The pictures that requests work with: a syndic, its clients, its keys, as they were at one version.

A process holds thousands of them, so they are small (some 5 KiB); the parsed keys of those in use are kept beside
them (some 10 KiB).
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, RSAKey

from config import clock, secrets
from config.settings import settings
from tenants.clients.lifetimes import signer

KEYS_PARSED = 12_000
"""A parsed key takes more memory than all the rest of a picture, but its first signature costs as much as three."""


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A relying party, as requests see it."""

    id: uuid.UUID
    client_id: str
    secret_digest: bytes | None
    client_name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    initiate_login_uri: str | None
    backchannel_logout_uri: str | None
    frontchannel_logout_uri: str | None
    grant_types: frozenset[str]
    token_endpoint_auth_method: str
    jwks: Mapping[str, Any] | None
    jwks_uri: str | None
    id_token_signed_response_alg: str
    require_pkce: bool
    require_pushed_authorization_requests: bool
    dpop_bound_access_tokens: bool
    scopes: frozenset[str]
    active: bool

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins to which a page of ours may send a browser for this client."""
        addresses = [*self.redirect_uris, *self.post_logout_redirect_uris, self.initiate_login_uri]
        parts = [urlsplit(address) for address in addresses if address]
        return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A signing key, parsed once: importing an RSA key costs more than seventy signatures."""

    kid: str
    alg: str
    public_jwk: str
    """As JSON text."""
    sealed: bytes | None
    signs_from: datetime
    signs_until: datetime | None
    """When the next key of its algorithm takes over."""
    revoked: bool

    @property
    def private(self) -> RSAPrivateKey | EllipticCurvePrivateKey:
        """The private key."""
        assert self.sealed is not None  # noqa: S101 - erased only once another key signs
        return _opened(self.kid, self.sealed)

    @property
    def public(self) -> RSAPublicKey | EllipticCurvePublicKey:
        """The public key."""
        return _imported(self.alg, self.public_jwk)


@dataclass(frozen=True, slots=True)
class RegisteredSyndic:
    """A syndic, as requests see it."""

    id: uuid.UUID
    slug: str
    name: str
    colour: str
    has_logo: bool
    contact: Mapping[str, str]
    locale: str
    active: bool
    association_policy: str
    association_deadline: datetime | None
    legacy_disable: str
    session_idle_s: int
    session_longest_s: int
    pairwise_salt: bytes
    version: int
    clients: Mapping[str, RegisteredClient]
    keys: tuple[RegisteredKey, ...]

    @property
    def issuer(self) -> str:
        """The issuer identifier: from the settings, never from the Host header."""
        return f"{settings().base_url}/t/{self.slug}"

    def signing_key(self, alg: str) -> RegisteredKey:
        """The key that signs now with this algorithm: the newest whose time has come, and whose private half is there.

        Raises:
            LookupError: the syndic has none: a mistake of onboarding.
        """
        able = [key for key in self.keys if key.alg == alg and key.sealed is not None]
        found = signer(able, clock.now())
        if found is None:
            raise LookupError(f"{self.slug} has no {alg} key")
        return found

    def published_keys(self, kept: timedelta) -> list[RegisteredKey]:
        """The keys that will sign, that sign, and that signed until at most `kept` ago."""
        oldest = clock.now() - kept
        return [key for key in self.keys if not key.revoked and (key.signs_until is None or key.signs_until > oldest)]

    @property
    def door(self) -> str | None:
        """Where an extranet of this syndic begins a sign-in (OIDC Core §4), if one can be opened from outside."""
        for client in self.clients.values():
            if client.active and client.initiate_login_uri:
                joint = "&" if "?" in client.initiate_login_uri else "?"
                return f"{client.initiate_login_uri}{joint}{urlencode({'iss': self.issuer})}"
        return None

    def client_by_id(self, client_pk: uuid.UUID) -> RegisteredClient | None:
        """The active client of that primary key."""
        return next((client for client in self.clients.values() if client.id == client_pk and client.active), None)

    def person(self, identity_id: uuid.UUID) -> str:
        """The pairwise `person` claim: groups one owner's accounts at this syndic, and means nothing elsewhere."""
        return secrets.keyed(self.pairwise_salt, "person", str(identity_id)).hex()[:32]


@lru_cache(maxsize=KEYS_PARSED)
def _opened(kid: str, sealed: bytes) -> RSAPrivateKey | EllipticCurvePrivateKey:
    """We generated it, so its primes are not tested again (59 ms)."""
    der = settings().keys.decrypt(sealed, f"signing-key:{kid}")
    return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)  # type: ignore[return-value]  # it is of the kind that was stored


@lru_cache(maxsize=KEYS_PARSED)
def _imported(alg: str, jwk: str) -> RSAPublicKey | EllipticCurvePublicKey:
    kind: type[RSAKey | ECKey] = RSAKey if alg == "RS256" else ECKey
    return kind.import_key(json.loads(jwk)).public_key
