"""The cookies by which a browser is known again: one a name, so that several persons may share a browser.

A cookie's name is derived from the submitted name by a server key: it tells nobody whose it is.
"""

import uuid

from flask import Response, request

from broker.identities import attempts, devices
from broker.identities.attempts import Door
from broker.web import cookies, network

KEPT_S = 400 * 24 * 3600
"""As long as browsers keep any cookie; each sign-in renews it."""
MOST = 10
"""Names that one browser is known by: an agency's own computer would collect hundreds."""
NAMED_BY = 6
_PREFIX = "device_"


def door(slug: str = "") -> Door:
    """Where this request submits a name: at a syndic, or at the portal."""
    return Door(network.caller(), slug, token)


def token(owner: bytes) -> str | None:
    """What this browser holds for a name (`attempts.Name.owner`)."""
    return cookies.read(_cookie(owner))


def recognises(canonical: str) -> bool:
    """Whether somebody has signed in under this address in this browser before (JOURNEYS B4)."""
    name = attempts.of_email(canonical)
    return devices.is_known(name.owner, token(name.owner))


def remember(response: Response, owner: bytes, identity_id: uuid.UUID | None) -> None:
    """Know this browser under a name from now on; to be called within the transaction of the sign-in."""
    kept = devices.remember(owner, token(owner), identity_id, network.calling())
    cookies.put(response, _cookie(owner), kept, KEPT_S)
    prefix = cookies.name(_PREFIX)
    others = [each for each in request.cookies if each.startswith(prefix) and each != cookies.name(_cookie(owner))]
    for each in others[: max(len(others) + 1 - MOST, 0)]:
        cookies.drop(response, _PREFIX + each.removeprefix(prefix))


def follow(response: Response, former: bytes, owner: bytes) -> None:
    """The name that this browser is known under has become another one (`broker.identities.devices.rename`)."""
    kept = token(former)
    if kept is not None:
        cookies.put(response, _cookie(owner), kept, KEPT_S)
        cookies.drop(response, _cookie(former))


def _cookie(owner: bytes) -> str:
    return _PREFIX + owner[:NAMED_BY].hex()
