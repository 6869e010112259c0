"""The attempt, from the address to the mail: what a legacy sign-in may begin, and its steps in order."""

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, event, select
from sqlalchemy.orm import object_session

from broker.association import announcements, grounds, mailing
from broker.association.models import Association, BrowserProof, MailedProof
from broker.association.refusals import NoAttempt, WrongOrder
from broker.identities import passwords
from broker.identities.emails import Address
from broker.identities.models import Identity
from broker.sessions.models import LoginSession
from config import clock, secrets, telemetry
from config.database import session
from config.settings import settings
from tenants.clients.pictures import RegisteredSyndic
from tenants.legacy.refusals import IllegalTransition
from tenants.terms import service as terms
from tenants.terms.models import TermsVersion

LIVING = ("draft", "waiting")
EXPIRED = "expired"


def is_due(syndic: RegisteredSyndic) -> bool:
    """Whether a legacy sign-in at this syndic meets the interstitial."""
    return syndic.association_policy == "required"


def may_wait(syndic: RegisteredSyndic) -> bool:
    """Whether « Plus tard » is offered: always, but past a required association's deadline."""
    deadline = syndic.association_deadline
    return not is_due(syndic) or deadline is None or clock.now() < deadline


def lets_in(sign_in: LoginSession, syndic: RegisteredSyndic) -> bool:
    """Whether this legacy sign-in may go on to the extranet: nobody is shut out who reached B6 (JOURNEYS B1).

    Whatever became of the mail, and of the attempt: refused, held back by a cap, given up.
    """
    if may_wait(syndic):
        return True
    reached = select(Association.id).where(Association.session_id == sign_in.id, Association.waiting_since.is_not(None))
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
    if attempt is None or not _lives(attempt):
        raise NoAttempt(f"sign-in {sign_in.id} has no living attempt")
    return attempt


def begin(
    sign_in: LoginSession, syndic: RegisteredSyndic, handle: str | None, locale: str, token: str | None
) -> tuple[Association, str | None]:
    """Continue the attempt of this sign-in or of this browser, or begin one.

    `token` is what the browser holds of an attempt. Returns the attempt and, where it is new, the token by which the
    browser finds it again. Other browsers' attempts are never looked at (SECURITY R1).
    """
    found = resumable(sign_in, token)
    if found is not None:
        found.session_id, found.request_handle = sign_in.id, handle or found.request_handle
        return found, None
    assert sign_in.account_id is not None  # noqa: S101 - a legacy session has an account (checked by the database)
    assert sign_in.account_epoch is not None  # noqa: S101 - the same
    now, fresh = clock.now(), secrets.token()
    attempt = Association(
        syndic_id=syndic.id,
        account_id=sign_in.account_id,
        account_epoch=sign_in.account_epoch,
        session_id=sign_in.id,
        browser_digest=secrets.digest(fresh),
        legacy_proof=grounds.SECOND_CODE if sign_in.second_code_id else announcements.proof_of(sign_in.id),
        second_code_id=sign_in.second_code_id,
        request_handle=handle,
        state="draft",
        profile={},
        locale=locale,
        created_at=now,
        expires_at=now + timedelta(seconds=settings().timings.mail_link_s),
    )
    session().add(attempt)
    session().flush()
    telemetry.flow("association.begun")
    return attempt, fresh


def resumable(sign_in: LoginSession, token: str | None) -> Association | None:
    """The living attempt of this sign-in; else the one that this browser began at an earlier sign-in to the account.

    Whoever gets it has shown the account's credentials and holds the cookie of the browser that began: the same
    printed code in another browser may be in other hands, and there nothing of it is known, neither address nor name.
    """
    own = of_sign_in(sign_in)
    if own is not None and _lives(own):
        return own
    earlier = select(Association).where(Association.browser_digest == secrets.digest(token or ""))
    found = session().scalar(earlier.where(Association.account_id == sign_in.account_id))
    return found if found is not None and _lives(found) and _is_same_ground(found, sign_in) else None


