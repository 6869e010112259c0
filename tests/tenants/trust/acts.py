"""What syndics and the platform do to the registry, and what they can see of it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from config.database import session
from tenants.audit.models import LedgerEntry
from tenants.trust import service
from tenants.trust.models import PURPOSES, Agreement
from tests.tenants.trust.conftest import Three

Later = Callable[[timedelta], None]


SECOND = timedelta(seconds=1)


def propose(syndics: Three, **changes: Any) -> Agreement:
    offer: dict[str, Any] = {"forward": PURPOSES, "backward": PURPOSES, "document": "ACC-2026-1"}
    return service.propose(syndics.a, syndics.b, **(offer | changes))


def agreed(syndics: Three) -> Agreement:
    agreement = propose(syndics)
    service.accept(agreement.id, syndics.b)
    return agreement


def trusted(syndics: Three) -> bool:
    return service.decide(syndics.a, syndics.b, "switch").allowed


def evidence(chain: uuid.UUID) -> list[str]:
    rows = select(LedgerEntry.kind).where(LedgerEntry.chain == chain).order_by(LedgerEntry.sequence)
    return list(session().scalars(rows))


def circle(admission: str = "operator") -> uuid.UUID:
    return service.create_circle("Cercle", "CHARTE-1", admission, ["link", "switch"]).id


def admit(made: uuid.UUID, syndic: uuid.UUID, **dates: Any) -> None:
    """Admit a syndic that consents, by the operator."""
    service.admit(made, syndic, consents=[syndic], **dates)


def entries(chain: uuid.UUID) -> list[LedgerEntry]:
    rows = select(LedgerEntry).where(LedgerEntry.chain == chain).order_by(LedgerEntry.sequence)
    return list(session().scalars(rows))
