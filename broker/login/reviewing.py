"""What a new password opens, shown as soon as it is kept: after a recovery the owner looks at it all (SECURITY R3).

Where the mailbox was not enough to let anybody in (a second factor, a second proof), the sign-in shows it instead.
"""

from dataclasses import dataclass

from sqlalchemy import select

from broker.association.confirmation import masked_identifier
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from config.database import session
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic


@dataclass(frozen=True)
class Opened:
    """One syndic, how to reach it, and the accounts there, as their owner knows them."""

    syndic: str
    contact: dict[str, str]
    accounts: list[str]


def opened(identity: Identity) -> list[Opened]:
    """The accounts that the identity opens, by syndic, in two statements."""
    rows = identities.links_of(identity.id)
    syndics = session().scalars(select(Syndic).where(Syndic.id.in_({link.syndic_id for link, _ in rows})))
    return [Opened(syndic.name, dict(syndic.contact), _at(syndic, rows)) for syndic in syndics]


def _at(syndic: Syndic, rows: list[tuple[Link, LegacyAccount]]) -> list[str]:
    here = ((link.label or account.label, account.identifier) for link, account in rows if link.syndic_id == syndic.id)
    return [_named(label, identifier) for label, identifier in here]


def _named(label: str, identifier: str) -> str:
    masked = masked_identifier(identifier)
    return f"{label} ({masked})" if label else masked
