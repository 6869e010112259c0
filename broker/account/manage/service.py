"""Choosing, naming and detaching: a person's own accounts only, whatever the form says."""

from dataclasses import dataclass

from sqlalchemy import select

from broker.account import opening
from broker.account.listing import named
from broker.account.manage.refusals import Detached, NotOpen
from broker.association import endings
from broker.association.confirmation import masked_identifier
from broker.association.endings import Fate
from broker.identities import journal
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from broker.sessions.models import LoginSession
from broker.web.network import Caller
from config import secrets
from config.database import session
from config.errors import NotFound
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics


@dataclass(frozen=True)
class Mine:
    """One of the person's accounts, whose link may have ended."""

    link: Link
    account: LegacyAccount
    handle: str

    @property
    def name(self) -> str:
        """As « Mes comptes » calls it."""
        return named(self.link, self.account)


@dataclass(frozen=True)
class Told:
    """What the pages say of an account that is, or was, detached. `next`: the name of what opens by default then."""

    name: str
    identifier: str
    syndic_name: str
    contact: dict[str, str]
    fate: Fate
    suspended: bool
    last: bool
    next: str | None


def of_handle(found: LoginSession, person: Identity, handle: str) -> Mine:
    """The account of a handle of this session, whatever became of its link.

    Raises:
        NotFound: no account of this person in this session: another person's and another session's answer alike.
    """
    rows = session().execute(
        select(Link, LegacyAccount)
        .join(LegacyAccount, LegacyAccount.id == Link.account_id)
        .where(Link.identity_id == person.id)
        .order_by(Link.created_at.desc())
    )
    for link, account in rows:
        if secrets.same(opening.managed(found, link), handle):
            return Mine(link, account, handle)
    raise NotFound("no account of this session under this handle")


def is_held(mine: Mine) -> bool:
    """Whether the person holds the account: by this very link, or again by a later one."""
    return identities.living_link(mine.link.identity_id, mine.account.id) is not None


def choose_default(person: Identity, mine: Mine) -> None:
    """« Choisir par défaut ». Twice changes nothing.

    Raises:
        Detached, NotOpen: it cannot open any more.
    """
    _held(person, mine)
    if mine.link.state != "active":
        raise NotOpen(f"link {mine.link.id} is {mine.link.state}")
    person.default_link_id = mine.link.id


def rename(person: Identity, mine: Mine, label: str | None) -> None:
    """« Renommer »; None: the syndic's own name again.

    Raises:
        Detached: the link has ended meanwhile.
    """
    _held(person, mine)
    mine.link.label = label


def detach(person: Identity, mine: Mine, caller: Caller) -> None:
    """« Détacher »: the link ends, and everything that rests on it. Twice, or in two tabs, is once."""
    ended = endings.end(person, [mine.link], "detached")
    if ended:
        shown = masked_identifier(mine.account.identifier)
        journal.tell("account.detached", person, caller, mine.link.syndic_id, account=shown)
    endings.record(ended)


def told(person: Identity, mine: Mine) -> Told:
    """What will become of the account and of the person's others, or has become of them."""
    syndic = syndics.by_id(mine.link.syndic_id)
    others = [(link, account) for link, account in identities.links_of(person.id) if link.id != mine.link.id]
    return Told(
        name=mine.name,
        identifier=masked_identifier(mine.account.identifier),
        syndic_name=syndic.name,
        contact=dict(syndic.contact),
        fate=endings.fate(mine.link, mine.account),
        suspended=mine.link.state == "suspended",
        last=not others,
        next=_next_default(person, mine, others),
    )


def _next_default(person: Identity, mine: Mine, others: list[tuple[Link, LegacyAccount]]) -> str | None:
    """Only where the default one is about to be detached."""
    if person.default_link_id != mine.link.id:
        return None
    return next((named(link, account) for link, account in others if link.state == "active"), None)


def _held(person: Identity, mine: Mine) -> None:
    """Against an end of the link at this very moment."""
    identities.lock(person)
    session().refresh(mine.link, with_for_update={"key_share": True})
    if mine.link.state == "ended":
        raise Detached(f"link {mine.link.id} has ended")
