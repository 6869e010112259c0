"""Make the key that signs proof files, let another follow, sign, and publish what verifies (docs/evidence.md)."""

from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import func, select, update

from config import clock
from config.database import session
from config.errors import Unavailable
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM, LedgerEntry
from tenants.evidence.models import EvidenceKey

ALGORITHM = "ES256"
LOCK = 7_317_003
"""Advisory lock: of two who make a key at once, the second finds the first one's."""


def first() -> EvidenceKey:
    """The key that signs; the first one is made where there is none."""
    _hold()
    return _signing() or _make(after=None)


def rotate() -> EvidenceKey:
    """Make the next key, which signs from now on, and erase the private half of the one before."""
    _hold()
    before = _signing()
    made = _make(after=before)
    if before is not None:
        old = update(EvidenceKey).where(EvidenceKey.id == before.id)
        session().execute(old.values(private_key=None))
    return made


def published() -> list[dict[str, Any]]:
    """The public halves of all keys that ever signed, as JWKs (RFC 7517), the newest first."""
    return [dict(row.public_jwk) for row in every()]


def every() -> list[EvidenceKey]:
    """All keys, the newest first."""
    return list(session().scalars(select(EvidenceKey).order_by(EvidenceKey.created_at.desc(), EvidenceKey.id.desc())))


def signer() -> tuple[EvidenceKey, LedgerEntry]:
    """The key that signs, and the entry of the platform's chain that names it.

    Raises:
        Unavailable: no key was made yet (`trousseau db upgrade` makes the first one).
    """
    key = _signing()
    if key is None:
        raise Unavailable("no key for proof files: run trousseau db upgrade")
    named = (LedgerEntry.chain == PLATFORM, LedgerEntry.sequence == key.ledger_sequence)
    return key, session().scalars(select(LedgerEntry).where(*named)).one()


def sign(key: EvidenceKey, payload: bytes) -> str:
    """A compact JWS (RFC 7515 §3.1) over the payload."""
    if key.private_key is None:
        raise Unavailable(f"the evidence key {key.kid} was followed by another meanwhile")
    private = ECKey.import_key(settings().keys.decrypt(key.private_key, f"evidence-key:{key.kid}"))
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "trousseau-evidence"}
    return jws.serialize_compact(header, payload, private, algorithms=[ALGORITHM])


def _hold() -> None:
    session().execute(select(func.pg_advisory_xact_lock(LOCK)))


def _signing() -> EvidenceKey | None:
    newest = select(EvidenceKey).where(EvidenceKey.private_key.is_not(None)).order_by(EvidenceKey.created_at.desc())
    return session().scalar(newest.limit(1))


def _make(after: EvidenceKey | None) -> EvidenceKey:
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    body = {"kid": kid, "alg": ALGORITHM, "after": after.kid if after else None}
    row = EvidenceKey(
        kid=kid,
        public_jwk={**key.as_dict(private=False), "kid": kid, "alg": ALGORITHM, "use": "sig"},
        private_key=settings().keys.encrypt(key.as_der(private=True), f"evidence-key:{kid}"),
        ledger_sequence=audit.append(PLATFORM, "evidence_key.added", body),
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()
    return row
