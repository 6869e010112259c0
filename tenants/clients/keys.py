"""A syndic's signing keys: made, followed by another, revoked in an emergency, and at last forgotten.

Whoever changes them holds the syndic's row until the transaction ends: of two that come at once, the second sees what
the first did. Sign-ins do not wait for it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config import clock
from config.database import session
from tenants.audit import service as audit
from tenants.clients import lifetimes
from tenants.clients.key_rows import all_of, held, make
from tenants.clients.models import SigningKey
from tenants.clients.refusals import UnknownKey
from tenants.syndics import service as syndics

AT_ONCE = timedelta()


@dataclass(frozen=True)
class Outcome:
    """What became of a wish: the key that it was about, its successor, and whether anything changed."""

    key: SigningKey
    changed: bool
    successor: SigningKey | None = None


def described(syndic_id: uuid.UUID) -> list[dict[str, Any]]:
    """A syndic's keys for operators: `kid`, `alg`, `state`, and its times in ISO 8601 (null: not yet)."""
    now = clock.now()
    return [
        {
            "kid": key.kid,
            "alg": key.alg,
            "state": lifetimes.state(key, until, now),
            "created_at": key.created_at.isoformat(),
            "signs_from": key.signs_from.isoformat(),
            "signs_until": until.isoformat() if until else None,
            "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        }
        for key, until in lifetimes.with_ends(all_of(syndic_id))
    ]


def first(syndic_id: uuid.UUID, alg: str) -> Outcome:
    """Make a syndic's first key of `alg` (RS256 or ES256): it signs at once. Where one is, nothing changes."""
    found = lifetimes.signer(_that_can_sign(held(syndic_id), alg), clock.now())
    if found is not None:
        return Outcome(found, changed=False)
    key = make(syndic_id, alg, AT_ONCE)
    audit.append(syndic_id, "key.added", {"kid": key.kid, "alg": alg})
    return Outcome(key, changed=True)


def rotate(syndic_id: uuid.UUID, alg: str) -> Outcome:
    """Make the next key of `alg`, published for longer than a JWK Set is believed before it signs.

    Where one waits already, nothing changes; where there is none to follow, it is a first key.
    """
    able = _that_can_sign(held(syndic_id), alg)
    if not able:
        return first(syndic_id, alg)
    if able[-1].signs_from > clock.now():
        return Outcome(able[-1], changed=False)
    key = make(syndic_id, alg, lifetimes.PUBLISHED_AHEAD)
    body = {"kid": key.kid, "alg": alg, "after": able[-1].kid, "signs_from": key.signs_from.isoformat()}
    audit.append(syndic_id, "key.rotated", body)
    return Outcome(key, changed=True)


def revoke(syndic_id: uuid.UUID, kid: str) -> Outcome:
    """Take all trust from a key, at once, and erase its private half; the one that signs gets a successor that does.

    A second time changes nothing.

    Raises:
        UnknownKey: this syndic has no key of that id.
    """
    rows, now = held(syndic_id), clock.now()
    key = next((row for row in rows if row.kid == kid), None)
    if key is None:
        raise UnknownKey(f"this syndic has no key {kid!r}")
    if key.revoked_at is not None:
        return Outcome(key, changed=False)
    signs = lifetimes.signer(_that_can_sign(rows, key.alg), now) is key
    key.revoked_at, key.private_key = now, None
    successor = make(syndic_id, key.alg, AT_ONCE) if signs else None
    syndics.touch(syndic_id)
    body = {"kid": kid, "alg": key.alg, "successor": successor.kid if successor else None}
    audit.append(syndic_id, "key.revoked", body)
    return Outcome(key, changed=True, successor=successor)


def tidy(syndic_id: uuid.UUID) -> int:
    """Erase the private halves of keys that sign no more, and forget those that serve for hints no more.

    Returns how many keys changed.
    """
    now, changed = clock.now(), 0
    for key, until in lifetimes.with_ends(held(syndic_id)):
        over = min((end for end in (until, key.revoked_at) if end is not None), default=now)
        if over <= now - lifetimes.FORGOTTEN_AFTER:
            session().delete(key)
            audit.append(syndic_id, "key.forgotten", {"kid": key.kid})
        elif over <= now - lifetimes.ERASED_AFTER and key.private_key is not None:
            key.private_key = None
            audit.append(syndic_id, "key.erased", {"kid": key.kid})
        else:
            continue
        changed += 1
    session().flush()
    if changed:
        syndics.touch(syndic_id)
    return changed


def _that_can_sign(rows: Sequence[SigningKey], alg: str) -> list[SigningKey]:
    return [row for row in rows if row.alg == alg and row.private_key is not None]
