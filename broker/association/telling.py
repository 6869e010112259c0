"""What mails say of a link: to the address that the syndic knew, to other holders, and to the syndic itself."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from broker.association import grounds
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
    by_shared_code: bool = True
    """Whether the account's own secret proved it, which a contest then ends."""


@dataclass(frozen=True)
class Alert:
    """What the mail to the syndic says of its own account.

    `prints`: no service of its own issues codes. `by_shared_code`: the account's own secret is in doubt, and ended.
    """

    syndic_name: str
    identifier: str
    prints: bool
    by_shared_code: bool = True


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
        by_shared_code=_by_shared_code(link),
    )


def alert_of_link(link_id: uuid.UUID) -> Alert | None:
    """What to tell the syndic of a contested link."""
    link = session().get(Link, link_id)
    alert = alert_of_account(link.account_id) if link is not None else None
    return replace(alert, by_shared_code=_by_shared_code(link)) if link is not None and alert is not None else None


def alert_of_account(account_id: uuid.UUID) -> Alert | None:
    """What to tell the syndic of one of its own accounts."""
    account = session().get(LegacyAccount, account_id)
    if account is None:
        return None
    kind = (source.described(account.syndic_id) or {}).get("kind")
    return Alert(syndics.by_id(account.syndic_id).name, account.identifier, prints=kind == "imported")


def _by_shared_code(link: Link) -> bool:
    return grounds.of_link(link) in grounds.SHARED
