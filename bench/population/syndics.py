"""Syndics with a client, two signing keys and a legacy source each."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from bench.population.copying import Row, Table, bytea
from bench.population.numbered import Kind, identifier, random_looking, slug
from config import secrets
from config.secrets import KeyRing
from tenants.clients.service import RSA_BITS
from tenants.legacy.connectors.signing import make_key

REDIRECT_URI = "https://rp.example.org/cb"
SCOPE = "openid profile email phone address accounts offline_access"
MATERIAL = 4
"""Key pairs of each kind that are really made: 5,000 of RSA would take minutes."""


def client_secret(syndic: int) -> str:
    """The secret of a syndic's client."""
    return random_looking("client", syndic)


class Syndics:
    """The rows of `count` syndics, made at `now`; private keys are sealed with `ring`."""

    def __init__(self, count: int, ring: KeyRing, now: datetime) -> None:
        self._count = count
        self._ring = ring
        self._now = now

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of their references."""
        yield Table("syndics", SYNDIC_COLUMNS, map(self._syndic, range(self._count)))
        yield Table("clients", CLIENT_COLUMNS, map(self._client, range(self._count)))
        yield Table("signing_keys", KEY_COLUMNS, (row for n in range(self._count) for row in self._keys(n)))
        yield Table("legacy_sources", SOURCE_COLUMNS, map(self._source, range(self._count)))

    def _syndic(self, number: int) -> Row:
        name = f"Agence {number:05d}"
        contact = {"phone": "04 74 00 00 00", "email": f"contact@{slug(number)}.example", "hours": "9 h à 17 h"}
        salt = bytea(secrets.random_bytes(32))
        return (
            identifier(Kind.SYNDIC, number), slug(number), name, f"{name} SARL", "732829320", "active", "#1f4e79",
            json.dumps(contact), "fr", "optional", "after_confirmation", salt, 1, self._now,
        )  # fmt: skip

    def _client(self, number: int) -> Row:
        return (
            identifier(Kind.CLIENT, number), identifier(Kind.SYNDIC, number), f"{slug(number)}-extranet",
            bytea(secrets.digest(client_secret(number))), f"Extranet {number:05d}", "{" + REDIRECT_URI + "}",
            "{https://rp.example.org/out}", "client_secret_basic", "RS256", True, SCOPE, "active", self._now,
        )  # fmt: skip

    def _keys(self, number: int) -> Iterator[Row]:
        for place, pairs in enumerate((self._rsa, self._ec)):
            public, private = pairs[number % MATERIAL]
            kid = random_looking("kid", 2 * number + place)
            yield (
                identifier(Kind.KEY, 2 * number + place), identifier(Kind.SYNDIC, number), kid, public["alg"], "active",
                json.dumps({**public, "kid": kid}), bytea(self._ring.encrypt(private, f"signing-key:{kid}")), self._now,
            )  # fmt: skip

    def _source(self, number: int) -> Row:
        key = self._connector
        return (
            identifier(Kind.SOURCE, number), identifier(Kind.SYNDIC, number), "imported", key.key_id,
            json.dumps(key.public_jwk), bytea(key.sealed),
        )  # fmt: skip

    @cached_property
    def _rsa(self) -> list[tuple[dict[str, Any], bytes]]:
        return [_pair(RSAKey.generate_key(RSA_BITS), "RS256") for _ in range(MATERIAL)]

    @cached_property
    def _ec(self) -> list[tuple[dict[str, Any], bytes]]:
        return [_pair(ECKey.generate_key("P-256"), "ES256") for _ in range(MATERIAL)]

    @cached_property
    def _connector(self) -> Any:
        return make_key()


def _pair(key: RSAKey | ECKey, alg: str) -> tuple[dict[str, Any], bytes]:
    return {**key.as_dict(private=False), "alg": alg, "use": "sig"}, key.as_der(private=True)


SYNDIC_COLUMNS = (
    "id", "slug", "name", "legal_name", "siren", "status", "colour", "contact", "locale", "association_policy",
    "legacy_disable", "pairwise_salt", "version", "created_at",
)  # fmt: skip
CLIENT_COLUMNS = (
    "id", "syndic_id", "client_id", "secret_digest", "client_name", "redirect_uris", "post_logout_redirect_uris",
    "token_endpoint_auth_method", "id_token_signed_response_alg", "require_pkce", "scope", "status", "created_at",
)  # fmt: skip
KEY_COLUMNS = ("id", "syndic_id", "kid", "alg", "state", "public_jwk", "private_key", "created_at")
SOURCE_COLUMNS = ("id", "syndic_id", "kind", "key_id", "public_jwk", "private_key")
