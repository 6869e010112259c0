"""RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): a logout ends the whole login session."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sqlalchemy import or_, select

from broker.oidc import hints
from broker.oidc.errors import Unproved
from broker.sessions.models import ClientSession, LoginSession, SessionOrigin
from config.database import session
from tenants.clients.models import Client
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic


@dataclass(frozen=True)
class Leaving:
    """A logout request whose every part has been checked."""

    hint: hints.Hint | None
    target: str | None
    """Where to go afterwards: a registered address with the client's `state`."""
    client: RegisteredClient | None


def read(syndic: RegisteredSyndic, *, hint: str, client_id: str, target: str, state: str) -> Leaving:
    """Check a logout request.

    Raises:
        Unproved: a hint that is not ours, or an address that is not registered for its client: a page, no redirect.
    """
    read_hint = hints.read(syndic, hint)
    if hint and read_hint is None:
        raise Unproved("id_token_hint is not ours")
    client = _client(syndic, read_hint, client_id)
    if not target:
        return Leaving(read_hint, None, client)
    if client is None or read_hint is None or target not in client.post_logout_redirect_uris:
        raise Unproved("post_logout_redirect_uri is not registered, or comes without a hint")
    joint = "&" if urlsplit(target).query else "?"
    return Leaving(read_hint, f"{target}{joint}{urlencode({'state': state})}" if state else target, client)


def is_of(leaving: Leaving, found: LoginSession) -> bool:
    """Whether the hint belongs to this login session: then nobody needs to be asked."""
    if leaving.hint is None or not leaving.hint.sid:
        return False
    query = select(ClientSession.id).where(ClientSession.sid == leaving.hint.sid, ClientSession.session_id == found.id)
    return session().scalar(query) is not None


def is_known(syndic: RegisteredSyndic, found: LoginSession) -> bool:
    """Whether the session has to do with this syndic: authenticated here, or used to enter one of its extranets."""
    here = select(SessionOrigin.id).where(SessionOrigin.session_id == found.id, SessionOrigin.syndic_id == syndic.id)
    used = (
        select(ClientSession.id)
        .join(Client, Client.id == ClientSession.client_id)
        .where(ClientSession.session_id == found.id, Client.syndic_id == syndic.id)
    )
    return bool(session().scalar(select(or_(here.exists(), used.exists()))))


def _client(syndic: RegisteredSyndic, hint: hints.Hint | None, client_id: str) -> RegisteredClient | None:
    names = set(hint.client_ids) if hint else set()
    if client_id and names and client_id not in names:
        raise Unproved("client_id is not the hint's audience")
    wanted = client_id or next(iter(sorted(names)), "")
    return syndic.clients.get(wanted)
