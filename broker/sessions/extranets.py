"""The extranets that were given a `sid` in a login session: who must hear of its end, by which channel."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select

from broker.sessions.models import ClientSession, LoginSession
from config import outbox
from config.database import session
from config.settings import settings
from tenants.clients.models import Client
from tenants.syndics.models import Syndic

BACKCHANNEL = "logout.backchannel"
_TOLD = (
    select(ClientSession.id, Client.syndic_id, Client.backchannel_logout_uri)
    .join(Client, Client.id == ClientSession.client_id)
    .where(Client.backchannel_logout_uri.is_not(None))
)


def promise_to_tell(session_ids: Sequence[uuid.UUID]) -> None:
    """Promise a call to every extranet of these sessions that takes one (OpenID Connect Back-Channel Logout 1.0).

    Each `sid` is told once: a session ends once, and a later sign-in has client sessions of its own.
    """
    told = session().execute(_TOLD.where(ClientSession.session_id.in_(session_ids)))
    outbox.promise_all(BACKCHANNEL, {f"{BACKCHANNEL}:{each.id}": _wish(each) for each in told})


def promise_to_tell_of(identity_id: uuid.UUID, causes: Mapping[uuid.UUID, str]) -> None:
    """Promise the same to the extranets that were given a `sid` for these accounts in a living session of this person.

    The sessions go on for the person's other accounts. `causes` holds each account's cause by its id: each tells once.
    """
    told = session().execute(
        _TOLD.add_columns(ClientSession.account_id)
        .join(LoginSession, LoginSession.id == ClientSession.session_id)
        .where(LoginSession.identity_id == identity_id, LoginSession.ended_at.is_(None))
        .where(ClientSession.account_id.in_(causes))
    )
    outbox.promise_all(
        BACKCHANNEL, {f"{BACKCHANNEL}:{each.id}:{causes[each.account_id]}": _wish(each) for each in told}
    )


def frames(session_ids: Sequence[uuid.UUID]) -> list[str]:
    """The addresses that the browser loads to log out of these sessions (Front-Channel Logout 1.0 §2).

    One per `sid` of an active client that has such an address, at whichever syndic; `iss` is that syndic's issuer.
    """
    rows = session().execute(
        select(Client.frontchannel_logout_uri, ClientSession.sid, Syndic.slug)
        .join(Client, Client.id == ClientSession.client_id)
        .join(Syndic, Syndic.id == Client.syndic_id)
        .where(ClientSession.session_id.in_(session_ids), Client.frontchannel_logout_uri.is_not(None))
        .where(Client.status == "active", Syndic.status == "active")
        .order_by(ClientSession.id)
    )
    return [_with_query(uri, iss=f"{settings().base_url}/t/{slug}", sid=sid) for uri, sid, slug in rows if uri]


def _wish(told: Any) -> outbox.Wish:
    """A row of `_TOLD`: the extranet is called on a lane of its own, so that one that hangs delays nobody else."""
    lane = outbox.lane_to("logout", told.syndic_id, told.backchannel_logout_uri)
    return outbox.Wish({"client_session_id": str(told.id)}, lane=lane)


def _with_query(address: str, **values: str) -> str:
    """The address with more parameters: what it has is kept as it is (§2)."""
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode(values)}"
