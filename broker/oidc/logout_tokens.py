"""Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): minted at each send, kept nowhere."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from broker.oidc import jws
from broker.sessions.models import ClientSession
from config import clock, secrets
from config.database import session
from config.errors import Unavailable
from tenants.clients.models import Client
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic
from tenants.clients.registry import registered
from tenants.syndics.models import Syndic

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
LIFE_S = 120

_TOLD = (
    select(Syndic.slug, Client.client_id, ClientSession.sub, ClientSession.sid)
    .select_from(ClientSession)
    .join(Client, Client.id == ClientSession.client_id)
    .join(Syndic, Syndic.id == Client.syndic_id)
)


@dataclass(frozen=True)
class Notice:
    """A logout token and the address that takes it."""

    address: str
    token: str


def mint(client_session_id: uuid.UUID) -> Notice | None:
    """A fresh logout token for the client of this client session; None where it takes none (any more).

    Raises:
        Unavailable: the syndic is suspended, and nobody can fetch the keys that would verify the token.
    """
    row = session().execute(_TOLD.where(ClientSession.id == client_session_id)).one_or_none()
    if row is None:
        return None
    syndic = registered(row.slug)
    if syndic is None:
        raise Unavailable(f"the syndic {row.slug} is not active")
    client = syndic.clients.get(row.client_id)
    if client is None or client.backchannel_logout_uri is None:
        return None
    return Notice(client.backchannel_logout_uri, logout_token(syndic, client, sub=row.sub, sid=row.sid))


def logout_token(syndic: RegisteredSyndic, client: RegisteredClient, *, sub: str, sid: str) -> str:
    """A logout token: signed as the client's ID tokens are, with their `sub` and `sid`, and never with a nonce."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": syndic.issuer,
        "aud": client.client_id,
        "sub": sub,
        "sid": sid,
        "iat": now,
        "exp": now + LIFE_S,
        "jti": secrets.token(),
        "events": {EVENT: {}},
    }
    return jws.sign(syndic.signing_key(client.id_token_signed_response_alg), claims, TYPE)
