"""Addresses that nobody has used for long, or that refuse our mail: their mailbox may be a stranger's by now (R14)."""

from datetime import timedelta

from sqlalchemy import update

from broker.identities import journal
from broker.identities.models import Identity
from config import clock
from config.database import session
from config.mail import suppression

UNUSED = timedelta(days=3 * 365 + 1)
"""36 months: providers give an abandoned mailbox to somebody else after less."""
NOTED = timedelta(days=30)


def is_dormant(identity: Identity) -> bool:
    """Whether a mail to the address proves nothing by itself: a reset then needs a second proof."""
    return identity.bounced_at is not None or identity.used_at <= clock.now() - UNUSED


def note_use(identity: Identity) -> None:
    """The owner has shown the password: written at most once a month."""
    if clock.now() - identity.used_at >= NOTED:
        identity.used_at = clock.now()


def proved(identity: Identity) -> None:
    """The owner has shown the mailbox itself."""
    identity.used_at = clock.now()
    takes_mail(identity)


def takes_mail(identity: Identity) -> None:
    """What a mail carried has come back from its mailbox: it takes mail again."""
    identity.bounced_at = None
    suppression.lift(identity.email)


def bounced(canonical: str) -> None:
    """The mailbox of this address refuses mail for good, and a signed return path has said so."""
    refused = update(Identity).where(Identity.email == canonical, Identity.bounced_at.is_(None))
    whose = session().scalar(refused.values(bounced_at=clock.now()).returning(Identity.id))
    if whose is not None:
        journal.note("address.bounced", whose, None)
