"""Rows of any table, as old as wanted: whatever a column wants is made up, and references lead to one real journey."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Float, LargeBinary, Uuid, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Date, Integer

from broker.association.models import Association
from broker.identities.models import Link
from config import clock, secrets
from config.database import Base, session
from tenants.clients.models import Client

WANTED: dict[str, dict[str, Any]] = {
    "mails": {"state": "accepted"},
    "webhook_endpoints": {"status": "active"},
    "invitations": {"link_id": None, "state": "ended"},
    "address_changes": {"confirmed_at": None, "state": "void"},
    "authenticator_apps": {"confirmed_at": None},
    "second_codes": {"state": "revoked"},
    "security_journal": {"name": None},
    "outbox": {"lane": None, "after_id": None, "stuck_at": None},
    "associations": {"state": "ended", "second_code_id": None, "invitation_id": None, "legacy_proof": "legacy"},
}
"""Values that a table's own checks ask for."""
References = dict[str, Any]
"""By table: the key of a row that is really there."""


def of_link(link: Link) -> References:
    """The rows that belong to it."""
    attempt = session().get_one(Association, link.association_id)
    return {
        "links": link.id,
        "syndics": link.syndic_id,
        "identities": link.identity_id,
        "legacy_accounts": link.account_id,
        "associations": attempt.id,
        "login_sessions": attempt.session_id,
        "clients": session().scalar(select(Client.id).where(Client.syndic_id == link.syndic_id)),
    }


def make(model: type[Base], at: datetime, references: References, **values: Any) -> dict[str, Any]:
    """Insert a row that was made, and is over, at that moment. Returns its key."""
    table = Base.metadata.tables[model.__tablename__]
    wanted = WANTED.get(table.name, {}) | values
    row = {column.name: _value(column, at, references) for column in table.columns if column.name not in wanted}
    row |= wanted
    session().execute(insert(model).values(**row))
    return {column.name: row[column.name] for column in table.primary_key}


def id_of(at: datetime) -> uuid.UUID:
    """A UUIDv7 as it would have been made then."""
    return uuid.UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | secrets_bits())


def secrets_bits() -> int:
    """Fifty random bits: two rows of one moment are two."""
    return int.from_bytes(secrets.random_bytes(6), "big")


def _value(column: "Column[Any]", at: datetime, references: References) -> Any:
    for reference in column.foreign_keys:
        return _referred(reference.column.table.name, references)
    if column.primary_key and isinstance(column.type, Uuid):
        return id_of(at)
    return _of_type(column, at)


def _referred(table: str, references: References) -> Any:
    """The key of a row there: a fresh one is made where there is none."""
    if table not in references:
        model = next(each.class_ for each in Base.registry.mappers if each.class_.__tablename__ == table)
        references[table] = make(model, clock.now() + timedelta(days=1), references)["id"]
    return references[table]


def _of_type(column: "Column[Any]", at: datetime) -> Any:
    kinds: list[tuple[Any, Any]] = [
        (Uuid, uuid.uuid4()),
        (DateTime, at),
        (Date, at.date()),
        (LargeBinary, secrets.random_bytes(32)),
        (JSONB, {}),
        (ARRAY, []),
        (Boolean, False),
        (Float, 1.0),
        (Integer, 0),
    ]
    found = [value for kind, value in kinds if isinstance(column.type, kind)]
    return found[0] if found else f"{column.name}-{secrets.token()[:8]}"
