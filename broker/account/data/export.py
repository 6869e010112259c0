"""Everything that is kept of one person, in a bounded number of statements however much it is.

No secret and no hash of one, no key of a row, and nothing of anybody else: what a syndic's own record of an account
says (its holders, its address) is the syndic's to tell.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from broker.association.models import Association, Invitation
from broker.identities import devices, journal
from broker.identities.addresses.models import AddressChange
from broker.identities.factors import service as factors
from broker.identities.models import ClaimRelease, Identity, Link, MenuShare, PasswordReset
from broker.sessions.models import ClientSession, LoginSession
from config import clock
from config.database import session
from config.mail.models import Mail
from tenants.clients.models import Client
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic
from tenants.terms.models import TermsAcceptance, TermsVersion

EVENTS = 100_000
Entry = dict[str, Any]


def everything(person: Identity) -> Entry:
    """The file's content, ready to be written as JSON."""
    links = list(session().scalars(select(Link).where(Link.identity_id == person.id).order_by(Link.created_at)))
    wanted = select(Syndic.id, Syndic.name).where(Syndic.id.in_({link.syndic_id for link in links}))
    names = {row.id: row.name for row in session().execute(wanted)}
    return {
        "made_at": _time(clock.now()),
        "identity": _identity(person),
        "accounts": _accounts(person, links, names),
        "invitations_sent": _invitations(person, names),
        "shared_with_syndics": _releases(person, names),
        "shown_in_other_menus": _menus(person, names),
        "second_factors": _factors(person),
        "associations": _associations(links, names),
        "terms_accepted": _terms(person, links, names),
        "sessions": _sessions(person),
        "known_browsers": _browsers(person),
        "history": _history(person, names),
        "mails": _mails(person),
        "address_changes": _changes(person),
        "password_resets": _resets(person),
    }


def _identity(person: Identity) -> Entry:
    return {
        "email": person.email_typed,
        "email_canonical": person.email,
        "language": person.locale,
        "profile": person.profile,
        "created_at": _time(person.created_at),
        "last_used_at": _time(person.used_at),
        "mailbox_refused_mail_at": _time(person.bounced_at),
        "erasure_planned_for": _time(person.erase_at),
    }


def _accounts(person: Identity, links: Sequence[Link], names: dict[uuid.UUID, str]) -> list[Entry]:
    wanted = select(LegacyAccount.id, LegacyAccount.identifier, LegacyAccount.label, LegacyAccount.public_id)
    rows = session().execute(wanted.where(LegacyAccount.id.in_([link.account_id for link in links])))
    accounts = {row.id: row for row in rows}
    return [_account(person, link, accounts[link.account_id], names) for link in links]


def _account(person: Identity, link: Link, account: Any, names: dict[uuid.UUID, str]) -> Entry:
    return {
        "syndic": names[link.syndic_id],
        "identifier": account.identifier,
        "account_id": account.public_id,
        "name": link.label or account.label,
        "subject_at_this_syndic": link.sub,
        "state": link.state,
        "role": link.role,
        "default": link.id == person.default_link_id,
        "proved_by": link.proofs,
        "linked_at": _time(link.created_at),
        "may_be_contested_until": _time(link.contest_until),
        "ended_at": _time(link.ended_at),
    }


def _invitations(person: Identity, names: dict[uuid.UUID, str]) -> list[Entry]:
    """As this person typed them; what became of them, and nothing of who was invited."""
    return [
        {
            "syndic": names.get(row.syndic_id),
            "to": row.email_typed,
            "name": row.name,
            "state": row.ended_because or row.state,
            "sent_at": _time(row.created_at),
            "valid_until": _time(row.expires_at),
        }
        for row in _rows(Invitation, Invitation.identity_id == person.id)
    ]


def _releases(person: Identity, names: dict[uuid.UUID, str]) -> list[Entry]:
    found = _rows(ClaimRelease, ClaimRelease.identity_id == person.id)
    return [
        {"syndic": names.get(row.syndic_id), "information": row.claim, "since": _time(row.released_at)} for row in found
    ]


def _menus(person: Identity, names: dict[uuid.UUID, str]) -> list[Entry]:
    found = _rows(MenuShare, MenuShare.identity_id == person.id)
    return [{"syndic": names.get(row.syndic_id), "since": _time(row.shown_at)} for row in found]


def _factors(person: Identity) -> list[Entry]:
    return [
        {
            "kind": "passkey" if each.public_id else "app",
            "name": each.name,
            "added_at": _time(each.added_at),
            "last_used_at": _time(each.used_at),
        }
        for each in factors.listed(person.id)
    ]


