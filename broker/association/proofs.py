"""Proofs of a mailbox: what a mail carries, and what opening it gives.

The mail's link alone gives nothing: it needs the attempt's address and password. The code needs the browser of the
attempt (SECURITY R7). Either gives one browser the right to see « Confirmer » for half an hour (R8).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from broker.association import service
from broker.association.models import Association, BrowserProof, MailedProof
from broker.association.refusals import CodeVoid, LinkExpired, LinkUsed, LinkVoid, ProofGone
from broker.identities import passwords
from broker.identities import service as identities
from broker.identities.emails import parsed
from broker.identities.factors import service as factors
from broker.identities.factors.strength import PASSWORD, Shown
from broker.identities.models import Identity
from config import clock, secrets
from config.database import session, statements
from config.settings import settings

CODE_DIGITS = 8
CODE_LIFE = timedelta(hours=24)
PROOF_LIFE = timedelta(minutes=30)
TRIES = 5

_TAKE = {
    "tries": "UPDATE associations SET tries = tries + 1 WHERE id = %s AND tries < %s RETURNING tries AS taken",
    "code": """
        UPDATE associations SET code_tries = code_tries + 1 WHERE id = %s AND code_tries < %s
        RETURNING code_tries AS taken
    """,
}
_GIVE_BACK = {
    "tries": "UPDATE associations SET tries = greatest(tries - 1, 0) WHERE id = %s",
    "code": "UPDATE associations SET code_tries = greatest(code_tries - 1, 0) WHERE id = %s",
}


@dataclass(frozen=True)
class Minted:
    """What one mail carries: the only copy of its link's token and of its code."""

    token: str
    code: str
    email: str
    locale: str
    link_expires_at: datetime
    code_expires_at: datetime


def mint(association_id: uuid.UUID, recipient: str) -> Minted | None:
    """Make the link and the code of a mail about to be sent; None where the attempt waits no more, or not for it:
    its address has been corrected meanwhile, or it has expired.
    """
    attempt, now = session().get(Association, association_id), clock.now()
    if attempt is None or attempt.state != "waiting" or attempt.email != recipient or attempt.expires_at <= now:
        return None
    token, code = secrets.token(), secrets.digits(CODE_DIGITS)
    row = MailedProof(
        association_id=attempt.id,
        token_digest=secrets.digest(token),
        code_mac=_mac(attempt.id, code),
        created_at=now,
        link_expires_at=now + timedelta(seconds=settings().timings.mail_link_s),
        code_expires_at=now + CODE_LIFE,
    )
    session().add(row)
    attempt.expires_at = max(attempt.expires_at, row.link_expires_at)
    return Minted(token, code, recipient, attempt.locale, row.link_expires_at, row.code_expires_at)


def opened(token: str) -> Association:
    """The attempt of a mail's link. Opening changes nothing, however often and by whomever (R9).

    Raises:
        LinkVoid, LinkUsed, LinkExpired: it leads nowhere any more.
    """
    row = session().scalar(select(MailedProof).where(MailedProof.token_digest == secrets.digest(token)))
    attempt = session().get(Association, row.association_id) if row else None
    if row is None or attempt is None:
        raise LinkVoid("no such link")
    if attempt.state == "confirmed":
        raise LinkUsed(f"attempt {attempt.id} is confirmed")
    if attempt.ended_because == service.EXPIRED:
        raise LinkExpired(f"attempt {attempt.id}")
    if attempt.state != "waiting":
        raise LinkVoid(f"attempt {attempt.id} is {attempt.state}")
    if row.link_expires_at <= clock.now():
        raise LinkExpired(f"attempt {attempt.id}")
    return attempt


def by_link(attempt: Association, typed_email: str, password: str) -> str | None:
    """Prove the attempt by its address and the password that counts for it. Returns the browser's new token.

    None where they are wrong: counted per attempt, and only where the address is the attempt's (JOURNEYS B7).

    Raises:
        LinkVoid: no tries are left. The fifth failure ends the attempt (its state is then `ended`).
    """
    address = parsed(typed_email)
    if address is None or address.canonical != attempt.email or not password:
        passwords.waste(password)
        return None
    counted = _password_counts(attempt, password)
    return _proved(attempt, "mail-link", counted.identity_id, shown=True) if counted else None


def by_code(attempt: Association, code: str) -> str | None:
    """Prove the mailbox by the code typed in the browser of the attempt. Returns the browser's new token.

    Where the address has an identity by now, its password is still to be shown (`shown`). A malformed entry is no try.

    Raises:
        CodeVoid: five wrong codes; a new mail brings a new one.
    """
    typed = "".join(code.split())
    if len(typed) != CODE_DIGITS or not typed.isascii() or not typed.isdigit():
        return None
    if _take_try(attempt.id, "code") is None:
        raise CodeVoid(f"attempt {attempt.id}: no code tries left")
    now, mac = clock.now(), _mac(attempt.id, typed)
    rows = session().scalars(select(MailedProof).where(MailedProof.association_id == attempt.id))
    if not any(secrets.same(row.code_mac, mac) and row.code_expires_at > now for row in rows):
        return None
    _give_back(attempt.id, "code")
    assert attempt.email is not None  # noqa: S101 - a waiting attempt has an address
    return _proved(attempt, "mail-code", None, shown=identities.by_email(attempt.email) is None)


