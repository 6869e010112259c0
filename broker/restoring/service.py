"""After a restore to an earlier moment: nothing that was used, ended or taken back since may come alive again.

The database has forgotten what happened after the backup: codes that were redeemed, sessions that were ended, links of
mails that were followed. Nobody knows which, so all of that kind end here. What people own stays: identities, links,
passwords, passkeys. Promises stay, too: each is kept at least once, and its key tells the other side of a repetition.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, union_all, update

from broker.association.models import Announcement, Association, BrowserProof, Invitation, MailedProof
from broker.identities.addresses.models import AddressChange
from broker.identities.factors.models import FactorCheck, PasskeyChallenge, RecoveryCode
from broker.identities.models import Identity, PasswordReset
from broker.oidc.models import Grant
from broker.sessions.ending import end_where
from broker.sessions.models import AuthorizationRequest, LoginSession
from config import clock
from config.database import session
from config.mail.models import Mail
from config.mail.states import OPEN
from config.outbox import Lane, Promise
from tenants.audit import service as audit
from tenants.legacy.models import LegacyAccount

AHEAD = 1000
"""How far epochs rise: further than any can have risen since the backup. Keys that sources have seen are made of them,
and one that came twice would be answered by the receipt of another disablement."""
BATCH = 500
BEGUN = ("draft", "waiting")


@dataclass(frozen=True)
class Settled:
    """How many of each have ended."""

    sessions: int
    grants: int
    attempts: int
    codes: int


def settle() -> Settled:
    """End all that, in the caller's transaction, while no other process serves; a second time ends nothing more.

    The ledgers get an entry each: what they have lost after it, nobody can forge unseen.
    """
    now = clock.now()
    settled = Settled(_end_sessions(now), _revoke_grants(now), _end_attempts(now), _void_codes(now))
    _raise_epochs()
    _let_mails_lapse(now)
    _free_promises()
    audit.append_each("platform.restored", {head.chain: {"last_entry": head.sequence} for head in audit.heads()})
    return settled


def _end_sessions(now: datetime) -> int:
    """All of them; the extranets of those that would live are told, by back-channel logout."""
    living = LoginSession.ended_at.is_(None)
    count = session().scalar(select(func.count()).select_from(LoginSession).where(living)) or 0
    unexpired = select(LoginSession.id).where(living, LoginSession.expires_at > now).order_by(LoginSession.id)
    ids = session().scalars(unexpired).all()
    for start in range(0, len(ids), BATCH):
        end_where(LoginSession.id.in_(ids[start : start + BATCH]))
    _change(update(LoginSession).where(living).values(ended_at=now))
    return count


def _revoke_grants(now: datetime) -> int:
    """Codes, access tokens and refresh tokens: a used one is not told from one that was never used."""
    return _change(update(Grant).where(Grant.revoked_at.is_(None)).values(revoked_at=now))


def _end_attempts(now: datetime) -> int:
    """Associations, invitations, resets and changes of address that were under way."""
    count = _change(
        update(Association).where(Association.state.in_(BEGUN)).values(state="ended", ended_because="restored")
    )
    _change(update(LegacyAccount).where(LegacyAccount.state == "pending").values(state="active"))
    _change(update(MailedProof).where(MailedProof.used_at.is_(None)).values(used_at=now))
    _change(update(Invitation).where(Invitation.state == "open").values(state="ended", ended_because="expired"))
    _change(update(PasswordReset).where(PasswordReset.used_at.is_(None)).values(used_at=now))
    _change(update(AddressChange).where(AddressChange.state == "pending").values(state="void"))
    _change(update(Announcement).where(Announcement.used_at.is_(None)).values(used_at=now))
    for waiting in (AuthorizationRequest, BrowserProof, FactorCheck, PasskeyChallenge):
        _change(delete(waiting))
    return count


def _void_codes(now: datetime) -> int:
    """Recovery codes: a line that was crossed out must not open again. Their owners print a new list."""
    return _change(update(RecoveryCode).where(RecoveryCode.used_at.is_(None)).values(used_at=now))


def _raise_epochs() -> None:
    """Whatever rests on an older one is dead."""
    _change(update(Identity).values(epoch=Identity.epoch + AHEAD))
    _change(update(LegacyAccount).values(epoch=LegacyAccount.epoch + AHEAD))


def _let_mails_lapse(now: datetime) -> None:
    """Mails whose link has just died are not sent any more. Whatever tells of something still is: twice, perhaps."""
    dead = union_all(
        select(Association.id).where(Association.state == "ended"),
        select(Invitation.id).where(Invitation.state == "ended"),
        select(AddressChange.id).where(AddressChange.state == "void"),
        select(PasswordReset.id),
    )
    about = update(Mail).where(Mail.state.in_(OPEN), Mail.subject_id.in_(dead))
    _change(about.values(state="lapsed", reply="the database was restored", updated_at=now))


def _free_promises() -> None:
    """Who held them is gone."""
    _change(update(Promise).where(Promise.done_at.is_(None)).values(leased_until=None))
    _change(update(Lane).values(held_until=None, open_until=None, failures=0))


def _change(statement: object) -> int:
    changed = session().execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]  # of two kinds
    return int(changed.rowcount)