def _associations(links: Sequence[Link], names: dict[uuid.UUID, str]) -> list[Entry]:
    """The attempts that made this person's links. Others with the same address may be a stranger's slip."""
    found = _rows(Association, Association.id.in_([link.association_id for link in links]))
    return [
        {
            "syndic": names.get(row.syndic_id),
            "email": row.email_typed,
            "profile": row.profile,
            "language": row.locale,
            "mails_sent": row.mails_sent,
            "begun_at": _time(row.created_at),
            "confirmed_at": _time(row.confirmed_at),
        }
        for row in found
    ]


def _terms(person: Identity, links: Sequence[Link], names: dict[uuid.UUID, str]) -> list[Entry]:
    """What the person accepted, and what the attempts accepted that made the links."""
    accepted, version, attempts = TermsAcceptance, TermsVersion, [link.association_id for link in links]
    rows = session().execute(
        select(accepted, version.version, version.locale, version.syndic_id)
        .join(version, version.id == accepted.terms_version_id)
        .where(or_(accepted.identity_id == person.id, accepted.association_id.in_(attempts)))
        .order_by(accepted.accepted_at)
    )
    return [
        {
            "of": names.get(syndic_id) if syndic_id else "Trousseau",
            "version": number,
            "language": locale,
            "sha256": row.sha256,
            "accepted_at": _time(row.accepted_at),
            "network": row.network,
        }
        for row, number, locale, syndic_id in rows
    ]


def _sessions(person: Identity) -> list[Entry]:
    opened: dict[uuid.UUID, list[Entry]] = {}
    rows = session().execute(
        select(ClientSession.session_id, Client.client_name, ClientSession.used_at)
        .join(Client, Client.id == ClientSession.client_id)
        .join(LoginSession, LoginSession.id == ClientSession.session_id)
        .where(LoginSession.identity_id == person.id)
    )
    for session_id, name, used_at in rows:
        opened.setdefault(session_id, []).append({"name": name, "last_opened_at": _time(used_at)})
    return [
        {
            "began_at": _time(row.created_at),
            "signed_in_at": _time(row.authenticated_at),
            "last_seen_at": _time(row.seen_at),
            "expires_at": _time(row.expires_at),
            "ended_at": _time(row.ended_at),
            "strength": row.acr,
            "means": row.amr,
            "kept_after_closing_the_browser": row.persistent,
            "browser": row.user_agent,
            "network": row.network,
            "extranets": opened.get(row.id, []),
        }
        for row in _rows(LoginSession, LoginSession.identity_id == person.id)
    ]


def _browsers(person: Identity) -> list[Entry]:
    return [
        {
            "browser": row.user_agent,
            "known_since": _time(row.created_at),
            "last_seen_at": _time(row.seen_at),
            "failures": row.failures,
        }
        for row in devices.of_identity(person.id)
    ]


def _history(person: Identity, names: dict[uuid.UUID, str]) -> list[Entry]:
    return [
        {
            "at": _time(row.recorded_at),
            "event": row.kind,
            "syndic": names.get(row.syndic_id) if row.syndic_id else None,
            "browser": row.user_agent,
            "network": row.network,
            "details": row.details,
        }
        for row in journal.of_identity(person, limit=EVENTS)
    ]


def _mails(person: Identity) -> list[Entry]:
    return [
        {"kind": row.kind, "to": row.recipient, "at": _time(row.created_at), "state": row.state}
        for row in _rows(Mail, Mail.recipient == person.email)
    ]


def _changes(person: Identity) -> list[Entry]:
    return [
        {
            "from": row.former_typed,
            "to": row.email_typed,
            "state": row.state,
            "asked_at": _time(row.created_at),
            "confirmed_at": _time(row.confirmed_at),
            "taken_back_at": _time(row.reverted_at),
        }
        for row in _rows(AddressChange, AddressChange.identity_id == person.id)
    ]


def _resets(person: Identity) -> list[Entry]:
    return [
        {"asked_at": _time(row.created_at), "used_at": _time(row.used_at)}
        for row in _rows(PasswordReset, PasswordReset.identity_id == person.id)
    ]


def _rows(model: Any, condition: ColumnElement[bool]) -> Sequence[Any]:
    """The rows of a keyed model, oldest first."""
    return session().scalars(select(model).where(condition).order_by(model.id)).all()


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
