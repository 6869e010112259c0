"""The end of a link, whoever asks for it, written once: what rests on it dies with the same commit.

Detaching, leaving, contesting and erasing all come here, so that none of them forgets an extranet, a proof or a secret
(SECURITY R6, R8). Locks are taken in one order, as where links are made: the person, the accounts, the links.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, or_, select

from broker.association import grounds
from broker.association.models import Association, BrowserProof, MailedProof
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from broker.sessions import extranets
from broker.sessions.ending import end_where
from broker.sessions.models import LoginSession
from config import clock
from config.database import session
from config.mail.service import post
from tenants.audit import service as audit
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.webhooks import service as webhooks

Fate = Literal["former-codes", "new-codes", "others", "closed"]
"""How an account is entered once a link to it has ended: by its former legacy credentials, by new ones that the syndic
issues, by its other holders only; or not at all."""


@dataclass(frozen=True)
class Ended:
    """A link that has ended, for the evidence."""

    link: Link
    account: LegacyAccount
    email: str
    because: str


def end(
    identity: Identity, links: Collection[Link], because: str, told_at: Mapping[uuid.UUID, datetime] | None = None
) -> list[Ended]:
    """End these links of one person, in the caller's transaction. Those that had ended before stay as they are.

    The sessions go on for the person's other accounts. `told_at`: when each syndic's own servers hear of it; none: at
    once. The caller hands what is returned to `record`, last of all.
    """
    identities.lock(identity)
    accounts = _locked_accounts({link.account_id for link in links})
    ended = [link for link in _locked_links(links) if link.state != "ended"]
    for link in ended:
        link.state, link.ended_at = "ended", clock.now()
    session().flush()
    _move_default(identity, ended)
    _end_what_rests_on(identity, ended)
    _let_go(accounts[link.account_id] for link in ended)
    for link in ended:
        _announce(link, accounts[link.account_id], because, (told_at or {}).get(link.syndic_id))
    return [Ended(link, accounts[link.account_id], identity.email, because) for link in ended]


def suspend(links: Collection[Link]) -> None:
    """Suspend links whose proof is in doubt: nothing of them works any more. The caller holds the account and them."""
    for link in links:
        link.state = "suspended"
    session().flush()
    for link in links:
        _end_what_rests_on(session().get_one(Identity, link.identity_id), [link])


def replace(identity: Identity, account: LegacyAccount) -> list[Ended]:
    """End the suspended link between these two, if there is one, before a new one is made.

    What rested on it died when it was suspended. Where it was the default, the new one will be.
    """
    former = identities.living_link(identity.id, account.id)
    if former is None or former.state != "suspended":
        return []
    former.state, former.ended_at = "ended", clock.now()
    if identity.default_link_id == former.id:
        identity.default_link_id = None
    session().flush()
    _announce(former, account, "replaced")
    return [Ended(former, account, identity.email, "replaced")]


def record(ended: Iterable[Ended]) -> None:
    """Enter them in the evidence: after everything else, since the chains are held until the end.

    One chain after the other in a fixed order, as `audit.append_to` takes them.
    """
    for each in sorted(ended, key=lambda one: one.link.syndic_id):
        body = {
            "association": str(each.link.association_id),
            "account": each.account.public_id,
            "because": each.because,
        }
        personal = {"email": each.email, "identifier": each.account.identifier}
        audit.append(each.link.syndic_id, "link.ended", body, personal, subject=each.link.association_id)


def fate(link: Link, account: LegacyAccount) -> Fate:
    """How the account will be entered if this link ends, or is entered since it has."""
    if account.state == "closed":
        return "closed"
    if legacy.lets_in(account, syndics.by_id(link.syndic_id).legacy_disable):
        return "former-codes"
    others = select(Link.id).where(Link.account_id == account.id, Link.state == "active", Link.id != link.id)
    return "others" if session().scalar(others.limit(1)) else "new-codes"


def _announce(link: Link, account: LegacyAccount, because: str, told_at: datetime | None = None) -> None:
    """Tell the syndic's servers. Whether it was the owner or whoever had invited them is theirs to know."""
    reason = {"replaced": "contest", "erased": "erasure", "closed": "closed"}.get(because, "owner")
    webhooks.link_ended(link.syndic_id, account.public_id, link.sub, reason=reason, key=str(link.id), told_at=told_at)