def show_password(proof: BrowserProof, attempt: Association, typed_email: str, password: str) -> bool:
    """Complete a proof by code with the password of the identity that the address has by now."""
    address = parsed(typed_email)
    if address is None or address.canonical != attempt.email or not password:
        passwords.waste(password)
        return False
    counted = _password_counts(attempt, password)
    if counted is None:
        return False
    proof.identity_id, proof.password_shown = counted.identity_id, True
    return True


def show_factor(proof: BrowserProof, identity: Identity, shown: Shown) -> None:
    """Complete a proof with the second factor of the identity whose password was shown (JOURNEYS B7).

    Raises:
        ProofGone: it is another person's.
    """
    if proof.identity_id != identity.id:
        raise ProofGone(f"proof {proof.id} is of another identity")
    proof.acr, proof.amr = shown.acr, list(shown.amr)


def shown_with(proof: BrowserProof) -> Shown:
    """What this browser has shown: the password, and the second factor if it was asked for."""
    return Shown(proof.acr, tuple(proof.amr or ())) if proof.acr else PASSWORD


def lacks_factor(proof: BrowserProof) -> bool:
    """Whether the identity whose password was shown has a second factor that this browser has not shown."""
    if proof.identity_id is None or shown_with(proof).has_factor:
        return False
    return factors.enrolled(proof.identity_id).any


def held(token: str | None) -> tuple[BrowserProof, Association]:
    """The proof that this browser holds, and its attempt, still waiting.

    Raises:
        ProofGone: it has none, or it has been used, or the attempt has ended meanwhile.
    """
    query = select(BrowserProof).where(BrowserProof.token_digest == secrets.digest(token or ""))
    proof = session().scalar(query)
    if proof is None or proof.used_at is not None or proof.expires_at <= clock.now():
        raise ProofGone("no living proof in this browser")
    attempt = session().get(Association, proof.association_id)
    if attempt is None or attempt.state != "waiting":
        raise ProofGone(f"attempt {proof.association_id} waits no more")
    return proof, attempt


def kept_its_word(token: str | None) -> Association | None:
    """The attempt that this very proof has confirmed: a second click on « Confirmer » finds the work done."""
    proof = session().scalar(select(BrowserProof).where(BrowserProof.token_digest == secrets.digest(token or "")))
    attempt = session().get(Association, proof.association_id) if proof and proof.used_at else None
    return attempt if attempt is not None and attempt.state == "confirmed" else None


@dataclass(frozen=True)
class _Counted:
    """A right password: an existing identity's, or (None) the attempt's own."""

    identity_id: uuid.UUID | None


def _password_counts(attempt: Association, password: str) -> _Counted | None:
    """Check the password that counts now: an existing identity's own, else the attempt's. None: wrong."""
    taken = _take_try(attempt.id, "tries")
    if taken is None:
        raise LinkVoid(f"attempt {attempt.id}: no tries left")
    assert attempt.email is not None  # noqa: S101 - a waiting attempt has an address
    identity = identities.by_email(attempt.email)
    stored = identity.password_hash if identity else attempt.password_hash
    if stored is None or not passwords.matches(stored, password):
        if taken >= TRIES:
            service.end(attempt, "tries")
        return None
    _give_back(attempt.id, "tries")
    return _Counted(identity.id if identity else None)


def _proved(attempt: Association, means: str, identity_id: uuid.UUID | None, *, shown: bool) -> str:
    token, now = secrets.token(), clock.now()
    session().add(
        BrowserProof(
            association_id=attempt.id,
            token_digest=secrets.digest(token),
            means=means,
            identity_id=identity_id,
            password_shown=shown,
            created_at=now,
            expires_at=now + PROOF_LIFE,
        )
    )
    return token


def _take_try(attempt_id: uuid.UUID, kind: str) -> int | None:
    """Count a try before it is checked, committed at once: no race gets one more. None: there was none left."""
    with statements() as sql:
        row = sql.execute(_TAKE[kind], (attempt_id, TRIES)).fetchone()
    return None if row is None else int(row["taken"])


def _give_back(attempt_id: uuid.UUID, kind: str) -> None:
    with statements() as sql:
        sql.execute(_GIVE_BACK[kind], (attempt_id,))


def _mac(attempt_id: uuid.UUID, code: str) -> bytes:
    return secrets.keyed(settings().keys.code_key, "association", str(attempt_id), code)
