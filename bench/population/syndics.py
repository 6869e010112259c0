"""Syndics with a client, two signing keys and a legacy source each."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from bench.population.copying import Table, Value, from_values
from bench.population.numbered import Kind, identifier, random_looking, slug
from config import secrets
from config.secrets import KeyRing
from tenants.clients.key_rows import RSA_BITS
from tenants.clients.schemas import ClientSchema
from tenants.legacy.connectors.signing import ConnectorKey, make_key
from tenants.syndics.schemas import SyndicSchema

REDIRECT_URI = "https://rp.example.org/cb"
MATERIAL = 4
"""Key pairs of each kind that are really made: 5,000 of RSA would take minutes."""


def client_id(syndic: int) -> str:
    """The identifier of a syndic's client."""
    return f"{slug(syndic)}-extranet"


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
        numbers = range(self._count)
        yield from_values("syndics", map(self._syndic, numbers))
        yield from_values("clients", map(self._client, numbers))
        yield from_values("signing_keys", (key for number in numbers for key in self._keys(number)))
        yield from_values("legacy_sources", map(self._source, numbers))

    def _syndic(self, number: int) -> dict[str, Value]:
        name = f"Agence {number:05d}"
        contact = {"phone": "04 74 00 00 00", "email": f"contact@{slug(number)}.example", "hours": "9 h à 17 h"}
        known = {"slug": slug(number), "name": name, "legal_name": f"{name} SARL", "siren": "732829320"}
        return {
            **SyndicSchema().load({**known, "contact": contact}),
            "id": identifier(Kind.SYNDIC, number),
            "status": "active",
            "pairwise_salt": secrets.random_bytes(32),
            "version": 1,
            "created_at": self._now,
        }

    def _client(self, number: int) -> dict[str, Value]:
        known = {"client_name": f"Extranet {number:05d}", "redirect_uris": [REDIRECT_URI]}
        return {
            **ClientSchema().load(known),
            "id": identifier(Kind.CLIENT, number),
            "syndic_id": identifier(Kind.SYNDIC, number),
            "client_id": client_id(number),
            "secret_digest": secrets.digest(client_secret(number)),
            "status": "active",
            "created_at": self._now,
        }

    def _keys(self, number: int) -> Iterator[dict[str, Value]]:
        for place, pairs in enumerate((self._rsa, self._ec)):
            public, private = pairs[number % MATERIAL]
            kid = random_looking("kid", 2 * number + place)
            yield {
                "id": identifier(Kind.KEY, 2 * number + place),
                "syndic_id": identifier(Kind.SYNDIC, number),
                "kid": kid,
                "alg": public["alg"],
                "public_jwk": {**public, "kid": kid},
                "private_key": self._ring.encrypt(private, f"signing-key:{kid}"),
                "created_at": self._now,
                "signs_from": self._now,
            }

    def _source(self, number: int) -> dict[str, Value]:
        return {
            "id": identifier(Kind.SOURCE, number),
            "syndic_id": identifier(Kind.SYNDIC, number),
            "kind": "imported",
            "key_id": self._connector.key_id,
            "public_jwk": self._connector.public_jwk,
            "private_key": self._connector.sealed,
        }

    @cached_property
    def _rsa(self) -> list[tuple[dict[str, Any], bytes]]:
        return [_pair(RSAKey.generate_key(RSA_BITS), "RS256") for _ in range(MATERIAL)]

    @cached_property
    def _ec(self) -> list[tuple[dict[str, Any], bytes]]:
        return [_pair(ECKey.generate_key("P-256"), "ES256") for _ in range(MATERIAL)]

    @cached_property
    def _connector(self) -> ConnectorKey:
        return make_key()


def _pair(key: RSAKey | ECKey, alg: str) -> tuple[dict[str, Any], bytes]:
    return {**key.as_dict(private=False), "alg": alg, "use": "sig"}, key.as_der(private=True)
