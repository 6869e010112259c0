"""The attempt, from the address to the mail: what a legacy sign-in may begin, and its steps in order."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from broker.association.models import Association, BrowserProof, MailedProof
from broker.association.refusals import NoAttempt, TooManyMails, WrongOrder
from broker.identities import passwords
from broker.identities.emails import Address
from broker.sessions.models import LoginSession
from config import clock
from config.database import session
from config.mail.models import Mail
from config.mail.service import post
from config.settings import settings
from tenants.clients.pictures import RegisteredSyndic
from tenants.legacy import service as legacy
from tenants.terms import service as terms
from tenants.terms.models import TermsVersion

MAILS_A_DAY = 5
LIVING = ("draft", "waiting")


def is_due(syndic: RegisteredSyndic) -> bool:
    """Whether a legacy sign-in at this syndic meets the interstitial."""
    return syndic.association_policy == "required"


def may_wait(syndic: RegisteredSyndic) -> bool:
    """Whether « Plus tard » is offered: always, but past a required association's deadline."""
    deadline = syndic.association_deadline
    return not is_due(syndic) or deadline is None or clock.now() < deadline


def lets_in(sign_in: LoginSession, syndic: RegisteredSyndic) -> bool:
    """Whether this legacy sign-in may go on to the extranet: nobody is shut out who reached the mail (JOURNEYS B1)."""
    if may_wait(syndic):
        return True
    reached = select(Association.id).where(Association.session_id == sign_in.id, Association.last_mail_at.is_not(None))
    return session().scalar(reached.limit(1)) is not None


def of_sign_in(sign_in: LoginSession) -> Association | None:
    """The newest attempt of this legacy sign-in, whatever became of it."""
    return session().scalar(
        select(Association).where(Association.session_id == sign_in.id).order_by(Association.created_at.desc()).limit(1)
    )


def of_browser(sign_in: LoginSession | None) -> Association:
    """The newest attempt of a browser, even where its sign-in has ended: it may be told what became of it.

    Raises:
        NoAttempt: there is none.
    """
    attempt = of_sign_in(sign_in) if sign_in else None
    if attempt is None:
        raise NoAttempt("no attempt in this browser")
    return attempt


def living(sign_in: LoginSession) -> Association:
    """The attempt under way of this legacy sign-in.

    Raises:
        NoAttempt: there is none.
    """
    attempt = of_sign_in(sign_in)
    if attempt is None or attempt.state not in LIVING or attempt.expires_at <= clock.now():
        raise NoAttempt(f"sign-in {sign_in.id} has no living attempt")
    return attempt


def begin(sign_in: LoginSession, syndic: RegisteredSyndic, handle: str | None, locale: str) -> Association:
    """Continue the attempt of this sign-in, or begin one. Other browsers' attempts are never looked at (R1)."""
    attempt = of_sign_in(sign_in)
    now = clock.now()
    if attempt is not None and attempt.state in LIVING and attempt.expires_at > now:
        attempt.request_handle = handle or attempt.request_handle
        return attempt
    assert sign_in.account_id is not None  # noqa: S101 - a legacy session has an account (checked by the database)
    assert sign_in.account_epoch is not None  # noqa: S101 - the same
    attempt = Association(
        syndic_id=syndic.id,
        account_id=sign_in.account_id,
        account_epoch=sign_in.account_epoch,
        session_id=sign_in.id,
        request_handle=handle,
        state="draft",
        profile={},
        locale=locale,
        created_at=now,
        expires_at=now + timedelta(seconds=settings().timings.mail_link_s),
    )
    session().add(attempt)
    session().flush()
    return attempt


def choose_address(attempt: Association, address: Address) -> None:
    """Take the address. Where one was taken before, its mails die with it."""
    if attempt.email != address.canonical:
        void_proofs(attempt.id)
    attempt.email, attempt.email_typed = address.canonical, address.typed