def _locked_accounts(wanted: Collection[uuid.UUID]) -> dict[uuid.UUID, LegacyAccount]:
    locked = select(LegacyAccount).where(LegacyAccount.id.in_(wanted)).order_by(LegacyAccount.id).with_for_update()
    rows = session().scalars(locked.execution_options(populate_existing=True))
    return {account.id: account for account in rows}


def _locked_links(links: Collection[Link]) -> Sequence[Link]:
    locked = select(Link).where(Link.id.in_([link.id for link in links])).order_by(Link.id).with_for_update()
    return session().scalars(locked.execution_options(populate_existing=True)).all()


def _move_default(identity: Identity, ended: Iterable[Link]) -> None:
    """Another account opens from now on, the one that was linked first; none where none is left."""
    if identity.default_link_id in {link.id for link in ended}:
        left = select(Link.id).where(Link.identity_id == identity.id, Link.state == "active")
        identity.default_link_id = session().scalar(left.order_by(Link.created_at, Link.id).limit(1))


def _end_what_rests_on(identity: Identity, links: Collection[Link]) -> None:
    """Extranets are told, and proofs die. Grants look at their link at every use: they need nothing."""
    extranets.promise_to_tell_of(identity.id, {link.account_id: str(link.id) for link in links})
    _end_first_sign_ins(links)
    _forget_proofs(identity, {link.account_id for link in links})


def _end_first_sign_ins(links: Collection[Link]) -> None:
    """The legacy sign-in that began the attempt may still be inside: it stayed because of the link alone."""
    accounts = [link.account_id for link in links]
    first = select(Association.session_id).where(Association.id.in_([link.association_id for link in links]))
    end_where(LoginSession.id.in_(first) & LoginSession.account_id.in_(accounts))


def _forget_proofs(identity: Identity, accounts: Collection[uuid.UUID]) -> None:
    """What this person has proved of these accounts, or was mailed for them, confirms nothing any more (R8)."""
    attempts = select(Association.id).where(Association.account_id.in_(accounts), Association.state == "waiting")
    own = attempts.where(Association.email == identity.email)
    session().execute(delete(MailedProof).where(MailedProof.association_id.in_(own)))
    shown = BrowserProof.association_id.in_(attempts) & (BrowserProof.identity_id == identity.id)
    session().execute(delete(BrowserProof).where(or_(BrowserProof.association_id.in_(own), shown)))


def _let_go(accounts: Iterable[LegacyAccount]) -> None:
    """See that every account that nobody opens any more can be entered: by its former secret, or by a new one.

    Who holds a subject need not be the one who held it before: an account that loses its holder gets a new one.
    """
    wanted = {account.id: account for account in accounts if account.state != "closed"}
    held = select(Link.account_id).where(Link.account_id.in_(wanted), Link.state == "active")
    awaited = select(Association.account_id).where(
        Association.account_id.in_(wanted),
        Association.legacy_proof.in_(grounds.SHARED),
        Association.state == "waiting",
        Association.expires_at > clock.now(),
    )
    still, waiting = set(session().scalars(held)), set(session().scalars(awaited))
    for account in (wanted[each] for each in sorted(wanted.keys() - still)):
        if legacy.lets_in(account, syndics.by_id(account.syndic_id).legacy_disable):
            legacy.let_go(account, waits=account.id in waiting)
        elif account.reissue_key is None:
            _renew_secret(account)
            _tell_syndic(account)


def _renew_secret(account: LegacyAccount) -> None:
    """Have a new secret issued: the former never works again (I6), and attempts that rest on it end.

    Invitations and second codes rest on something else.
    """
    attempts = select(Association).where(
        Association.account_id == account.id,
        Association.legacy_proof.in_(grounds.SHARED),
        Association.state.in_(("draft", "waiting")),
    )
    for attempt in session().scalars(attempts):
        attempt.state, attempt.ended_because = "ended", "released"
    legacy.reissue(account)


def _tell_syndic(account: LegacyAccount) -> None:
    """A source that prints its codes issues one only if somebody tells it to."""
    syndic = syndics.by_id(account.syndic_id)
    contact, key = syndic.contact.get("email"), account.reissue_key
    if contact and key:
        post(contact, "account_released", account.id, syndic.locale, key, syndic_id=syndic.id)
