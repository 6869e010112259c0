"""Beginning, finding and ending login sessions."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from broker.identities import journal
from broker.identities.factors import service as factors
from broker.identities.factors.refusals import FactorNeeded
from broker.identities.factors.strength import LEGACY, Shown
from broker.identities.models import Identity
from broker.identities.refusals import refuse_shut
from broker.sessions import terms
from broker.sessions.ending import end_where
from broker.sessions.models import LoginSession, SessionOrigin
from broker.web.network import Caller
from config import clock, secrets, telemetry
from config.database import new_id, session, statements
from tenants.legacy import second_codes
from tenants.legacy.models import LegacyAccount, SecondCode
from tenants.syndics.models import Syndic

LEGACY_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(hours=12)
PERSISTENT_IDLE = timedelta(days=30)
LONGEST = timedelta(days=180)
NOTICED_EVERY = timedelta(minutes=5)
CONFIRMED_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Begun:
    """A session that has just begun, with the only copy of its token."""

    session: LoginSession
    token: str


def begin_legacy(account: LegacyAccount, caller: Caller, code: SecondCode | None = None) -> Begun:
    """A legacy sign-in: one account, twelve hours in all, never longer than the account's epoch.

    With a second code it rests on that one instead, and is another person's: under a subject of its own.

    Raises:
        IllegalTransition: the second code has ended a moment ago.
    """
    if code is not None:
        second_codes.hold(code)
    telemetry.sign_in(LEGACY.acr, "right")
    return _begin(
        caller,
        account_id=account.id,
        account_epoch=account.epoch,
        second_code_id=code.id if code else None,
        sub=code.sub if code else None,
        shown=LEGACY,
        persistent=False,
        idle=LEGACY_LIFE,
        longest=LEGACY_LIFE,
        origin=account.syndic_id,
    )


def begin_identity(
    identity: Identity,
    caller: Caller,
    *,
    shown: Shown,
    persistent: bool,
    origin: uuid.UUID | None,
    renews: LoginSession | None,
) -> Begun:
    """An identity's sign-in at a syndic or (None) at the portal, by what the person has shown.

    Where the same person signs in again in the same browser, the session goes on under a new token, and the place
    is added to where it was authenticated. A syndic may shorten what « Garder ma session active » keeps (A9).

    Where new terms must be accepted first, the session opens nothing yet: no way of signing in can forget to ask,
    for each begins its session here.

    Raises:
        Frozen, Closed: nobody signs in with this identity, however much they have proved.
        FactorNeeded: the identity has a second factor, and none was shown. No way in goes around this one.
    """
    refuse_shut(identity)
    if not shown.has_factor and factors.enrolled(identity.id).any:
        raise FactorNeeded(f"identity {identity.id} has a factor")
    journal.note("signed-in", identity.id, caller, origin)
    telemetry.sign_in(shown.acr, "right")
    if renews is not None and renews.identity_id == identity.id:
        begun = _renew(renews, shown, persistent=persistent, origin=origin)
    else:
        begun = _begin_new(identity, caller, shown, persistent=persistent, origin=origin)
    begun.session.terms_due = terms.asked_at(identity.id, origin)
    return begun


def _begin_new(
    identity: Identity, caller: Caller, shown: Shown, *, persistent: bool, origin: uuid.UUID | None
) -> Begun:
    idle, longest = _kept(origin) if persistent else (IDLE_LIFE, LONGEST)
    return _begin(
        caller,
        identity_id=identity.id,
        identity_epoch=identity.epoch,
        shown=shown,
        persistent=persistent,
        idle=idle,
        longest=longest,
        origin=origin,
    )


def strengthen(found: LoginSession, shown: Shown) -> None:
    """The person of this session has shown a factor since it began: just now enrolled, or asked for."""
    found.acr, found.amr = shown.acr, list(shown.amr)


def lacks_factor(found: LoginSession) -> bool:
    """Whether the person has a second factor that this session has not shown: it may be older than the factor."""
    if found.identity_id is None or Shown(found.acr, tuple(found.amr)).has_factor:
        return False
    return factors.enrolled(found.identity_id).any


def carry_on(former: LoginSession, identity: Identity) -> Begun:
    """Let this browser stay signed in across a rise of its identity's epoch, which ends every session, its own too.

    A session of its own, as strong and as old as the former, so that no `sid` of before outlives the rise.
    """
    now, token = clock.now(), secrets.token()
    kept = ("authenticated_at", "acr", "amr", "persistent", "idle_s", "expires_at", "user_agent", "network")
    row = LoginSession(
        **{name: getattr(former, name) for name in kept},
        token_digest=secrets.digest(token),
        identity_id=identity.id,
        identity_epoch=identity.epoch,
        created_at=now,
        seen_at=now,
    )
    session().add(row)
    session().flush()
    for origin in origins_of(former.id):
        _authenticated_at(row.id, origin, former.authenticated_at)
    return Begun(row, token)


def living(token: str) -> LoginSession | None:
    """The session of this token, if it still stands: not ended, not idle for too long, its epoch still current.

    One that waits for terms to be accepted is not living yet.
    """
    found = standing(token)
    return found if found is not None and not found.terms_due else None


def standing(token: str) -> LoginSession | None:
    """The same, even where it waits for terms to be accepted: for the page that asks, and for nothing else."""
    now = clock.now()
    found = session().scalar(
        select(LoginSession)
        .outerjoin(Identity, Identity.id == LoginSession.identity_id)
        .outerjoin(LegacyAccount, LegacyAccount.id == LoginSession.account_id)
        .where(
            LoginSession.token_digest == secrets.digest(token),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
            (Identity.epoch == LoginSession.identity_epoch) | (LegacyAccount.epoch == LoginSession.account_epoch),
        )
    )
    if found is None or found.seen_at + timedelta(seconds=found.idle_s) <= now:
        return None
    return found


def by_token(token: str) -> LoginSession | None:
    """The session of this token, whatever became of it: never enough to let anybody in."""
    return session().scalar(select(LoginSession).where(LoginSession.token_digest == secrets.digest(token)))


def is_legacy_at(found: LoginSession, slug: str) -> bool:
    """Whether it is a legacy sign-in at this syndic."""
    account = select(LegacyAccount.id).join(Syndic, Syndic.id == LegacyAccount.syndic_id)
    return session().scalar(account.where(LegacyAccount.id == found.account_id, Syndic.slug == slug)) is not None


def notice(found: LoginSession) -> None:
    """Slide the idle time: written at most every five minutes, in a transaction of its own."""
    now = clock.now()
    if now - found.seen_at >= NOTICED_EVERY:
        with statements() as sql:
            sql.execute("UPDATE login_sessions SET seen_at = %s WHERE id = %s", (now, found.id))


def outlive(found: LoginSession, person: Identity) -> Begun:
    """Let this session alone outlive a rise of its person's epoch, in the same transaction, under a new token."""
    token = secrets.token()
    found.token_digest, found.identity_epoch = secrets.digest(token), person.epoch
    return Begun(found, token)


