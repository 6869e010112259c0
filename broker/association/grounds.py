"""What the legacy side of an attempt rests on, and so what its confirmation closes.

Three grounds: the account's own secret, which everybody who holds the letter shares (`legacy`, `extranet`); a second
code, which is one person's (`second-code`); and a holder's invitation (`invitation`). Only the first closes a door that
others may stand in; the other two touch nothing but themselves (docs/decisions/0024).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update

from broker.association.invitations import standing
from broker.association.models import Association
from broker.identities import service as identities
from broker.identities.models import Link
from broker.sessions.models import LoginSession
from config import clock, secrets
from config.database import session
from tenants.legacy import second_codes
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount, SecondCode
from tenants.syndics import service as syndics

SHARED, SECOND_CODE, INVITATION = ("legacy", "extranet"), "second-code", "invitation"


@dataclass(frozen=True)
class Ground:
    """One ground: the questions and acts that differ."""

    stands: Callable[[Association, LegacyAccount], bool]
    """Whether it may still become a link; the account is held by the caller's transaction."""
    wait: Callable[[Association], None]
    """The attempt waits for its proof from now on."""
    release: Callable[[Association], None]
    """It has ended without a link."""
    rivals: Callable[[Association], ColumnElement[bool]]
    """The attempts that its confirmation ends: those on the same ground."""
    subject: Callable[[Association, LegacyAccount], str]
    """The subject of the link."""
    close: Callable[[Association, LegacyAccount, bool], None]
    """Close the door that it came through; the flag: its own new password has confirmed it."""
    revives: bool
    """Whether it takes the place of a suspended link of the same two: the syndic has issued a code since."""


def of(attempt: Association) -> Ground:
    """What this attempt rests on."""
    return _GROUNDS[attempt.legacy_proof]


def inviter_of(attempt: Association) -> uuid.UUID | None:
    """The link of whoever invited, where somebody did."""
    invitation = standing.of_id(attempt.invitation_id)
    return invitation.inviter_link_id if invitation else None


def _nothing(_attempt: Association) -> None:
    """Nobody else's door is touched."""


def _secret_stands(attempt: Association, account: LegacyAccount) -> bool:
    return account.epoch == attempt.account_epoch


def _secret_waits(attempt: Association) -> None:
    legacy.mark_pending(legacy.get(attempt.syndic_id, attempt.account_id))


def _secret_is_released(attempt: Association) -> None:
    """The account is free again when no other attempt on its secret waits."""
    others = select(func.count()).where(
        Association.account_id == attempt.account_id,
        Association.legacy_proof.in_(SHARED),
        Association.state == "waiting",
        Association.expires_at > clock.now(),
    )
    if not session().scalar(others):
        legacy.release(legacy.get(attempt.syndic_id, attempt.account_id))


def _secret_rivals(attempt: Association) -> ColumnElement[bool]:
    return (Association.account_id == attempt.account_id) & Association.legacy_proof.in_(SHARED)


def _own_or_new(sub: str) -> str:
    return secrets.token() if identities.sub_is_taken(sub) else sub


def _secret_closes(attempt: Association, account: LegacyAccount, made_now: bool) -> None:
    """The account's old door; the sign-in that began it goes on, where its own new password confirmed it (DESIGN)."""
    syndic = syndics.by_id(account.syndic_id)
    legacy.confirm(account, disable=syndic.legacy_disable == "after_confirmation")
    if made_now:
        session().execute(
            update(LoginSession).where(LoginSession.id == attempt.session_id).values(account_epoch=account.epoch)
        )


def _code_stands(attempt: Association, _account: LegacyAccount) -> bool:
    """It may run out while its holder waits for a mail: what counts is that nobody has ended it."""
    code = _code(attempt)
    session().refresh(code, with_for_update=True)
    return code.state == "active"


def _code_rivals(attempt: Association) -> ColumnElement[bool]:
    return Association.second_code_id == attempt.second_code_id


def _code_closes(attempt: Association, _account: LegacyAccount, made_now: bool) -> None:
    second_codes.retire(_code(attempt), attempt.session_id if made_now else None)


def _code(attempt: Association) -> SecondCode:
    assert attempt.second_code_id is not None  # noqa: S101 - checked by the database
    return second_codes.get(attempt.syndic_id, attempt.second_code_id)


def _invitation_stands(attempt: Association, _account: LegacyAccount) -> bool:
    return standing.stands_locked(standing.of_id(attempt.invitation_id))


def _invitation_is_refused(attempt: Association) -> None:
    """Whoever was invited said « Ce n'est pas moi », or holds the account already: nothing is left to accept."""
    invitation = standing.of_id(attempt.invitation_id)
    if invitation is not None and invitation.state == "open":
        invitation.state, invitation.ended_because = "ended", "refused"


def _invitation_rivals(attempt: Association) -> ColumnElement[bool]:
    return Association.invitation_id == attempt.invitation_id


def _invitation_closes(attempt: Association, _account: LegacyAccount, _made_now: bool) -> None:
    invitation = standing.of_id(attempt.invitation_id)
    assert invitation is not None  # noqa: S101 - it stood a moment ago, under lock
    invitation.state, invitation.link_id = "accepted", attempt.link_id


_SECRET = Ground(
    stands=_secret_stands,
    wait=_secret_waits,
    release=_secret_is_released,
    rivals=_secret_rivals,
    subject=lambda _attempt, account: _own_or_new(account.sub),
    close=_secret_closes,
    revives=True,
)
_GROUNDS = {
    **dict.fromkeys(SHARED, _SECRET),
    SECOND_CODE: Ground(
        stands=_code_stands,
        wait=_nothing,
        release=_nothing,
        rivals=_code_rivals,
        subject=lambda attempt, _account: _own_or_new(_code(attempt).sub),
        close=_code_closes,
        revives=True,
    ),
    INVITATION: Ground(
        stands=_invitation_stands,
        wait=_nothing,
        release=_invitation_is_refused,
        rivals=_invitation_rivals,
        subject=lambda _attempt, _account: secrets.token(),
        close=_invitation_closes,
        revives=False,
    ),
}


def of_link(link: Link) -> str:
    """On which ground a link was made: `legacy`, `second-code` or `invitation`."""
    first = link.proofs[0] if link.proofs else SHARED[0]
    return SHARED[0] if first in SHARED else first
