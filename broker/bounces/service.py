"""What a notice does: the mail has bounced, its address is spared for a while, and proves nothing alone any more (R14).

Each mail counts once, so that a notice that comes again, or is played again, does nothing.
"""

from datetime import timedelta

from sqlalchemy import select, update

from broker.bounces import notices
from broker.bounces.notices import Bounce
from broker.identities import dormancy
from broker.identities.models import Identity
from config import clock
from config.database import session
from config.errors import NotFound
from config.logging import log
from config.mail import states, suppression
from config.mail.models import Mail
from config.settings import settings

HEARD = timedelta(days=14)
"""After a mail was promised: servers try for five days, and a return path that is older is nobody's business."""
_log = log("mail")


def refuse_if_off() -> None:
    """Let nobody hand over notices where mails have no return path of their own.

    Raises:
        NotFound: `TROUSSEAU_MAIL_BOUNCE` is not set.
    """
    if settings().mail_bounce is None:
        raise NotFound("TROUSSEAU_MAIL_BOUNCE is not set: mails have no return path of their own")


def take(raw: bytes, came_to: str = "") -> bool:
    """Count a message that came to a return path. False: it tells nothing that counts, or has told it before.

    `came_to`: the envelope's recipient, where it is known.
    """
    notice = notices.read(raw, came_to)
    mail = session().get(Mail, notice.mail_id) if notice else None
    if notice is None or mail is None or clock.now() - mail.created_at > HEARD:
        return False
    counted = _bounced(mail, notice) if isinstance(notice, Bounce) else _complained(mail)
    _log.info("notice", notice=type(notice).__name__.lower(), mail_kind=mail.kind, counted=counted)
    return counted


def _bounced(mail: Mail, notice: Bounce) -> bool:
    if not states.move(mail.id, "bounced", notice.said):
        return False
    if notice.mailbox and not _has_been_shown_since(mail):
        suppression.suppress(mail.recipient, "bounce")
        dormancy.bounced(mail.recipient)
    return True


def _complained(mail: Mail) -> bool:
    first = session().scalar(
        update(Mail)
        .where(Mail.id == mail.id, Mail.complained_at.is_(None))
        .values(complained_at=clock.now())
        .returning(Mail.id)
    )
    if first is None:
        return False
    suppression.suppress(mail.recipient, "complaint")
    return True


def _has_been_shown_since(mail: Mail) -> bool:
    """Whether its owner has used the address after this mail was promised: the notice of an earlier mail came late."""
    used = select(Identity.id).where(Identity.email == mail.recipient, Identity.used_at > mail.created_at)
    return session().scalar(used) is not None