def _is_same_ground(attempt: Association, sign_in: LoginSession) -> bool:
    """Whether the sign-in has shown what the attempt rests on: the same second code, or the secret as it was."""
    if attempt.second_code_id or sign_in.second_code_id:
        return attempt.second_code_id == sign_in.second_code_id
    return attempt.account_epoch == sign_in.account_epoch


def _lives(attempt: Association) -> bool:
    return attempt.state in LIVING and attempt.expires_at > clock.now()


def choose_address(attempt: Association, address: Address) -> None:
    """Take the address. Where one was taken before, its mails die with it."""
    if attempt.email != address.canonical:
        void_proofs(attempt.id)
    attempt.email, attempt.email_typed = address.canonical, address.typed


def choose_profile(attempt: Association, profile: dict[str, Any], password: str, locale: str) -> None:
    """Take the personal information and the password; nothing is compared with an identity here (JOURNEYS B4).

    A weak password makes no identity: it can only be meant for one that is there, whose own password counts at B7.
    """
    if attempt.email is None:
        raise WrongOrder("no address yet")
    attempt.profile, attempt.locale = profile, locale
    weak = passwords.weakness(password, attempt.email) is not None
    attempt.password_hash = passwords.hashed(secrets.token() if weak else password)


def accept_terms(attempt: Association, versions: list[TermsVersion], network: str) -> None:
    """Keep what was accepted, and send the mail that proves the address, where nothing has yet. Twice is once.

    Raises:
        WrongOrder: an earlier step is missing.
    """
    if attempt.email is None or attempt.password_hash is None:
        raise WrongOrder("no address or no password yet")
    session().refresh(attempt, with_for_update=True)
    if attempt.state == "draft":
        attempt.state, attempt.waiting_since = "waiting", attempt.waiting_since or clock.now()
        grounds.of(attempt).wait(attempt)
        if attempt.legacy_proof != grounds.INVITATION:  # its mailbox has been proved before anything else
            mailing.send_first(attempt, network)
        telemetry.flow("association.waiting")
    # The ledger's chain last, as everywhere: an account's lock is never waited for while a chain is held.
    terms.accept(attempt.id, versions, network, chain=attempt.syndic_id)


def end(attempt: Association, because: str) -> None:
    """End an attempt that was not confirmed, and free what it rested on."""
    attempt.state, attempt.ended_because = "ended", because
    telemetry.flow("association.ended")
    void_proofs(attempt.id)
    session().flush()
    grounds.of(attempt).release(attempt)


def expire(attempt: Association) -> None:
    """End an attempt whose time is over, and free what it rested on. Its mails' links still say that they expired."""
    attempt.state, attempt.ended_because = "ended", EXPIRED
    telemetry.flow("association.ended")
    session().execute(delete(BrowserProof).where(BrowserProof.association_id == attempt.id))
    session().flush()
    if attempt.legacy_proof in grounds.SHARED:  # an invitation that was not answered in time was not refused
        with suppress(IllegalTransition):  # its account's secret is retired: there is nothing to free
            grounds.of(attempt).release(attempt)


def void_proofs(association_id: uuid.UUID) -> None:
    """Links and codes that were mailed for this attempt are worth nothing any more, nor is what they proved (R8).

    A browser that has shown the code of one mailbox must never confirm the address of another.
    """
    session().execute(delete(MailedProof).where(MailedProof.association_id == association_id))
    session().execute(delete(BrowserProof).where(BrowserProof.association_id == association_id))


@event.listens_for(Identity.epoch, "set")
def _void_what_was_shown(person: Identity, *_: Any) -> None:
    """A password that was shown before a reset, or before anything else that raises the epoch, confirms nothing (R2).

    Noticed on the object itself, so that whoever raises an epoch need not think of it.
    """
    work = object_session(person)
    if work is not None and person.id is not None:
        with work.no_autoflush:
            work.execute(delete(BrowserProof).where(BrowserProof.identity_id == person.id))
