"""The mails of an attempt: sent at B6, sent again, sent to a corrected address, and what became of the newest."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from broker.association.models import Association
from broker.association.refusals import TooManyMails, TooSoon, WrongOrder
from config import clock
from config.database import session
from config.mail.models import Mail
from config.mail.service import newest_state, post
from config.settings import settings

KIND = "association_confirm"
AGAIN_A_DAY = 5
CODE_LIFE = timedelta(hours=24)


def send_first(attempt: Association, network: str) -> None:
    """The mail of B6. Of an attempt that started over with other addresses too often today, none goes out."""
    if _sent_today(attempt) > AGAIN_A_DAY:
        attempt.mail_capped_at = clock.now()
    else:
        send(attempt, network)


def send(attempt: Association, network: str) -> None:
    """Promise a mail with a link and a code of its own; earlier ones stay good.

    Where the address has got enough mail, none is promised and the attempt remembers it: the owner is let in all the
    same, and told.
    """
    assert attempt.email is not None  # noqa: S101 - a waiting attempt has an address
    now = clock.now()
    key = f"{attempt.id}:{attempt.mails_sent + 1}"
    to, locale = attempt.email, attempt.locale
    if not post(to, KIND, attempt.id, locale, key, asked_from=network, syndic_id=attempt.syndic_id):
        attempt.mail_capped_at = now
        return
    attempt.mails_sent += 1
    attempt.code_tries = 0
    attempt.last_mail_at, attempt.mail_capped_at = now, None


def resend(attempt: Association, network: str) -> None:
    """« Renvoyer le mail ».

    Raises:
        TooSoon: the last one is less than a minute old.
        TooManyMails: five times today, or the address has got enough by other ways.
        WrongOrder: nothing has been sent yet.
    """
    _lock(attempt)
    if seconds_before_resend(attempt) > 0:
        raise TooSoon(f"attempt {attempt.id}")
    send_another(attempt, network)


def send_another(attempt: Association, network: str) -> None:
    """Send a mail beyond the first one, as often a day as is allowed.

    Raises:
        TooManyMails: five times today, or the address has got enough by other ways.
        WrongOrder: nothing has been sent yet.
    """
    _lock(attempt)
    if attempt.state != "waiting":
        raise WrongOrder("the terms are not accepted yet")
    if _sent_today(attempt) > AGAIN_A_DAY:
        raise TooManyMails(f"attempt {attempt.id} has sent {attempt.mails_sent} mails")
    send(attempt, network)
    if attempt.mail_capped_at is not None:
        raise TooManyMails(f"attempt {attempt.id}: the address has got enough mail")


def seconds_before_resend(attempt: Association) -> int:
    """How long « Renvoyer le mail » still has to wait."""
    if attempt.last_mail_at is None:
        return 0
    passed = (clock.now() - attempt.last_mail_at).total_seconds()
    return max(0, int(settings().timings.resend_s - passed))


def state(attempt: Association) -> str:
    """What became of the attempt's newest mail; `capped`: none went out, the address has got enough."""
    if attempt.mail_capped_at is not None:
        return "capped"
    return newest_state(attempt.id, KIND)


def code_expires_at(attempt: Association) -> datetime | None:
    """Until when the newest mail's code is good, to the minute of its promise; None: there was none."""
    return attempt.last_mail_at + CODE_LIFE if attempt.last_mail_at else None


def _sent_today(attempt: Association) -> int:
    """The first mail and those sent again, in the last 24 hours."""
    since = clock.now() - timedelta(days=1)
    found = select(func.count()).where(Mail.subject_id == attempt.id, Mail.created_at > since)
    return session().scalar(found) or 0


def _lock(attempt: Association) -> None:
    """Two clicks at once are counted one after the other."""
    session().flush()
    session().refresh(attempt, with_for_update=True)
