"""Which factors an identity has, adding and removing them. Every change is told to its address."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, delete, exists, select

from broker.identities import journal
from broker.identities.factors import apps, passkeys, recovery_codes
from broker.identities.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from broker.identities.factors.refusals import CheckGone
from broker.identities.models import Identity
from broker.web.network import Caller
from config import secrets
from config.database import session
from config.errors import NotFound

DEFAULT_NAME = "Clé d'accès"


@dataclass(frozen=True)
class Enrolled:
    """Which factors an identity can show. Recovery codes are no factor of their own: they stand in for one."""

    passkey: bool
    app: bool
    codes: bool

    @property
    def any(self) -> bool:
        """Whether a factor is asked for at a sign-in."""
        return self.passkey or self.app


def enrolled(identity_id: uuid.UUID) -> Enrolled:
    """The factors of an identity, by one statement."""
    unused = exists().where(RecoveryCode.identity_id == identity_id, RecoveryCode.used_at.is_(None))
    row = session().execute(select(_has_passkey(identity_id), _has_app(identity_id), unused)).one()
    return Enrolled(*row)


def fingerprint(identity_id: uuid.UUID) -> bytes:
    """A digest of the factors that are enrolled now: any that comes or goes changes it."""
    app = apps.confirmed(identity_id)
    names = [str(each.id) for each in passkeys.of(identity_id)] + ([str(app.id)] if app else [])
    return secrets.digest(" ".join(sorted(names)))


def add_passkey(identity: Identity, session_id: uuid.UUID, answer: str, name: str, caller: Caller) -> list[str]:
    """Add the passkey that the browser has made. Returns new recovery codes where it is the first factor, else none.

    Raises:
        NotAdded, TooManyPasskeys: nothing has changed but the challenge, which is used.
    """
    first = not _locked(identity).any
    cleaned = " ".join(name.replace("\x00", "").split())[: passkeys.LONGEST_NAME] or DEFAULT_NAME
    added = passkeys.add(identity.id, session_id, answer, cleaned)
    journal.tell("factor.added", identity, caller, factor="passkey", name=added.name)
    return recovery_codes.renew(identity.id) if first else []


def confirm_app(identity: Identity, session_id: uuid.UUID, typed: str, caller: Caller) -> list[str] | None:
    """Let the app of this login session count. Returns new recovery codes as `add_passkey`; None: a wrong code.

    Raises:
        CheckGone: nothing is under way, or there is an app already.
    """
    before = _locked(identity)
    row = apps.under_way(identity.id, session_id)
    if row is None or before.app:
        raise CheckGone(f"identity {identity.id} enrols no app in this session")
    if not apps.confirm(row, typed):
        return None
    journal.tell("factor.added", identity, caller, factor="app")
    return [] if before.any else recovery_codes.renew(identity.id)


def renew_codes(identity: Identity, caller: Caller) -> list[str]:
    """« Créer de nouveaux codes »: the former ones are void.

    Raises:
        NotFound: without a factor there is nothing to recover.
    """
    if not _locked(identity).any:
        raise NotFound(f"identity {identity.id} has no factor")
    journal.tell("recovery.renewed", identity, caller)
    return recovery_codes.renew(identity.id)


def remove(identity: Identity, public_id: str | None, caller: Caller) -> None:
    """Remove one passkey, or (None) the app; the recovery codes go with the last factor.

    Raises:
        NotFound: this identity has none such.
    """
    _locked(identity)
    if public_id is None:
        gone = delete(AuthenticatorApp).where(
            AuthenticatorApp.identity_id == identity.id, AuthenticatorApp.confirmed_at.is_not(None)
        )
        name = session().scalar(gone.returning(AuthenticatorApp.id)) and "app"
    else:
        mine = delete(Passkey).where(Passkey.identity_id == identity.id, Passkey.public_id == public_id)
        name = session().scalar(mine.returning(Passkey.name))
    if name is None:
        raise NotFound(f"identity {identity.id} has no such factor")
    if not enrolled(identity.id).any:
        recovery_codes.forget(identity.id)
    details = {"factor": "app"} if public_id is None else {"factor": "passkey", "name": name}
    journal.tell("factor.removed", identity, caller, **details)


def remove_all(identity: Identity) -> None:
    """No factor is left, no code and nothing under way: an operator's remedy for a lost telephone, or the end."""
    _locked(identity)
    for model in (Passkey, AuthenticatorApp, RecoveryCode):
        session().execute(delete(model).where(model.identity_id == identity.id))


def remove_since(identity: Identity, since: datetime) -> None:
    """Remove what was enrolled from an instant on, when somebody else may have been in; codes of then go with it."""
    _locked(identity)
    for model, enrolled_at in ((Passkey, Passkey.created_at), (AuthenticatorApp, AuthenticatorApp.created_at)):
        session().execute(delete(model).where(model.identity_id == identity.id, enrolled_at >= since))
    codes = delete(RecoveryCode).where(RecoveryCode.identity_id == identity.id)
    session().execute(codes if not enrolled(identity.id).any else codes.where(RecoveryCode.created_at >= since))


@dataclass(frozen=True)
class Kept:
    """One factor, as its owner's page lists it. `public_id`: a passkey's; None: the app."""

    public_id: str | None
    name: str | None
    added_at: datetime
    used_at: datetime | None


def listed(identity_id: uuid.UUID) -> list[Kept]:
    """The factors of an identity: passkeys first, each with when it was added and last used."""
    keys = [Kept(each.public_id, each.name, each.created_at, each.used_at) for each in passkeys.of(identity_id)]
    app = apps.confirmed(identity_id)
    return keys + ([Kept(None, None, app.confirmed_at or app.created_at, app.used_at)] if app else [])


def _locked(identity: Identity) -> Enrolled:
    """What is enrolled, once nobody else may change it: of two changes at once the second sees the first."""
    session().execute(select(Identity.id).where(Identity.id == identity.id).with_for_update())
    return enrolled(identity.id)


def _has_passkey(identity_id: uuid.UUID) -> Exists:
    return exists().where(Passkey.identity_id == identity_id)


def _has_app(identity_id: uuid.UUID) -> Exists:
    return exists().where(AuthenticatorApp.identity_id == identity_id, AuthenticatorApp.confirmed_at.is_not(None))
