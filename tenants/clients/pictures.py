"""The pictures that requests work with: a syndic, its clients, its keys, as they were at one version."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, RSAKey

from config import clock, secrets
from config.settings import settings


@dataclass(frozen=True)
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

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """The origins to which a page of ours may send a browser for this client."""
        addresses = [*self.redirect_uris, *self.post_logout_redirect_uris, self.initiate_login_uri]
        parts = [urlsplit(address) for address in addresses if address]
        return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


@dataclass(frozen=True)
class RegisteredKey:
    """A signing key, parsed once: importing an RSA key costs more than seventy signatures."""

    kid: str
    alg: str
    public_jwk: Mapping[str, Any]
    sealed: bytes | None
    signs_from: datetime
    revoked: bool

    @cached_property
    def private(self) -> RSAPrivateKey | EllipticCurvePrivateKey:
        """The private key. We generated it, so its primes are not tested again (59 ms)."""
        assert self.sealed is not None  # noqa: S101 - erased only once another key signs
        der = settings().keys.decrypt(self.sealed, f"signing-key:{self.kid}")
        return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)  # type: ignore[return-value]

    @cached_property
    def public(self) -> RSAPublicKey | EllipticCurvePublicKey:
        """The public key."""
        kind: type[RSAKey | ECKey] = RSAKey if self.alg == "RS256" else ECKey
        return kind.import_key(dict(self.public_jwk)).public_key


@dataclass(frozen=True)
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
    pairwise_salt: bytes
    version: int
    clients: Mapping[str, RegisteredClient]
    keys: tuple[RegisteredKey, ...]

    @property
    def issuer(self) -> str:
        """The issuer identifier: from the settings, never from the Host header."""
        return f"{settings().base_url}/t/{self.slug}"

    def signing_key(self, alg: str) -> RegisteredKey:
        """The key that signs now with this algorithm: the newest whose time has come.

        Raises:
            LookupError: the syndic has none: a mistake of onboarding.
        """
        now = clock.now()
        for key in reversed(self.keys):
            if key.alg == alg and not key.revoked and key.signs_from <= now:
                return key
        raise LookupError(f"{self.slug} has no {alg} key that signs now")

    def key(self, kid: object) -> RegisteredKey | None:
        """The key of that id, unless it was revoked: one that signs no more still verifies."""
        return next((key for key in self.keys if key.kid == kid and not key.revoked), None)

    def client_by_id(self, client_pk: uuid.UUID) -> RegisteredClient | None:
        """The active client of that primary key."""
        return next((client for client in self.clients.values() if client.id == client_pk and client.active), None)

    def person(self, identity_id: uuid.UUID) -> str:
        """The pairwise `person` claim: groups one owner's accounts at this syndic, and means nothing elsewhere."""
        return secrets.keyed(self.pairwise_salt, "person", str(identity_id)).hex()[:32]
