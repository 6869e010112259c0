"""Who is asked again: a new material version, of the platform or of a syndic, until it or a newer one is accepted."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from config import clock
from config.database import new_id, session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM
from tenants.terms import service
from tenants.terms.models import TermsAcceptance, TermsVersion

Party = uuid.UUID | None
"""Whose terms: a syndic's, or (None) the platform's."""


class Issued(NamedTuple):
    """One version of one party's terms. `born` is when its first text was published."""

    party: Party
    version: str
    born: datetime
    material: bool


@dataclass(frozen=True)
class Person:
    """Who accepts: an identity, and the attempts that made its links, for what they accepted is its own."""

    identity_id: uuid.UUID
    attempts: frozenset[uuid.UUID]


@dataclass(frozen=True)
class Due:
    """A text to be accepted, since when it is in force, and when the person last accepted that party's terms."""

    text: TermsVersion
    since: datetime
    accepted_at: datetime | None


def owing(issued: Iterable[Issued], accepted: Collection[tuple[Party, str]]) -> set[Party]:
    """The parties whose newest material version the person has accepted neither itself nor a later one.

    Versions follow one another as their first texts were published; of two at one instant, by their names.
    """
    told = sorted(issued, key=lambda each: (each.born, each.version))
    owed: set[Party] = set()
    for each in told:
        if each.material:
            owed.add(each.party)
        if (each.party, each.version) in accepted:
            owed.discard(each.party)
    return owed


def is_due(person: Person, parties: Collection[Party]) -> bool:
    """Whether this person must accept anything of these parties: one statement where nothing of theirs is material."""
    return bool(_owing(person, parties, _issued(parties)))


def due(person: Person, parties: Collection[Party], locale: str) -> list[Due]:
    """What this person must accept of these parties, in that language: the platform's first."""
    issued = _issued(parties)
    owed = _owing(person, parties, issued)
    if not owed:
        return []
    born = {(each.party, each.version): each.born for each in issued}
    last: dict[Party, datetime] = {}
    for (party, _), at in _accepted(person, parties).items():
        last[party] = max(at, last.get(party, at))
    texts = service.newest(owed, locale)
    return [Due(text, born[text.syndic_id, text.version], last.get(text.syndic_id)) for text in texts]


def accept(person: Person, email: str, texts: Iterable[TermsVersion], network: str) -> None:
    """Keep that a person accepted these texts, each in the chain of its party; a second time changes nothing.

    `network` is the caller's address cut down to its network. The chains are written in the order of
    `audit.append_to`: two who accept at once never wait for one another for good.
    """
    for text in sorted(texts, key=lambda each: each.syndic_id or PLATFORM):
        if _keep(person, text, network):
            body = {"texts": [service.named(text)]}
            personal = {"email": email, "network": network}
            audit.append(text.syndic_id or PLATFORM, "terms.accepted", body, personal, subject=person.identity_id)


def texts_of(person: Person) -> list[TermsVersion]:
    """Every text that this person accepted, in the order of publication."""
    mine = select(TermsAcceptance.terms_version_id).where(_own(person))
    texts = select(TermsVersion).where(TermsVersion.id.in_(mine))
    return list(session().scalars(texts.order_by(TermsVersion.published_at, TermsVersion.id)))


def networks_of(person: Person) -> set[str]:
    """The networks from which this person accepted."""
    return set(session().scalars(select(TermsAcceptance.network).where(_own(person))))


def _own(person: Person) -> ColumnElement[bool]:
    mine = TermsAcceptance.identity_id == person.identity_id
    return or_(mine, TermsAcceptance.association_id.in_(person.attempts))


def _keep(person: Person, text: TermsVersion, network: str) -> bool:
    facts = {"terms_version_id": text.id, "sha256": text.sha256, "network": network, "accepted_at": clock.now()}
    row = insert(TermsAcceptance).values(id=new_id(), identity_id=person.identity_id, **facts)
    once = row.on_conflict_do_nothing(
        index_elements=["identity_id", "terms_version_id"], index_where=TermsAcceptance.identity_id.is_not(None)
    )
    return session().scalar(once.returning(TermsAcceptance.id)) is not None


def _issued(parties: Collection[Party]) -> list[Issued]:
    version = (TermsVersion.syndic_id, TermsVersion.version)
    told = (func.min(TermsVersion.published_at), func.bool_or(TermsVersion.material))
    rows = session().execute(select(*version, *told).where(service.of_any(parties)).group_by(*version))
    return [Issued(*row) for row in rows]


def _owing(person: Person, parties: Collection[Party], issued: Collection[Issued]) -> set[Party]:
    if not any(each.material for each in issued):
        return set()
    return owing(issued, _accepted(person, parties).keys())


def _accepted(person: Person, parties: Collection[Party]) -> Mapping[tuple[Party, str], datetime]:
    """What the person accepted of these parties, and when last."""
    version = (TermsVersion.syndic_id, TermsVersion.version)
    rows = session().execute(
        select(*version, func.max(TermsAcceptance.accepted_at))
        .join(TermsAcceptance, TermsAcceptance.terms_version_id == TermsVersion.id)
        .where(_own(person), service.of_any(parties))
        .group_by(*version)
    )
    return {(party, name): at for party, name, at in rows}
