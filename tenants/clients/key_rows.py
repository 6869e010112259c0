"""The rows of a syndic's signing keys: read in their order, held while they change, and made."""

import uuid
from datetime import timedelta

from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from config import clock
from config.database import session
from config.settings import settings
from tenants.clients.models import SigningKey
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic

RSA_BITS = 2048


def all_of(syndic_id: uuid.UUID) -> list[SigningKey]:
    """A syndic's keys as the database has them now, in the order in which they sign."""
    rows = select(SigningKey).where(SigningKey.syndic_id == syndic_id).order_by(SigningKey.signs_from, SigningKey.id)
    return list(session().scalars(rows, execution_options={"populate_existing": True}))


def held(syndic_id: uuid.UUID) -> list[SigningKey]:
    """The keys, which nobody else changes until this transaction ends."""
    session().execute(select(Syndic.id).where(Syndic.id == syndic_id).with_for_update(key_share=True))
    return all_of(syndic_id)


def make(syndic_id: uuid.UUID, alg: str, ahead: timedelta) -> SigningKey:
    """Add a key whose time comes `ahead` of now: counted once it is made, which may take a while."""
    key = RSAKey.generate_key(RSA_BITS) if alg == "RS256" else ECKey.generate_key("P-256")
    kid, now = key.thumbprint(), clock.now()
    row = SigningKey(
        syndic_id=syndic_id,
        kid=kid,
        alg=alg,
        public_jwk={**key.as_dict(private=False), "kid": kid, "alg": alg, "use": "sig"},
        private_key=settings().keys.encrypt(key.as_der(private=True), f"signing-key:{kid}"),
        created_at=now,
        signs_from=now + ahead,
    )
    session().add(row)
    session().flush()
    syndics.touch(syndic_id)
    return row
