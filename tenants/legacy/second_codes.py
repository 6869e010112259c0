"""Second codes: a further printed code of an account, for one more of its holders (JOURNEYS C8).

Whatever the syndic's source is, these codes are made and verified here alone: neither an export nor the syndic's own
service knows them. Sixty random bits need no slow hash against whoever reads the table without the server's key (as
recovery codes), so that a typed secret costs the same hashes whether or not an account has any (SECURITY R10).
"""

import uuid
from datetime import timedelta

from sqlalchemy import Select, func, select

from config import clock, secrets
from config.database import session
from config.settings import settings
from tenants.audit import service as audit
from tenants.legacy.models import LegacyAccount, SecondCode
from tenants.legacy.refusals import IllegalTransition, NoSecondCode, TooManySecondCodes

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter looks like another sign."""
READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, "–": None, "\N{NON-BREAKING HYPHEN}": None})
LENGTH, GROUP = 12, 4
MOST = 5
"""Living second codes of one account: each is one more that a guess may hit, and a letter that may be lost."""


def issue(account: LegacyAccount, holder: str = "", days: int | None = None) -> tuple[SecondCode, str]:
    """Make a code for one more holder of this account. Returns it with the only copy of what is to be printed.

    `holder` is for whom, as the syndic says; `days` it may be used, by default as the settings say.

    Raises:
        IllegalTransition: the account is closed.
        TooManySecondCodes: it has five living ones already.
    """
    session().refresh(account, with_for_update=True)
    if account.state == "closed":
        raise IllegalTransition("the account is closed")
    if _living(account) >= MOST:
        raise TooManySecondCodes(f"account {account.identifier} has {MOST} living second codes: revoke one first")
    now, code = clock.now(), _random()
    row = SecondCode(
        syndic_id=account.syndic_id,
        account_id=account.id,
        code_mac=_mac(account.syndic_id, account.identifier, code),
        holder=holder.strip(),
        state="active",
        created_at=now,
        expires_at=now + timedelta(days=days or settings().second_code_days),
    )
    session().add(row)
    session().flush()
    _record(row, account, "second-code.issued", expires_at=row.expires_at.isoformat())
    return row, "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def matching(syndic_id: uuid.UUID, identifier: str, secret: str) -> SecondCode | None:
    """The code that was typed under this canonical identifier, whatever became of it: one statement for any name."""
    mac = _mac(syndic_id, identifier, _written(secret))
    return session().scalar(select(SecondCode).where(SecondCode.syndic_id == syndic_id, SecondCode.code_mac == mac))


def is_living(code: SecondCode) -> bool:
    """Whether it is a way in."""
    return code.state == "active" and code.expires_at > clock.now()


def hold(code: SecondCode) -> None:
    """Keep it from ending until the caller's transaction does: a sign-in that begins now is known to whoever ends it.

    Raises:
        IllegalTransition: it has ended a moment ago.
    """
    session().refresh(code, with_for_update={"read": True})
    if not is_living(code):
        raise IllegalTransition(f"second code {code.public_id} is {code.state}")


def retire(code: SecondCode, spared_session_id: uuid.UUID | None) -> None:
    """It has become a link, and never works again. One of its sign-ins may go on to its end.

    Raises:
        IllegalTransition: it has ended already.
    """
    session().refresh(code, with_for_update=True)
    if code.state != "active":
        raise IllegalTransition(f"second code {code.public_id} is {code.state}")
    code.spared_session_id = spared_session_id
    _end(code, "retired")


def revoke(code: SecondCode, because: str = "operator") -> None:
    """It is lost, or in doubt: it opens nothing any more. One that has ended already stays as it is."""
    session().refresh(code, with_for_update=True)
    if code.state == "active":
        _end(code, "revoked", because=because)


def revoke_all(account: LegacyAccount, because: str) -> None:
    """No second code of this account opens anything any more."""
    living = select(SecondCode).where(SecondCode.account_id == account.id, SecondCode.state == "active")
    for code in session().scalars(living.order_by(SecondCode.id)).all():
        revoke(code, because)


def get(syndic_id: uuid.UUID, code_id: uuid.UUID) -> SecondCode:
    """A code of a syndic by its key.

    Raises:
        NoSecondCode: there is none, or it is another syndic's: both answer alike.
    """
    return _one(select(SecondCode).where(SecondCode.syndic_id == syndic_id, SecondCode.id == code_id))


def by_public_id(syndic_id: uuid.UUID, public_id: str) -> SecondCode:
    """A code of a syndic, as operators name it.

    Raises:
        NoSecondCode: as `get`.
    """
    return _one(select(SecondCode).where(SecondCode.syndic_id == syndic_id, SecondCode.public_id == public_id))


def listed(syndic_id: uuid.UUID, identifier: str | None = None) -> list[tuple[SecondCode, str]]:
    """A syndic's codes with their accounts' identifiers, the newest first, or those of one canonical identifier."""
    wanted = (
        select(SecondCode, LegacyAccount.identifier)
        .join(LegacyAccount, LegacyAccount.id == SecondCode.account_id)
        .where(SecondCode.syndic_id == syndic_id)
        .order_by(SecondCode.id.desc())
    )
    if identifier is not None:
        wanted = wanted.where(LegacyAccount.identifier == identifier)
    return [(code, of) for code, of in session().execute(wanted)]


def _living(account: LegacyAccount) -> int:
    now = clock.now()
    living = (SecondCode.account_id == account.id, SecondCode.state == "active", SecondCode.expires_at > now)
    return session().scalar(select(func.count()).where(*living)) or 0


def _one(wanted: Select[SecondCode]) -> SecondCode:
    code = session().scalar(wanted)
    if code is None:
        raise NoSecondCode("no such second code at this syndic")
    return code


def _end(code: SecondCode, state: str, **why: str) -> None:
    code.state, code.ended_at = state, clock.now()
    account = session().get_one(LegacyAccount, code.account_id)
    _record(code, account, f"second-code.{state}", **why)


def _record(code: SecondCode, account: LegacyAccount, kind: str, **facts: str) -> None:
    body = {"code": code.public_id, "account": account.public_id, **facts}
    personal = {"identifier": account.identifier} | ({"holder": code.holder} if code.holder else {})
    audit.append(code.syndic_id, kind, body, personal)


def _random() -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.random_bytes(LENGTH))


def _written(typed: str) -> str:
    """The one spelling of a code: as people type what they read from paper. Anything else is no code, and stays so."""
    return "".join(typed.lower().split()).translate(READ_AS)


def _mac(syndic_id: uuid.UUID, identifier: str, code: str) -> bytes:
    return secrets.keyed(settings().keys.code_key, "second-code", str(syndic_id), identifier, code)