def open_at(found: LoginSession, syndic_id: uuid.UUID) -> None:
    """From now on this session counts as authenticated at that syndic too, since when it was."""
    values = {"session_id": found.id, "syndic_id": syndic_id, "authenticated_at": found.authenticated_at}
    session().execute(insert(SessionOrigin).values(id=new_id(), **values).on_conflict_do_nothing())


def confirm(found: LoginSession) -> None:
    """The person has typed the password again in this session."""
    found.confirmed_at = clock.now()


def is_confirmed(found: LoginSession) -> bool:
    """Whether that was a few minutes ago at most."""
    return found.confirmed_at is not None and clock.now() - found.confirmed_at < CONFIRMED_FOR


def end(*found: LoginSession) -> None:
    """End these sessions: everything that rests on them is dead from this commit on, and their extranets are told."""
    end_where(LoginSession.id.in_([each.id for each in found]))


def end_all_of(identity_id: uuid.UUID) -> None:
    """End every session of an identity, in the same way."""
    end_where(LoginSession.identity_id == identity_id)


def origins_of(session_id: uuid.UUID) -> set[uuid.UUID | None]:
    """Where the session was authenticated: syndics, and None for the portal."""
    return set(session().scalars(select(SessionOrigin.syndic_id).where(SessionOrigin.session_id == session_id)))


def _begin(
    caller: Caller,
    *,
    shown: Shown,
    persistent: bool,
    idle: timedelta,
    longest: timedelta,
    origin: uuid.UUID | None,
    identity_id: uuid.UUID | None = None,
    identity_epoch: int | None = None,
    account_id: uuid.UUID | None = None,
    account_epoch: int | None = None,
    second_code_id: uuid.UUID | None = None,
    sub: str | None = None,
) -> Begun:
    now, token = clock.now(), secrets.token()
    row = LoginSession(
        token_digest=secrets.digest(token),
        identity_id=identity_id,
        identity_epoch=identity_epoch,
        account_id=account_id,
        account_epoch=account_epoch,
        second_code_id=second_code_id,
        sub=sub,
        authenticated_at=now,
        acr=shown.acr,
        amr=list(shown.amr),
        persistent=persistent,
        created_at=now,
        seen_at=now,
        idle_s=int(idle.total_seconds()),
        expires_at=now + longest,
        user_agent=caller.user_agent,
        network=caller.network,
    )
    session().add(row)
    session().flush()
    _authenticated_at(row.id, origin, now)
    return Begun(row, token)


def _renew(row: LoginSession, shown: Shown, *, persistent: bool, origin: uuid.UUID | None) -> Begun:
    now, token = clock.now(), secrets.token()
    row.token_digest = secrets.digest(token)
    row.acr, row.amr = shown.acr, list(shown.amr)
    row.authenticated_at = row.seen_at = now
    kept_before, row.persistent = row.persistent, row.persistent or persistent
    idle, longest = _kept(origin) if row.persistent else (IDLE_LIFE, LONGEST)
    row.idle_s = min(int(idle.total_seconds()), row.idle_s) if kept_before else int(idle.total_seconds())
    row.expires_at = min(row.expires_at, now + longest)
    session().flush()
    _authenticated_at(row.id, origin, now)
    return Begun(row, token)


def _kept(origin: uuid.UUID | None) -> tuple[timedelta, timedelta]:
    """How long a session that survives the browser may idle, and last in all: at that syndic, or (None) the portal."""
    syndic = session().get(Syndic, origin) if origin else None
    if syndic is None:
        return PERSISTENT_IDLE, LONGEST
    return timedelta(seconds=syndic.session_idle_s), timedelta(seconds=syndic.session_longest_s)


def _authenticated_at(session_id: uuid.UUID, origin: uuid.UUID | None, now: datetime) -> None:
    statement = insert(SessionOrigin).values(id=new_id(), session_id=session_id, syndic_id=origin, authenticated_at=now)
    session().execute(
        statement.on_conflict_do_update(
            constraint="uq_session_origins_session_id_syndic_id", set_={"authenticated_at": now}
        )
    )
