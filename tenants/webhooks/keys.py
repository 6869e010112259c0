"""A syndic's webhook keys: made, followed by another, withdrawn in an emergency, published, forgotten.

ES256, since the standard libraries of all platforms that extranets run on verify it (docs/decisions). They sign
nothing but webhooks. A key's state is told by the times of its syndic's keys alone.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey
from sqlalchemy import delete, func, select

from config import clock
from config.database import session
from config.errors import Unavailable
from config.settings import settings
from tenants.audit import service as audit
from tenants.syndics.models import Syndic
from tenants.webhooks.models import WebhookKey

ALGORITHM = "ES256"
PUBLISHED_AHEAD = timedelta(minutes=10)
"""How long a key is published before it signs: twice as long as a JWK Set may be believed."""
ERASED_AFTER = timedelta(minutes=10)
"""How long a key that was followed keeps its private half: for processes whose clock lags."""
PUBLISHED_AFTER = timedelta(days=1)
"""How long a key that was followed stays published; what it signed is good for minutes."""
AGE = timedelta(days=90)


def first(syndic_id: uuid.UUID) -> None:
    """Make the syndic's first key, which signs at once. Where there is one, nothing changes."""
    if not _held(syndic_id):
        _make(syndic_id, clock.now(), after=None)


def rotate(syndic_id: uuid.UUID) -> WebhookKey:
    """Make the next key, published for longer than a JWK Set is believed before it signs.

    Where one waits already, nothing changes; where there is none to follow, it signs at once.
    """
    rows, now = _held(syndic_id), clock.now()
    if rows and rows[-1].signs_from > now:
        return rows[-1]
    return _make(syndic_id, now + PUBLISHED_AHEAD if rows else now, after=rows[-1] if rows else None)


def replace(syndic_id: uuid.UUID) -> WebhookKey:
    """In an emergency: withdraw every key at once. A fresh one signs from now on."""
    rows = _held(syndic_id)
    session().execute(delete(WebhookKey).where(WebhookKey.syndic_id == syndic_id))
    session().expire_all()
    return _make(syndic_id, clock.now(), after=rows[-1] if rows else None, withdrawn=[row.kid for row in rows])


def signing(syndic_id: uuid.UUID) -> WebhookKey:
    """The key that signs now: the newest whose time has come.

    Raises:
        Unavailable: the syndic has none (it has no endpoint either).
    """
    able = [row for row in _rows(syndic_id) if row.private_key is not None]
    begun = [row for row in able if row.signs_from <= clock.now()]
    if not able:
        raise Unavailable("the syndic has no webhook key")
    return begun[-1] if begun else able[0]


def private(key: WebhookKey) -> EllipticCurvePrivateKey:
    """Its private half."""
    assert key.private_key is not None  # noqa: S101 - `signing` gives no other
    return _opened(key.kid, key.private_key)


def published(syndic_id: uuid.UUID) -> dict[str, Any]:
    """The JWK Set (RFC 7517 §5) by which the syndic's endpoints check what they are told."""
    oldest = clock.now() - PUBLISHED_AFTER
    rows = _with_ends(_rows(syndic_id))
    return {"keys": [row.public_jwk for row, until in rows if until is None or until > oldest]}


def described(syndic_id: uuid.UUID) -> list[dict[str, Any]]:
    """A syndic's keys for operators: `kid`, and from when until when it signs (ISO 8601; null: no end yet)."""
    return [
        {"kid": row.kid, "signs_from": row.signs_from.isoformat(), "signs_until": until.isoformat() if until else None}
        for row, until in _with_ends(_rows(syndic_id))
    ]


def due_to_rotate(limit: int) -> list[uuid.UUID]:
    """Up to `limit` active syndics whose newest key is past its age, the oldest first."""
    newest = func.max(WebhookKey.signs_from)
    wanted = (
        select(WebhookKey.syndic_id)
        .join(Syndic, Syndic.id == WebhookKey.syndic_id)
        .where(Syndic.status == "active")
        .group_by(WebhookKey.syndic_id)
        .having(newest <= clock.now() - AGE)
        .order_by(newest)
    )
    return list(session().scalars(wanted.limit(limit)))


def tidy(syndic_id: uuid.UUID) -> None:
    """Erase the private halves of keys that sign no more, and forget those that are published no more."""
    now = clock.now()
    for row, until in _with_ends(_held(syndic_id)):
        if until is not None and until <= now - PUBLISHED_AFTER:
            session().delete(row)
        elif until is not None and until <= now - ERASED_AFTER:
            row.private_key = None
    session().flush()


def due_to_tidy(limit: int) -> list[uuid.UUID]:
    """Up to `limit` syndics that have more keys than the one that signs."""
    several = select(WebhookKey.syndic_id).group_by(WebhookKey.syndic_id).having(func.count() > 1)
    return list(session().scalars(several.order_by(func.min(WebhookKey.signs_from)).limit(limit)))


def _rows(syndic_id: uuid.UUID) -> list[WebhookKey]:
    wanted = select(WebhookKey).where(WebhookKey.syndic_id == syndic_id)
    return list(session().scalars(wanted.order_by(WebhookKey.signs_from, WebhookKey.id)))


def _held(syndic_id: uuid.UUID) -> list[WebhookKey]:
    """The keys, which nobody else changes until this transaction ends."""
    session().execute(select(Syndic.id).where(Syndic.id == syndic_id).with_for_update(key_share=True))
    return _rows(syndic_id)


def _with_ends(rows: Sequence[WebhookKey]) -> list[tuple[WebhookKey, datetime | None]]:
    """Each key with the instant at which the next one takes over."""
    ends: list[datetime | None] = [row.signs_from for row in rows[1:]]
    return list(zip(rows, [*ends, None], strict=False))


def _make(
    syndic_id: uuid.UUID, signs_from: datetime, after: WebhookKey | None, withdrawn: list[str] | None = None
) -> WebhookKey:
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    row = WebhookKey(
        syndic_id=syndic_id,
        kid=kid,
        public_jwk={**key.as_dict(private=False), "kid": kid, "alg": ALGORITHM, "use": "sig"},
        private_key=settings().keys.encrypt(key.as_der(private=True), f"webhook-key:{kid}"),
        signs_from=signs_from,
    )
    body = {"kid": kid, "alg": ALGORITHM, "signs_from": signs_from.isoformat()}
    if withdrawn:
        body |= {"withdrawn": ", ".join(withdrawn)}
    elif after is not None:
        body |= {"after": after.kid}
    session().add(row)
    session().flush()
    audit.append(syndic_id, "webhook_key.added", body)
    return row


@lru_cache(maxsize=256)
def _opened(kid: str, sealed: bytes) -> EllipticCurvePrivateKey:
    key = load_der_private_key(settings().keys.decrypt(sealed, f"webhook-key:{kid}"), None)
    assert isinstance(key, EllipticCurvePrivateKey)  # noqa: S101 - of the kind that was stored
    return key
