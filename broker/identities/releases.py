"""Which syndic may see which of a person's central claims: none by default, and only while a link stands there."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, event, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, object_session

from broker.identities.models import ClaimRelease, Identity, Link, MenuShare
from config import clock
from config.database import new_id, session
from config.errors import Refusal
from tenants.audit import service as audit
from tenants.syndics.models import Syndic

ENDED = "links_that_ended"


class NotLinked(Refusal):
    """The person has no active link at this syndic (any more)."""

    code = "not_linked"
    public = "Vous n'avez plus de compte chez ce syndic : il ne voit plus rien de vos informations."
    status = 409


@dataclass(frozen=True)
class Sight:
    """What one syndic, where the person has an active link, may see: names of claims (OIDC Core §5.1)."""

    syndic_id: uuid.UUID
    slug: str
    name: str
    claims: frozenset[str]


def sights(identity_id: uuid.UUID) -> list[Sight]:
    """What each syndic of the person may see, by the syndics' names, in one statement."""
    released = and_(ClaimRelease.identity_id == Link.identity_id, ClaimRelease.syndic_id == Link.syndic_id)
    rows = session().execute(
        select(Syndic.id, Syndic.slug, Syndic.name, func.array_agg(ClaimRelease.claim.distinct()))
        .join(Link, Link.syndic_id == Syndic.id)
        .outerjoin(ClaimRelease, released)
        .where(Link.identity_id == identity_id, Link.state == "active")
        .group_by(Syndic.id)
        .order_by(Syndic.name, Syndic.id)
    )
    return [Sight(key, slug, name, frozenset(claims) - {None}) for key, slug, name, claims in rows]


def sees(identity_id: uuid.UUID, syndic_id: uuid.UUID, claim: str) -> bool:
    """Whether the person lets this syndic see this central claim."""
    known = select(ClaimRelease.id).where(ClaimRelease.identity_id == identity_id, ClaimRelease.syndic_id == syndic_id)
    return session().scalar(known.where(ClaimRelease.claim == claim)) is not None


def release(identity: Identity, syndic_id: uuid.UUID, claims: set[str]) -> set[str]:
    """Let one syndic see these central claims. Returns those that it did not see before; twice changes nothing.

    Raises:
        NotLinked: the person has no active link there.
    """
    _refuse_strangers(identity, syndic_id)
    same = {"identity_id": identity.id, "syndic_id": syndic_id, "released_at": clock.now()}
    rows = [{"id": new_id(), "claim": claim, **same} for claim in sorted(claims)]
    if not rows:
        return set()
    statement = insert(ClaimRelease).values(rows).on_conflict_do_nothing().returning(ClaimRelease.claim)
    return _recorded("claims.released", identity, syndic_id, set(session().scalars(statement)))


def withdraw(identity: Identity, syndic_id: uuid.UUID, claims: set[str]) -> set[str]:
    """Take these claims back: the syndic is told them no more, from the next question on. Returns what it saw."""
    gone = delete(ClaimRelease).where(ClaimRelease.identity_id == identity.id, ClaimRelease.syndic_id == syndic_id)
    taken = session().scalars(gone.where(ClaimRelease.claim.in_(claims)).returning(ClaimRelease.claim))
    return _recorded("claims.withdrawn", identity, syndic_id, set(taken))


def _refuse_strangers(identity: Identity, syndic_id: uuid.UUID) -> None:
    """Against an end of the link at this very moment it is held until the release is committed."""
    standing = select(Link.id).where(
        Link.identity_id == identity.id, Link.syndic_id == syndic_id, Link.state == "active"
    )
    if not session().scalars(standing.order_by(Link.id).with_for_update(read=True)).all():
        raise NotLinked(f"no active link at syndic {syndic_id}")


def _recorded(kind: str, identity: Identity, syndic_id: uuid.UUID, claims: set[str]) -> set[str]:
    if claims:
        audit.append(syndic_id, kind, {"claims": sorted(claims)}, {"email": identity.email}, subject=identity.id)
    return claims


@event.listens_for(Link.state, "set")
def _note_ended(link: Link, state: str, *_: Any) -> None:
    work = object_session(link)
    if state == "ended" and work is not None:
        work.info.setdefault(ENDED, set()).add((link.identity_id, link.syndic_id))


@event.listens_for(Session, "before_commit")
def _forget_strangers(work: Session) -> None:
    """With a person's last link at a syndic ends what was shown to it and of it: a later link begins with nothing."""
    if ENDED in work.info and not work.in_nested_transaction():
        for identity_id, syndic_id in sorted(work.info.pop(ENDED)):
            _forget(identity_id, syndic_id)


@event.listens_for(Session, "after_rollback")
def _forget_nothing(work: Session) -> None:
    if not work.in_nested_transaction():  # a savepoint that is given up gives up nothing that was done before it
        work.info.pop(ENDED, None)


def _forget(identity_id: uuid.UUID, syndic_id: uuid.UUID) -> None:
    living = exists().where(Link.identity_id == identity_id, Link.syndic_id == syndic_id, Link.state != "ended")
    for model in (ClaimRelease, MenuShare):
        mine = (model.identity_id == identity_id, model.syndic_id == syndic_id)
        session().execute(delete(model).where(*mine, ~living))
