"""Confirming: the one place where an identity, a password or a link comes into being (SECURITY R1)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from broker.association import contests, endings, grounds, proofs, service
from broker.association.models import Association, BrowserProof
from broker.association.refusals import AlreadyLinked, IdentityAppeared, LinkSuspended, NotPartners, ProofGone
from broker.identities import dormancy, emails, journal
from broker.identities import service as identities
from broker.identities.factors.refusals import FactorNeeded
from broker.identities.models import Identity, Link
from broker.web.network import Caller
from config import clock
from config.database import session
from config.mail import states
from config.mail.service import post
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tenants.webhooks import service as webhooks

CONTESTABLE = timedelta(days=30)
IDENTIFIER_SHOWN = 4


@dataclass(frozen=True)
class Confirmed:
    """What « Confirmer » made."""

    identity: Identity
    link: Link
    attempt: Association


def masked_identifier(identifier: str) -> str:
    """`…4317`: enough to recognise one's own account."""
    return "…" + identifier[-IDENTIFIER_SHOWN:]


def confirm(proof: BrowserProof, attempt: Association, caller: Caller) -> Confirmed:
    """Make the link that both sides have proved, and promise to close the old door.

    The legacy credentials stay valid until this commits: a failure here never leaves an owner with neither way in.

    Raises:
        ProofGone: used meanwhile, or somebody else's confirmation came first.
        IdentityAppeared: the address got an identity meanwhile; its password must be shown.
        FactorNeeded: the identity has a second factor, and this browser has not shown it.
        NotPartners: the identity already holds an account at a syndic that this one does not trust.
        AlreadyLinked: this identity holds this very account already.
        LinkSuspended: it did, and the agency must look at that first: an invitation does not undo a contest.
    """
    before = _locked_identity(attempt)
    account = _locked_account(attempt)
    _spend(proof, attempt)
    _refuse_unproved(proof, before)
    if before is not None:
        _refuse_strangers(before, account, attempt)
    others = [person for person in identities.holders_of(account.id) if before is None or person.id != before.id]
    identity = before or _made(attempt)
    replaced = endings.replace(identity, account)
    dormancy.takes_mail(identity)
    link = _tied(identity, account, attempt, proof.means)
    _close(attempt, link, account, made_now=before is None)
    _note(attempt, identity, others, caller)
    _record(attempt, identity, account, link)
    facts = {"account": account.public_id, "sub": link.sub}
    webhooks.announce(link.syndic_id, "association.confirmed", facts, f"association.confirmed:{link.id}")
    _tell(attempt, link, account, others)
    endings.record(replaced)
    return Confirmed(identity, link, attempt)


def contest(attempt: Association) -> None:
    """« Ce n'est pas moi » on the spot: the attempt ends, nothing was made."""
    service.end(attempt, "contested")
    audit.append(attempt.syndic_id, "association.contested", {"association": str(attempt.id)}, subject=attempt.id)


def give_up(token: str | None) -> None:
    """The account is this identity's already: the attempt ends, and the account is free for another one."""
    _, attempt = proofs.held(token)
    service.end(attempt, "already-linked")


def _locked_identity(attempt: Association) -> Identity | None:
    """The person whom the address has by now, locked: of two confirmations at once, at two syndics that do not trust
    each other, the second finds the first one's link (DESIGN section 5). Who is new is held by the address itself."""
    identity = identities.by_email(attempt.email or "")
    if identity is not None:
        identities.lock(identity)
    return identity


