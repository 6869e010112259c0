"""How long each kind of mail is of use: past that it is not tried any more, and no server was down for too long."""

from datetime import datetime, timedelta

from broker.identities import reset
from broker.identities.addresses import change
from config.settings import settings

CEILING = timedelta(days=7)
"""Of every kind: what has not left in a week is news no more."""
LIVES = {
    "password_reset": reset.LIFE,
    "password_reset_unknown": reset.LIFE,
    "address_confirm": change.LIFE,
    "address_changed": change.REVERTABLE,
}
"""As long as what the mail carries is good. A kind that is not here tells of something: as long as the ceiling."""


def ends_at(kind: str, promised_at: datetime) -> datetime:
    """Until when a mail of this kind, promised then, is worth sending."""
    if kind == "association_confirm":
        life = timedelta(seconds=settings().timings.mail_link_s)
    else:
        life = LIVES.get(kind, CEILING)
    return promised_at + min(life, CEILING)
