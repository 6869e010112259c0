"""Adding clients and signing keys to a syndic."""

import json
from typing import Any

from marshmallow import ValidationError

from config import clock, secrets
from config.database import session
from tenants.audit import service as audit
from tenants.clients import keys
from tenants.clients.models import Client, SigningKey
from tenants.clients.refusals import BadClient
from tenants.clients.schemas import ClientSchema
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic


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
    """A syndic's first key of `alg` (RS256 or ES256), which signs at once. Where there is one, nothing changes."""
    return keys.first(syndic.id, alg).key
