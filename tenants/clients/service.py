"""Adding clients and signing keys to a syndic."""

import json
from typing import Any

from joserfc.jwk import ECKey, RSAKey
from marshmallow import ValidationError

from config import clock, secrets
from config.database import session
from config.settings import settings
from tenants.audit import service as audit
from tenants.clients.models import Client, SigningKey
from tenants.clients.refusals import BadClient
from tenants.clients.schemas import ClientSchema
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic

RSA_BITS = 2048


def add_client(syndic: Syndic, metadata: dict[str, Any]) -> tuple[Client, str]:
    """Register a relying party of this syndic. Returns it with its secret, which is shown this once only.

    A client that signs its assertions (`private_key_jwt`) has none: the secret is empty.

    Raises:
        BadClient: naming every field that is wrong.
    """
    try:
        fields = ClientSchema().load(metadata)
    except ValidationError as error:
        raise BadClient(json.dumps(error.messages, ensure_ascii=False)) from error
    signs = fields["token_endpoint_auth_method"] == "private_key_jwt"  # noqa: S105 - a method's name
    secret = "" if signs else secrets.token()
    client = Client(
        **fields,
        syndic_id=syndic.id,
        client_id=f"{syndic.slug}-{secrets.token()[:16]}",
        secret_digest=secrets.digest(secret) if secret else None,
        status="active",
        created_at=clock.now(),
    )
    session().add(client)
    session().flush()
    syndics.touch(syndic.id)
    audit.append(syndic.id, "client.added", {"client_id": client.client_id, "name": client.client_name})
    return client, secret


def add_key(syndic: Syndic, alg: str) -> SigningKey:
    """Make a signing key and use it at once: for a syndic's first keys. `alg` is RS256 or ES256."""
    key = RSAKey.generate_key(RSA_BITS) if alg == "RS256" else ECKey.generate_key("P-256")
    kid, now = key.thumbprint(), clock.now()
    row = SigningKey(
        syndic_id=syndic.id,
        kid=kid,
        alg=alg,
        public_jwk={**key.as_dict(private=False), "kid": kid, "alg": alg, "use": "sig"},
        private_key=settings().keys.encrypt(key.as_der(private=True), f"signing-key:{kid}"),
        created_at=now,
        signs_from=now,
    )
    session().add(row)
    session().flush()
    syndics.touch(syndic.id)
    audit.append(syndic.id, "key.added", {"kid": kid, "alg": alg})
    return row
