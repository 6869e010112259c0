"""What mails say of a link: to the address that the syndic knew, to other holders, and to the syndic itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from broker.association.confirmation import masked_identifier
from broker.identities.models import Link
from config.database import session
from tenants.legacy import service as legacy
from tenants.legacy.connectors import source
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics


@dataclass(frozen=True)
class Told:
    """What is told of a link to whoever the syndic has put down for that account."""

    syndic_name: str
    contact: dict[str, str]
    masked_identifier: str
    confirmed_at: datetime


@dataclass(frozen=True)
class Alert:
    """What the mail to the syndic says of its own account. `prints`: no service of its own issues codes."""

    syndic_name: str
    identifier: str
    prints: bool


def of_link(link_id: uuid.UUID) -> Told | None:
    """What to tell of a link (SECURITY R6); None where there is none."""
    link = session().get(Link, link_id)
    if link is None:
        return None
    account = legacy.get(link.syndic_id, link.account_id)
    syndic = syndics.by_id(link.syndic_id)
    return Told(
        syndic_name=syndic.name,
        contact=dict(syndic.contact),
        masked_identifier=masked_identifier(account.identifier),
        confirmed_at=link.created_at,
    )


def alert_of_link(link_id: uuid.UUID) -> Alert | None:
    """What to tell the syndic of a contested link."""
    link = session().get(Link, link_id)
    return alert_of_account(link.account_id) if link is not None else None


def alert_of_account(account_id: uuid.UUID) -> Alert | None:
    """What to tell the syndic of one of its own accounts."""
    account = session().get(LegacyAccount, account_id)
    if account is None:
        return None
    kind = (source.described(account.syndic_id) or {}).get("kind")
    return Alert(syndics.by_id(account.syndic_id).name, account.identifier, prints=kind == "imported")
