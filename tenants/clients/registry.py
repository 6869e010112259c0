"""The pictures of syndics in this process: cached, and taken anew on change.

A picture is compared with the syndic's version by a statement that is made anyway (`confirm`), or else by one of its
own (`unchanged`): for every answer of a protocol endpoint, elsewhere at most once a second. What must take effect at
once (a suspended client, an ended session) is asked for by the statement itself.
"""

import time
from collections import OrderedDict
from math import inf
from threading import Lock

from sqlalchemy import select

from config.database import session
from tenants.clients.models import Client, SigningKey
from tenants.clients.pictures import RegisteredClient, RegisteredKey, RegisteredSyndic
from tenants.syndics.models import Syndic

KEPT = 2000
CHECK_EVERY_S = 1.0

_pictures: OrderedDict[str, RegisteredSyndic] = OrderedDict()
_checked: dict[str, float] = {}
_lock = Lock()


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


def confirm(picture: RegisteredSyndic, version: int) -> None:
    """Compare with the version that a statement has just told.

    Raises:
        ConfigurationChangedError: the picture is an old one; it is dropped.
    """
    if picture.version != version:
        drop(picture)
        raise ConfigurationChangedError(picture.slug)
    _checked[picture.slug] = time.monotonic()


def unchanged(picture: RegisteredSyndic, *, since: float | None = None) -> bool:
    """Whether the picture is current: asked of the database where nobody has asked since.

    `since` is an instant of `time.monotonic`; without one, a second ago.
    """
    if _checked.get(picture.slug, -inf) >= (time.monotonic() - CHECK_EVERY_S if since is None else since):
        return True
    version = session().scalar(select(Syndic.version).where(Syndic.id == picture.id))
    try:
        confirm(picture, version or 0)
    except ConfigurationChangedError:
        return False
    return True


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
    keys = session().scalars(
        select(SigningKey).where(SigningKey.syndic_id == syndic.id).order_by(SigningKey.signs_from, SigningKey.id)
    )
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
        backchannel_logout_uri=row.backchannel_logout_uri,
        frontchannel_logout_uri=row.frontchannel_logout_uri,
        grant_types=frozenset(row.grant_types),
        token_endpoint_auth_method=row.token_endpoint_auth_method,
        jwks=row.jwks,
        jwks_uri=row.jwks_uri,
        id_token_signed_response_alg=row.id_token_signed_response_alg,
        require_pkce=row.require_pkce,
        require_pushed_authorization_requests=row.require_pushed_authorization_requests,
        dpop_bound_access_tokens=row.dpop_bound_access_tokens,
        scopes=frozenset(row.scope.split()),
        active=row.status == "active",
    )


def _key(row: SigningKey) -> RegisteredKey:
    return RegisteredKey(
        row.kid, row.alg, row.public_jwk, row.private_key, row.signs_from, revoked=row.revoked_at is not None
    )
