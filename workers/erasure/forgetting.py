"""The end of what is kept of a person. The tables say where: a new one that names an identity is among them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, delete, exists, or_, select

from broker.association.grounds import SHARED
from broker.association.models import Association, BrowserProof, Invitation, MailedProof
from broker.identities import attempts
from broker.identities.addresses.models import AddressChange
from broker.identities.models import Identity, Link, LoginAttempts, PasswordReset, SecurityEvent
from config import secrets
from config.database import Base, session
from config.mail import suppression
from config.mail.models import Mail
from config.outbox import Promise
from tenants.audit import erasure, subjects
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount

PERSONAL = ("name", "given_name", "family_name", "phone_number")


@dataclass(frozen=True)
class Person:
    """Whom to forget: every address that the person has had here, and what else the ledger may hold salted."""

    id: uuid.UUID
    addresses: tuple[str, ...]
    values: tuple[str, ...]


def forget(identities: Sequence[Identity]) -> None:
    """Delete everything that is kept of these persons; in the evidence nothing can be tied to them any more."""
    persons = [_person(identity) for identity in identities]
    addresses = {address for person in persons for address in person.addresses}
    ids = {person.id for person in persons}
    _renew_subjects(ids)
    made = session().scalars(select(Link.association_id).where(Link.identity_id.in_(ids))).all()
    _blank_associations(ids, addresses)
    session().execute(delete(Invitation).where(Invitation.email.in_(addresses)))
    _forget_mails(ids, addresses)
    _forget_names(addresses)
    for table in reversed(Base.metadata.sorted_tables):
        if "identity_id" in table.c:
            session().execute(delete(table).where(table.c.identity_id.in_(ids)))
    session().execute(delete(Identity).where(Identity.id.in_(ids)))
    subjects.forget({*ids, *made})
    erasure.forget_values(sorted({value for person in persons for value in person.values}))


def _person(identity: Identity) -> Person:
    changes = session().scalars(select(AddressChange).where(AddressChange.identity_id == identity.id)).all()
    held = [change for change in changes if change.confirmed_at is not None]
    addresses = {identity.email, *(change.former_email for change in held), *(change.email for change in held)}
    addresses -= _others(addresses, identity.id)
    typed = {each.email_typed for each in held if each.email in addresses} | {identity.email_typed}
    typed |= {each.former_typed for each in held if each.former_email in addresses}
    known = {str(identity.profile[name]) for name in PERSONAL if identity.profile.get(name)}
    return Person(identity.id, tuple(sorted(addresses)), tuple(sorted(addresses | typed | known)))


def _others(addresses: Collection[str], mine: uuid.UUID) -> set[str]:
    """Those that somebody else has by now: what is kept of them is that person's."""
    return set(session().scalars(select(Identity.email).where(Identity.email.in_(addresses), Identity.id != mine)))


def _renew_subjects(ids: Collection[uuid.UUID]) -> None:
    """A link's subject must never come back: where the account's own is the same, its next sign-ins have another."""
    inherited = exists().where(Link.identity_id.in_(ids), Link.sub == LegacyAccount.sub)
    for account in session().scalars(select(LegacyAccount).where(inherited).with_for_update()).all():
        account.sub = secrets.token()


def _blank_associations(ids: Collection[uuid.UUID], addresses: Collection[str]) -> None:
    """Of attempts only that they were is left; one that still waits for such an address ends."""
    made = select(Link.association_id).where(Link.identity_id.in_(ids))
    theirs = or_(Association.email.in_(addresses), Association.id.in_(made))
    rows = session().scalars(select(Association).where(theirs).with_for_update()).all()
    for model in (MailedProof, BrowserProof):
        session().execute(delete(model).where(model.association_id.in_([row.id for row in rows])))
    for row in rows:
        if row.state in ("draft", "waiting"):
            _end(row)
        row.email = row.email_typed = row.password_hash = row.link_id = None
        row.profile = {}
    session().flush()


def _end(row: Association) -> None:
    waited = row.state == "waiting"
    row.state, row.ended_because = "ended", "erased"
    session().flush()
    others = select(Association.id).where(Association.account_id == row.account_id, Association.state == "waiting")
    others = others.where(Association.legacy_proof.in_(SHARED))
    account = legacy.get(row.syndic_id, row.account_id)
    if (
        waited
        and row.legacy_proof in SHARED
        and account.state == "pending"
        and session().scalar(others.limit(1)) is None
    ):
        legacy.release(account)


def _forget_mails(ids: Collection[uuid.UUID], addresses: Collection[str]) -> None:
    """The records of mails, and every promise that names a mail or a person that is gone."""
    gone = session().scalars(delete(Mail).where(Mail.recipient.in_(addresses)).returning(Mail.id)).all()
    session().execute(delete(Promise).where(Promise.payload["mail_id"].astext.in_([str(each) for each in gone])))
    for each in map(str, ids):
        session().execute(delete(Promise).where(or_(*(_holds(column, each) for column in _PROMISED))))


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column.contains(text, autoescape=True)


_PROMISED: tuple[ColumnElement[str], ...] = (
    cast(Promise.payload, Text),
    cast(Promise.result, Text),
    cast(Promise.key, Text),
)


def _forget_names(addresses: Collection[str]) -> None:
    """Whatever is counted or noted under a submitted address, keyed as it is, and the resets asked for it."""
    keys = [attempts.of_email(address).key for address in addresses]
    session().execute(delete(LoginAttempts).where(LoginAttempts.name.in_(keys)))
    session().execute(delete(SecurityEvent).where(SecurityEvent.name.in_(keys)))
    session().execute(delete(PasswordReset).where(PasswordReset.email.in_(addresses)))
    suppression.lift(*addresses)
