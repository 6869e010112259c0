"""The authenticator app: time-based one-time passwords (RFC 6238) of six digits, a step of thirty seconds."""

import base64
import uuid
from datetime import timedelta

import pyotp
import segno
from sqlalchemy import ColumnElement, delete, select, update

from broker.identities.factors.models import AuthenticatorApp
from broker.identities.factors.passkeys import SERVICE
from config import clock, secrets
from config.database import session
from config.settings import settings

SEED_BYTES = 20
"""160 bits, as long as the hash (RFC 4226 §4 R6)."""
DIGITS = 6
STEP_S = 30
STEPS_ASIDE = 1
"""A clock may be half a minute wrong, either way (RFC 6238 §5.2)."""
ENROLMENT_LIFE = timedelta(minutes=30)


def confirmed(identity_id: uuid.UUID) -> AuthenticatorApp | None:
    """The app of an identity, once a first code has confirmed it."""
    return session().scalar(
        select(AuthenticatorApp).where(
            AuthenticatorApp.identity_id == identity_id, AuthenticatorApp.confirmed_at.is_not(None)
        )
    )


def begin(identity_id: uuid.UUID, session_id: uuid.UUID) -> AuthenticatorApp:
    """Make a seed for this login session, in place of those that it never confirmed."""
    session().execute(delete(AuthenticatorApp).where(*_begun(identity_id, session_id)))
    made_id = uuid.uuid4()
    row = AuthenticatorApp(
        id=made_id,
        identity_id=identity_id,
        session_id=session_id,
        seed=settings().keys.encrypt(secrets.random_bytes(SEED_BYTES), _context(made_id)),
        last_step=0,
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()
    return row


def under_way(identity_id: uuid.UUID, session_id: uuid.UUID) -> AuthenticatorApp | None:
    """The seed that this login session has been shown and has not confirmed yet."""
    recent = AuthenticatorApp.created_at > clock.now() - ENROLMENT_LIFE
    return session().scalar(select(AuthenticatorApp).where(*_begun(identity_id, session_id), recent))


def confirm(row: AuthenticatorApp, typed: str) -> bool:
    """Whether this first code is right: the app counts from now on, and this code is used."""
    if not taken(row, typed):
        return False
    row.confirmed_at = clock.now()
    return True


def taken(row: AuthenticatorApp, typed: str) -> bool:
    """Whether the code is right and of a step that was not used yet; of two at once, one is (RFC 6238 §5.2)."""
    step = _step_of(row, typed)
    if step is None:
        return False
    used = (
        update(AuthenticatorApp)
        .where(AuthenticatorApp.id == row.id, AuthenticatorApp.last_step < step)
        .values(last_step=step, used_at=clock.now())
        .returning(AuthenticatorApp.id)
    )
    return session().scalar(used) is not None


def digits(typed: str) -> str | None:
    """The six digits that were typed, with or without spaces; None: it is no such code."""
    bare = "".join(typed.split())
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdigit() else None


def key_groups(row: AuthenticatorApp) -> list[str]:
    """The seed in base32, in groups of four to be typed."""
    text = _base32(row)
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def picture(row: AuthenticatorApp, account: str, title: str) -> str:
    """The QR code of the seed for this account name, as inline SVG with a title; dark on light in every scheme."""
    address = pyotp.TOTP(_base32(row)).provisioning_uri(name=account, issuer_name=SERVICE)
    drawn = segno.make(address, error="m", micro=False)
    return str(
        drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", title=title, svgclass="qr", omitsize=True)
    )


def _step_of(row: AuthenticatorApp, typed: str) -> int | None:
    code = digits(typed)
    if code is None:
        return None
    maker, now = pyotp.HOTP(_base32(row), digits=DIGITS), int(clock.now().timestamp()) // STEP_S
    steps = range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1)
    right = [step for step in steps if secrets.same(maker.at(step), code)]
    return right[-1] if right else None


def _begun(identity_id: uuid.UUID, session_id: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        AuthenticatorApp.identity_id == identity_id,
        AuthenticatorApp.session_id == session_id,
        AuthenticatorApp.confirmed_at.is_(None),
    )


def _base32(row: AuthenticatorApp) -> str:
    return base64.b32encode(settings().keys.decrypt(row.seed, _context(row.id))).decode()


def _context(app_id: uuid.UUID) -> str:
    return f"authenticator-app:{app_id}"
