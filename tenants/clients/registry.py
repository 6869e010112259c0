"""The pictures of syndics in this process: cached, and taken anew on change.

A picture is compared with the syndic's version by a statement that is made anyway (`confirm`), or else by one of its
own (`unchanged`): for every answer of a protocol endpoint, elsewhere at most once a second. What must take effect at
once (a suspended client, an ended session) is asked for by the statement itself.
"""

import json
import time
from collections import OrderedDict
from datetime import datetime
from functools import lru_cache
from math import inf
from sys import intern
from threading import Lock, local

from sqlalchemy import select

from config.database import session
from tenants.clients.key_rows import all_of
from tenants.clients.lifetimes import with_ends
from tenants.clients.models import Client, SigningKey
from tenants.clients.pictures import RegisteredClient, RegisteredKey, RegisteredSyndic
from tenants.syndics.models import Syndic

KEPT = 6000
CHECK_EVERY_S = 1.0

_pictures: OrderedDict[str, RegisteredSyndic] = OrderedDict()
_checked: dict[str, float] = {}
_lock = Lock()
_here = local()
"""The picture that this thread has confirmed last, and when."""


class ConfigurationChangedError(Exception):
    """The syndic, its clients or its keys are not what the picture says: take it anew and begin again."""


def registered(slug: str, *, rides: bool = False) -> RegisteredSyndic | None:
    """The active syndic of that slug, or None: unknown and closed answer alike.

    `rides`: the caller compares the version itself, by `confirm` or `unchanged`, before it answers.
    """
    with _lock:
        picture = _pictures.get(slug)
    if picture is None or not (rides or unchanged(picture)):
        picture = _take(slug)
    return picture if picture is not None and picture.active else None


def cached(slug: str) -> RegisteredSyndic | None:
    """The active syndic's picture, if this process has one: no statement is made. The caller confirms it."""
    picture = _pictures.get(slug)
    return picture if picture is not None and picture.active else None


def confirm(picture: RegisteredSyndic, version: int) -> None:
    """Compare with the version that a statement has just told.

    Raises:
        ConfigurationChangedError: the picture is an old one; it is dropped.
    """
    if picture.version != version:
        drop(picture)
        raise ConfigurationChangedError(picture.slug)
    _checked[picture.slug] = _here.at = time.monotonic()
    _here.picture = picture


def unchanged(picture: RegisteredSyndic, *, since: float | None = None) -> bool:
    """Whether the picture is current: asked of the database where nobody has asked within the last second.

    `since`, an instant of `time.monotonic`: where this thread has not asked since then.
    """
    if since is None and recently_checked(picture):
        return True
    if since is not None and confirmed(picture, since=since):
        return True
    version = session().scalar(select(Syndic.version).where(Syndic.id == picture.id))
    try:
        confirm(picture, version or 0)
    except ConfigurationChangedError:
        return False
    return True


def recently_checked(picture: RegisteredSyndic) -> bool:
    """Whether the picture was compared within the last second: no statement is made."""
    return time.monotonic() - _checked.get(picture.slug, -inf) < CHECK_EVERY_S


def confirmed(picture: RegisteredSyndic, *, since: float) -> bool:
    """Whether a statement of this thread has told since then that this very picture is current: none is made.

    Of this thread, since what it has done on that word (a code that is used up) must never be done again: what other
    threads learn and forget of the syndic meanwhile says nothing of it.
    """
    return getattr(_here, "picture", None) is picture and bool(_here.at >= since)


def drop(picture: RegisteredSyndic) -> None:
    """Take this syndic's picture anew at its next request."""
    with _lock:
        if _pictures.get(picture.slug) is picture:
            del _pictures[picture.slug]


def forget() -> None:
    """Drop every picture: the next request takes it anew."""
    with _lock:
        _pictures.clear()


def _take(slug: str) -> RegisteredSyndic | None:
    checked_at = time.monotonic()
    picture = _taken(slug)
    if picture is None:
        return None
    with _lock:
        _pictures[slug] = picture
        _checked[slug] = checked_at
        _pictures.move_to_end(slug)
        while len(_pictures) > KEPT:
            dropped, _ = _pictures.popitem(last=False)
            _checked.pop(dropped, None)
    return picture


def _taken(slug: str) -> RegisteredSyndic | None:
    syndic = session().scalar(select(Syndic).where(Syndic.slug == slug))
    if syndic is None:
        return None
    session().refresh(syndic)  # an older picture may stand in the unit of work
    clients = session().scalars(select(Client).where(Client.syndic_id == syndic.id))
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
        session_idle_s=syndic.session_idle_s,
        session_longest_s=syndic.session_longest_s,
        pairwise_salt=syndic.pairwise_salt,
        version=syndic.version,
        clients={row.client_id: _client(row) for row in clients},
        keys=tuple(_key(row, until) for row, until in with_ends(all_of(syndic.id))),
    )


@lru_cache(maxsize=256)
def _shared(words: tuple[str, ...]) -> frozenset[str]:
    """One set for all who have the same: most clients do."""
    return frozenset(intern(word) for word in words)


def _client(row: Client) -> RegisteredClient:
    return RegisteredClient(
        id=row.id,
        client_id=row.client_id,
        secret_digest=row.secret_digest,
        client_name=row.client_name,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        initiate_login_uri=row.initiate_login_uri,
        backchannel_logout_uri=row.backchannel_logout_uri,
        frontchannel_logout_uri=row.frontchannel_logout_uri,
        grant_types=_shared(tuple(row.grant_types)),
        token_endpoint_auth_method=intern(row.token_endpoint_auth_method),
        jwks=row.jwks,
        jwks_uri=row.jwks_uri,
        id_token_signed_response_alg=intern(row.id_token_signed_response_alg),
        require_pkce=row.require_pkce,
        require_pushed_authorization_requests=row.require_pushed_authorization_requests,
        dpop_bound_access_tokens=row.dpop_bound_access_tokens,
        scopes=_shared(tuple(row.scope.split())),
        active=row.status == "active",
    )


def _key(row: SigningKey, until: datetime | None) -> RegisteredKey:
    revoked = row.revoked_at is not None
    jwk = json.dumps(row.public_jwk, separators=(",", ":"))
    return RegisteredKey(row.kid, intern(row.alg), jwk, row.private_key, row.signs_from, until, revoked)