def _locked_account(attempt: Association) -> LegacyAccount:
    """The account, locked: of two confirmations at once the second finds the first one's work."""
    account = (
        session()
        .scalars(
            select(LegacyAccount)
            .where(LegacyAccount.id == attempt.account_id, LegacyAccount.syndic_id == attempt.syndic_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
    session().refresh(attempt)
    if attempt.state != "waiting" or not grounds.of(attempt).stands(attempt, account):
        raise ProofGone(f"attempt {attempt.id} is {attempt.state}, account at epoch {account.epoch}")
    return account


def _spend(proof: BrowserProof, attempt: Association) -> None:
    """A proof dies on use (SECURITY R8)."""
    spent = session().scalar(
        update(BrowserProof)
        .where(BrowserProof.id == proof.id, BrowserProof.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(BrowserProof.id)
    )
    if spent is None or proof.association_id != attempt.id:
        raise ProofGone(f"proof {proof.id} has been used")


def _refuse_unproved(proof: BrowserProof, identity: Identity | None) -> None:
    """The password that was shown must be the one that counts at this instant, and the second factor with it."""
    if not proof.password_shown or (identity is not None and identity.id != proof.identity_id):
        raise IdentityAppeared(f"proof {proof.id} showed no password of the identity")
    if proofs.lacks_factor(proof):
        raise FactorNeeded(f"proof {proof.id} showed no factor of the identity")


def _refuse_strangers(identity: Identity, account: LegacyAccount, attempt: Association) -> None:
    decision = trust.may_link(account.syndic_id, identities.syndics_held(identity.id))
    if not decision.allowed:
        raise NotPartners(decision.reason)
    living = identities.living_link(identity.id, account.id)
    if living is not None and living.state != "suspended":
        raise AlreadyLinked(f"account {account.id}")
    if living is not None and not grounds.of(attempt).revives:
        raise LinkSuspended(f"link {living.id}")


def _made(attempt: Association) -> Identity:
    assert attempt.email and attempt.email_typed and attempt.password_hash  # noqa: PT018, S101 - a waiting attempt
    try:
        with session().begin_nested():
            return identities.create(
                attempt.email, attempt.email_typed, attempt.password_hash, dict(attempt.profile), attempt.locale
            )
    except IntegrityError as error:  # another attempt for the same address committed a moment ago
        raise IdentityAppeared(f"attempt {attempt.id}") from error


def _tied(identity: Identity, account: LegacyAccount, attempt: Association, means: str) -> Link:
    """The first link inherits the subject of the legacy sign-ins: nothing changes for the extranet."""
    return identities.tie(
        identity,
        account,
        association_id=attempt.id,
        sub=grounds.of(attempt).subject(attempt, account),
        proofs=[attempt.legacy_proof, means],
        until=clock.now() + CONTESTABLE,
        invited_by=grounds.inviter_of(attempt),
    )


def _close(attempt: Association, link: Link, account: LegacyAccount, *, made_now: bool) -> None:
    """Close the attempt, its rivals and the door that it came through: never one that others stand in (`grounds`)."""
    attempt.state, attempt.confirmed_at, attempt.link_id = "confirmed", clock.now(), link.id
    states.arrived(attempt.id)
    ground = grounds.of(attempt)
    rivals = select(Association).where(
        ground.rivals(attempt), Association.id != attempt.id, Association.state.in_(service.LIVING)
    )
    for rival in session().scalars(rivals):
        rival.state, rival.ended_because = "ended", "other-confirmed"
    ground.close(attempt, account, made_now)


def _record(attempt: Association, identity: Identity, account: LegacyAccount, link: Link) -> None:
    """Both proofs (SECURITY I2); of an invitation, by which attempt its inviter got the own link."""
    body: dict[str, Json] = {"association": str(attempt.id), "account": account.public_id, "proofs": [*link.proofs]}
    if link.invited_by is not None:
        body["invited_by"] = str(session().get_one(Link, link.invited_by).association_id)
    personal = {"email": identity.email, "identifier": account.identifier}
    audit.append(attempt.syndic_id, "association.confirmed", body, personal, subject=attempt.id)


def _note(attempt: Association, identity: Identity, others: list[Identity], caller: Caller) -> None:
    """In everybody's history; who holds the account too learns nothing of the other's browser."""
    journal.note("association.confirmed", identity.id, caller, attempt.syndic_id)
    for person in others:
        journal.note("association.joined", person.id, None, attempt.syndic_id)


def _tell(attempt: Association, link: Link, account: LegacyAccount, others: list[Identity]) -> None:
    """Tell the address that the syndic knew, when it is another one, and everybody who held the account before.

    Only the first may contest: holders are told whom to call.
    """
    known = emails.parsed(account.email or "")
    former = known.canonical if known is not None and known.canonical != attempt.email else None
    if former is not None:
        languages = {person.email: person.locale for person in others}
        contests.allow(link, former, languages.get(former, syndics.by_id(link.syndic_id).locale))
    for person in others:
        if person.email != former:
            key = f"{link.id}:{person.id}"
            post(person.email, "association_told_holder", link.id, person.locale, key, syndic_id=link.syndic_id)
