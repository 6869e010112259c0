"""The picture of a syndic that requests work with: itself, its clients, its keys. Cached, and taken anew on change.

A picture is checked against the syndic's version at most once a second in each process, so that no request reads
configuration. What must take effect at once (a suspended client, a revoked key) is asked for again where it counts.
"""

import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from config import secrets
from config.database import session
from config.settings import settings
from tenants.clients.models import Client, SigningKey
from tenants.syndics.models import Syndic

KEPT = 2000
CHECK_EVERY_S = 1.0


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
    token_endpoint_auth_method: str
    id_token_signed_response_alg: str
    require_pkce: bool
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
    state: str
    public_jwk: Mapping[str, Any]
    sealed: bytes

    @cached_property
    def private(self) -> RSAKey | ECKey:
        """The private key. We generated it, so its primes are not tested again (59 ms)."""
        der = settings().keys.decrypt(self.sealed, f"signing-key:{self.kid}")
        native: PrivateKeyTypes = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
        parameters = {"kid": self.kid, "alg": self.alg, "use": "sig"}
        kind = RSAKey if self.alg == "RS256" else ECKey
        return kind(native, native, parameters)  # type: ignore[arg-type]  # alg decides the key's type


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
        """The key that signs now with this algorithm.

        Raises:
            LookupError: the syndic has none: a mistake of onboarding.
        """
        for key in self.keys:
            if key.alg == alg and key.state == "active":
                return key
        raise LookupError(f"{self.slug} has no active {alg} key")

    def client_by_id(self, client_pk: uuid.UUID) -> RegisteredClient | None:
        """The active client of that primary key."""
        return next((client for client in self.clients.values() if client.id == client_pk), None)

    def person(self, identity_id: uuid.UUID) -> str:
        """The pairwise `person` claim: groups one owner's accounts at this syndic, and means nothing elsewhere."""
        return secrets.keyed(self.pairwise_salt, "person", str(identity_id)).hex()[:32]


_pictures: OrderedDict[str, tuple[float, RegisteredSyndic]] = OrderedDict()
_lock = Lock()


def registered(slug: str) -> RegisteredSyndic | None:
    """The active syndic of that slug, or None: unknown and closed answer alike."""
    with _lock:
        kept = _pictures.get(slug)
    if kept is None or time.monotonic() - kept[0] >= CHECK_EVERY_S:
        kept = _checked(slug, kept[1] if kept else None)
    return kept[1] if kept and kept[1].active else None


def forget() -> None:
    """Drop every picture: the next request takes it anew."""
    with _lock:
        _pictures.clear()


def _checked(slug: str, picture: RegisteredSyndic | None) -> tuple[float, RegisteredSyndic] | None:
    checked_at = time.monotonic()
    version = session().scalar(select(Syndic.version).where(Syndic.slug == slug))
    if version is None:
        return None
    if picture is None or picture.version != version:
        picture = _taken(slug)
    with _lock:
        _pictures[slug] = (checked_at, picture)
        _pictures.move_to_end(slug)
        while len(_pictures) > KEPT:
            _pictures.popitem(last=False)
    return checked_at, picture


def _taken(slug: str) -> RegisteredSyndic:
    syndic = session().scalars(select(Syndic).where(Syndic.slug == slug)).one()
    session().refresh(syndic)  # an older picture may stand in the unit of work
    clients = session().scalars(select(Client).where(Client.syndic_id == syndic.id))
    keys = session().scalars(select(SigningKey).where(SigningKey.syndic_id == syndic.id).order_by(SigningKey.id))
    return RegisteredSyndic(
        id=syndic.id,
        slug=syndic.slug,
        name=syndic.name,
        colour=syndic.colour,
        has_logo=syndic.logo is not None,
        contact=dict(syndic.contact),
        locale=syndic.locale,
        active=syndic.status == "active",
        association_policy=syndic.association_policy,
        association_deadline=syndic.association_deadline,
        legacy_disable=syndic.legacy_disable,
        pairwise_salt=syndic.pairwise_salt,
        version=syndic.version,
        clients={row.client_id: _client(row) for row in clients},
        keys=tuple(_key(row) for row in keys),
    )


def _client(row: Client) -> RegisteredClient:
    return RegisteredClient(
        id=row.id,
        client_id=row.client_id,
        secret_digest=row.secret_digest,
        client_name=row.client_name,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        initiate_login_uri=row.initiate_login_uri,
        token_endpoint_auth_method=row.token_endpoint_auth_method,
        id_token_signed_response_alg=row.id_token_signed_response_alg,
        require_pkce=row.require_pkce,
        scopes=frozenset(row.scope.split()),
        active=row.status == "active",
    )


def _key(row: SigningKey) -> RegisteredKey:
    return RegisteredKey(row.kid, row.alg, row.state, row.public_jwk, row.private_key)
