"""Between the right password and the session: one browser is asked for a factor, for ten minutes.

Typed codes are counted before they are checked, per identity and not per check: whoever has found a password gets
five tries in a quarter of an hour, however often the password is typed again. Passkeys cannot be guessed and are not
counted.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from broker.identities import journal
from broker.identities.factors import apps, passkeys, recovery_codes, service, strength, tries
from broker.identities.factors.models import FactorCheck
from broker.identities.factors.refusals import CheckGone, TooManyWrongCodes
from broker.identities.models import Identity
from broker.web.network import Caller
from config import clock, secrets
from config.database import session

LIFE = timedelta(minutes=10)


def begin(identity: Identity, place: str, after: dict[str, Any]) -> str:
    """Ask for a factor at this place. Returns the token for the browser, which is all that may go on."""
    token, now = secrets.token(), clock.now()
    stale = delete(FactorCheck).where(FactorCheck.identity_id == identity.id, FactorCheck.expires_at <= now)
    session().execute(stale)
    session().add(
        FactorCheck(
            token_digest=secrets.digest(token),
            identity_id=identity.id,
            identity_epoch=identity.epoch,
            factors=service.fingerprint(identity.id),
            place=place,
            after=after,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    return token


def held(token: str | None, place: str) -> tuple[FactorCheck, Identity]:
    """The check of this browser at this place, and whose it is.

    Raises:
        CheckGone: none, used, too old, another place's; the epoch rose, or the factors are others by now.
    """
    row = session().scalar(select(FactorCheck).where(FactorCheck.token_digest == secrets.digest(token or "")))
    if row is None or row.place != place or row.used_at is not None or row.expires_at <= clock.now():
        raise CheckGone("no living check of this browser and place")
    identity = session().get(Identity, row.identity_id)
    if identity is None or identity.epoch != row.identity_epoch or service.fingerprint(identity.id) != row.factors:
        raise CheckGone(f"check {row.id} was overtaken by a change")
    return row, identity


def by_app(check: FactorCheck, identity: Identity, typed: str, caller: Caller) -> strength.Shown | None:
    """Show a code of the app. None: wrong, or used already. A malformed entry is no try.

    Raises:
        TooManyWrongCodes, CheckGone: nothing was checked.
    """
    row = apps.confirmed(identity.id)
    if row is None or apps.digits(typed) is None:
        return None
    shown = _counted(check, identity, caller, lambda: apps.taken(row, typed))
    return strength.ONE_TIME_CODE if shown else None


def by_recovery_code(check: FactorCheck, identity: Identity, typed: str, caller: Caller) -> strength.Shown | None:
    """Show a recovery code, which is used then, and told. None and the errors: as `by_app`."""
    if recovery_codes.written(typed) is None:
        return None
    if not _counted(check, identity, caller, lambda: recovery_codes.taken(identity.id, typed)):
        return None
    journal.tell("recovery.used", identity, caller, left=recovery_codes.left(identity.id))
    return strength.ONE_TIME_CODE


def by_passkey(check: FactorCheck, identity: Identity, answer: str, caller: Caller) -> strength.Shown | None:
    """Show a passkey. None: it is none of this identity's, or not for the challenge that was given last.

    Raises:
        CheckGone: the check was used meanwhile.
    """
    try:
        shown = passkeys.verify(identity.id, check.id, answer)
    except passkeys.Cloned as found:
        journal.tell("passkey.cloned", identity, caller, name=found.passkey.name)
        return None
    if shown is not None:
        _use(check)
    return shown


def _counted(check: FactorCheck, identity: Identity, caller: Caller, right: Callable[[], bool]) -> bool:
    """Count a try, then check. The last wrong one ends the check, and the owner is told: the password is known."""
    left = tries.reserve(identity.id)
    if left is None:
        raise TooManyWrongCodes(f"identity {identity.id}")
    if right():
        _use(check)
        tries.succeeded(identity.id)
        return True
    if left == 0:
        check.used_at = clock.now()
        journal.tell("factor.refused", identity, caller)
    return False


def _use(check: FactorCheck) -> None:
    """A check leads to one session (of two answers at once, one)."""
    used = update(FactorCheck).where(FactorCheck.id == check.id, FactorCheck.used_at.is_(None))
    if session().scalar(used.values(used_at=clock.now()).returning(FactorCheck.id)) is None:
        raise CheckGone(f"check {check.id} was used meanwhile")