def choose_profile(attempt: Association, profile: dict[str, Any], password: str, locale: str) -> None:
    """Take the personal information and the password; nothing is compared with an identity here (JOURNEYS B4)."""
    if attempt.email is None:
        raise WrongOrder("no address yet")
    attempt.profile, attempt.locale = profile, locale
    attempt.password_hash = passwords.hashed(password)


def accept_terms(attempt: Association, versions: list[TermsVersion], network: str) -> None:
    """Keep what was accepted, and send the mail that proves the address. Twice, or in two tabs, is once.

    Raises:
        WrongOrder: an earlier step is missing.
    """
    if attempt.email is None or attempt.password_hash is None:
        raise WrongOrder("no address or no password yet")
    session().refresh(attempt, with_for_update=True)
    if attempt.state == "draft":
        attempt.state = "waiting"
        legacy.mark_pending(legacy.get(attempt.syndic_id, attempt.account_id))
        send_mail(attempt)
    # The ledger's chain last, as everywhere: an account's lock is never waited for while a chain is held.
    terms.accept(attempt.id, versions, network, chain=attempt.syndic_id)


def send_mail(attempt: Association) -> None:
    """Promise a mail with a link and a code of its own; earlier ones stay good."""
    assert attempt.email is not None  # noqa: S101 - a waiting attempt has an address
    now = clock.now()
    attempt.mails_sent += 1
    attempt.code_tries = 0
    attempt.last_mail_at = now
    post(attempt.email, "association_confirm", attempt.id, attempt.locale, f"{attempt.id}:{attempt.mails_sent}")


def resend(attempt: Association) -> None:
    """Send the mail again.

    Raises:
        TooManyMails: less than a minute ago, or five times today.
        WrongOrder: nothing has been sent yet.
    """
    if attempt.state != "waiting":
        raise WrongOrder("the terms are not accepted yet")
    if seconds_before_resend(attempt) > 0 or attempt.mails_sent >= MAILS_A_DAY:
        raise TooManyMails(f"attempt {attempt.id} has sent {attempt.mails_sent} mails")
    send_mail(attempt)


def correct(attempt: Association, address: Address) -> None:
    """Take another address in place of a mistyped one: its links and codes die, a new mail goes out."""
    if attempt.state != "waiting":
        raise WrongOrder("the terms are not accepted yet")
    if attempt.mails_sent >= MAILS_A_DAY:
        raise TooManyMails(f"attempt {attempt.id} has sent {attempt.mails_sent} mails")
    choose_address(attempt, address)
    attempt.tries = 0
    send_mail(attempt)


def seconds_before_resend(attempt: Association) -> int:
    """How long « Renvoyer le mail » still has to wait."""
    if attempt.last_mail_at is None:
        return 0
    passed = (clock.now() - attempt.last_mail_at).total_seconds()
    return max(0, int(settings().timings.resend_s - passed))


def mail_state(attempt: Association) -> str:
    """What became of the attempt's newest mail."""
    newest = select(Mail.state).where(Mail.subject_id == attempt.id).order_by(Mail.created_at.desc()).limit(1)
    return session().scalar(newest) or "queued"


def end(attempt: Association, because: str) -> None:
    """End an attempt that was not confirmed; the account is free again when no other one waits for it."""
    attempt.state, attempt.ended_because = "ended", because
    void_proofs(attempt.id)
    session().flush()
    others = select(func.count()).where(
        Association.account_id == attempt.account_id,
        Association.state == "waiting",
        Association.expires_at > clock.now(),
    )
    if not session().scalar(others):
        legacy.release(legacy.get(attempt.syndic_id, attempt.account_id))


def void_proofs(association_id: uuid.UUID) -> None:
    """Links and codes that were mailed for this attempt are worth nothing any more, nor is what they proved (R8).

    A browser that has shown the code of one mailbox must never confirm the address of another.
    """
    session().execute(delete(MailedProof).where(MailedProof.association_id == association_id))
    session().execute(delete(BrowserProof).where(BrowserProof.association_id == association_id))
