"""What every change of the registry goes through: one at a time, known sides, known purposes, evidence."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from config.database import session
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.audit.models import PLATFORM
from tenants.syndics.models import Syndic
from tenants.trust import cache
from tenants.trust.models import PURPOSES
from tenants.trust.refusals import DatesReversed, Nameless, UnknownPurpose, UnknownSyndic

LOCK = 7_317_002
"""Advisory lock: changes of the registry are rare, and come one after the other."""


def hold() -> None:
    """Let nobody else change the registry until this transaction ends: what was checked must still be so."""
    session().execute(select(func.pg_advisory_xact_lock(LOCK)))
    cache.doubt_after_commit()


def rest_upon() -> None:
    """Let nobody change the registry until this transaction ends, which writes what it is about to read there.

    Any number may do so at the same time. Without it, a link that was allowed a moment before trust ended could be
    committed long after the end was acknowledged.
    """
    session().execute(select(func.pg_advisory_xact_lock_shared(LOCK)))


def slugs(*syndics: uuid.UUID) -> dict[uuid.UUID, str]:
    """The slugs of syndics, by which evidence names them.

    Raises:
        UnknownSyndic: one of them is no syndic of ours.
    """
    rows = session().execute(select(Syndic.id, Syndic.slug).where(Syndic.id.in_(syndics)))
    known = {syndic: slug for syndic, slug in rows}  # noqa: C416 - a Row is no pair to the type checker
    missing = [str(syndic) for syndic in syndics if syndic not in known]
    if missing:
        raise UnknownSyndic(f"no syndic {', '.join(missing)}")
    return known


def purposes(names: Iterable[str]) -> list[str]:
    """The same purposes, each once, in the order of `PURPOSES`.

    Raises:
        UnknownPurpose: one of them is none.
    """
    wanted = set(names)
    if unknown := wanted - set(PURPOSES):
        raise UnknownPurpose(f"no purpose {', '.join(sorted(unknown))}; there are {', '.join(PURPOSES)}")
    return [purpose for purpose in PURPOSES if purpose in wanted]


def reference(value: str, what: str) -> str:
    """A name or a document's reference without blanks around it.

    Raises:
        Nameless: nothing is left.
    """
    if not value.strip():
        raise Nameless(f"the {what} is empty")
    return value.strip()


def in_order(start: datetime, end: datetime | None) -> None:
    """Check that a period has a length.

    Raises:
        DatesReversed: it ends before it begins, or at once.
    """
    if end is not None and end <= start:
        raise DatesReversed(f"from {start.isoformat()} until {end.isoformat()}")


def record(kind: str, body: Mapping[str, Json], sides: Iterable[uuid.UUID]) -> None:
    """Write the change and its evidence: in the platform's chain and in that of every side."""
    session().flush()
    audit.append_to([PLATFORM, *sides], f"trust.{kind}", body)
