"""The invited person's side: the mail's link, the spoken code, and who they are.

The mail's link proves the mailbox and gives nothing alone; the spoken code shows that it reached whom the inviter meant
(SECURITY R7). Both together begin an attempt like any other: what follows is that of every association.
"""

from sqlalchemy import select

from broker.association import grounds, service
from broker.association.invitations import service as invitations
from broker.association.invitations import standing
from broker.association.models import Association, BrowserProof, Invitation
from broker.association.proofs import PROOF_LIFE
from broker.association.refusals import InvitationExpired, InvitationUsed, InvitationVoid, ProofGone
from broker.identities import authentication
from broker.identities import service as identities
from broker.identities.attempts import Door
from broker.identities.emails import parsed
from broker.identities.models import Identity
from config import clock, secrets
from config.database import session, statements

TRIES = 5
MEANS = "mail-link"

_TAKE_TRY = "UPDATE invitations SET tries = tries + 1 WHERE id = %s AND tries < %s RETURNING tries"
_GIVE_BACK = "UPDATE invitations SET tries = greatest(tries - 1, 0) WHERE id = %s"


def opened(token: str) -> Invitation:
    """The invitation of a mail's link. Opening changes nothing, however often and by whomever (SECURITY R9).

    Raises:
        InvitationVoid, InvitationUsed, InvitationExpired: it leads nowhere any more.
    """
    found = session().scalar(select(Invitation).where(Invitation.token_digest == secrets.digest(token)))
    if found is None:
        raise InvitationVoid("no such link")
    if found.state == "accepted":
        raise InvitationUsed(f"invitation {found.id}")
    if found.state == "open" and found.expires_at <= clock.now():
        raise InvitationExpired(f"invitation {found.id}")
    if not standing.stands(found):
        raise InvitationVoid(f"invitation {found.id} is {found.state}, or its inviter may invite no more")
    return found


def show_code(invitation: Invitation, typed_email: str, typed: str, locale: str) -> str | None:
    """Check address and spoken code, and begin an attempt of this browser's own. Returns the browser's token.

    None where they are wrong; counted only where the address is the invited one and the code has eight digits.

    Raises:
        InvitationVoid: no tries are left. The fifth failure ends the invitation (its state is then `ended`).
    """
    address, code = parsed(typed_email), "".join(typed.split())
    well_formed = len(code) == invitations.CODE_DIGITS and code.isascii() and code.isdigit()
    if address is None or address.canonical != invitation.email or not well_formed:
        return None
    taken = _take_try(invitation)
    if taken is None:
        raise InvitationVoid(f"invitation {invitation.id}: no tries left")
    if not invitations.is_right(invitation, code):
        if taken >= TRIES:
            invitations.give_up(invitation)
        return None
    with statements() as sql:
        sql.execute(_GIVE_BACK, (invitation.id,))
    return _begun(invitation, locale)


def held(token: str | None) -> tuple[BrowserProof, Association]:
    """What this browser has begun by an invitation that stands, from the spoken code to « Confirmer ».

    Raises:
        ProofGone: nothing, or it was used, or the invitation has ended meanwhile.
    """
    found = session().scalar(select(BrowserProof).where(BrowserProof.token_digest == secrets.digest(token or "")))
    attempt = session().get(Association, found.association_id) if found else None
    if found is None or attempt is None or found.used_at is not None or found.expires_at <= clock.now():
        raise ProofGone("nothing begun in this browser")
    invited = attempt.legacy_proof == grounds.INVITATION and attempt.state in service.LIVING
    if not invited or not standing.stands(standing.of_id(attempt.invitation_id)):
        raise ProofGone(f"attempt {attempt.id} is {attempt.state}, or rests on no invitation that stands")
    return found, attempt


def bearer(attempt: Association) -> Identity | None:
    """Who has the invited address: told to whoever has just read its mailbox, and to nobody else."""
    return identities.by_email(attempt.email or "")


def show_password(proof: BrowserProof, attempt: Association, password: str, door: Door) -> authentication.Answer:
    """The own password of the identity that the address has: under the one throttle of all pages (SECURITY R11)."""
    answer = authentication.check(attempt.email or "", password, door)
    if isinstance(answer, authentication.Right):
        service.choose_profile(attempt, {}, secrets.token(), answer.identity.locale)
        proof.identity_id, proof.password_shown = answer.identity.id, True
    return answer


def choose_password(
    proof: BrowserProof, attempt: Association, profile: dict[str, str], password: str, locale: str
) -> None:
    """Who they are, and a password of their own, where the address has no identity: made at « Confirmer » only (R1)."""
    service.choose_profile(attempt, profile, password, locale)
    proof.identity_id, proof.password_shown = None, True


def _take_try(invitation: Invitation) -> int | None:
    """Count a try before it is checked, committed at once: no race gets a sixth. None: there was none left."""
    with statements() as sql:
        row = sql.execute(_TAKE_TRY, (invitation.id, TRIES)).fetchone()
    return None if row is None else int(row["tries"])


def _begun(invitation: Invitation, locale: str) -> str:
    """An attempt for each browser that has shown both: what one of them types, no other can confirm with."""
    now, token = clock.now(), secrets.token()
    attempt = Association(
        syndic_id=invitation.syndic_id,
        account_id=invitation.account_id,
        account_epoch=0,
        legacy_proof=grounds.INVITATION,
        invitation_id=invitation.id,
        state="draft",
        email=invitation.email,
        email_typed=invitation.email_typed,
        profile={},
        locale=locale,
        created_at=now,
        expires_at=invitation.expires_at,
    )
    session().add(attempt)
    session().flush()
    session().add(
        BrowserProof(
            association_id=attempt.id,
            token_digest=secrets.digest(token),
            means=MEANS,
            password_shown=False,
            created_at=now,
            expires_at=now + PROOF_LIFE,
        )
    )
    return token
