"""Agreements: proposed by one side, accepted by the other, suspended or ended by either or by the platform."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from config import clock
from config.database import session
from tenants.audit.models import PLATFORM
from tenants.trust import registry
from tenants.trust.models import Agreement
from tenants.trust.refusals import (
    AlreadyAccepted,
    AlreadyEnded,
    AlreadySuspended,
    LinkNotSymmetric,
    NotItsSide,
    OneSide,
    UnknownAgreement,
    UnknownPurpose,
)


def propose(
    proposer_id: uuid.UUID,
    accepter_id: uuid.UUID,
    *,
    forward: Iterable[str],
    backward: Iterable[str],
    document: str,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Agreement:
    """Propose an agreement, from a date (included; none: now) until a date (excluded). It holds once accepted.

    `forward`: what the accepter opens to those who come from the proposer; `backward`: the other way round.

    Raises:
        OneSide, UnknownSyndic, UnknownPurpose, LinkNotSymmetric, Nameless, DatesReversed: as they say.
    """
    registry.hold()
    if proposer_id == accepter_id:
        raise OneSide(str(proposer_id))
    there, back = _offer(forward, backward)
    agreement = Agreement(
        proposer_id=proposer_id,
        accepter_id=accepter_id,
        forward=there,
        backward=back,
        document=registry.reference(document, "document"),
        proposed_at=clock.now(),
        valid_from=valid_from or clock.now(),
        valid_until=valid_until,
    )
    registry.in_order(agreement.valid_from, valid_until)
    _record("proposed", agreement, proposer_id)
    return agreement


def accept(agreement_id: uuid.UUID, by: uuid.UUID) -> None:
    """Accept what the other side proposed.

    Raises:
        UnknownAgreement, NotItsSide, AlreadyAccepted, AlreadySuspended, AlreadyEnded: as they say.
    """
    agreement = _living(agreement_id)
    if by != agreement.accepter_id:
        raise NotItsSide(f"{by} cannot accept agreement {agreement_id}: only {agreement.accepter_id} can")
    if agreement.accepted_at is not None:
        raise AlreadyAccepted(str(agreement_id))
    agreement.accepted_at = clock.now()
    _record("accepted", agreement, by)


def suspend(agreement_id: uuid.UUID, by: uuid.UUID) -> None:
    """Suspend an agreement at once; for trust to come back, a new one is needed.

    Raises:
        UnknownAgreement, NotItsSide, AlreadySuspended, AlreadyEnded: as they say.
    """
    agreement = _living(agreement_id)
    _refuse_third(agreement, by)
    agreement.suspended_at = clock.now()
    _record("suspended", agreement, by)


def end(agreement_id: uuid.UUID, by: uuid.UUID) -> None:
    """End an agreement at once, or withdraw a proposal.

    Raises:
        UnknownAgreement, NotItsSide, AlreadyEnded: as they say.
    """
    agreement = _unended(agreement_id)
    _refuse_third(agreement, by)
    agreement.valid_until = clock.now()
    _record("ended", agreement, by)


def _offer(forward: Iterable[str], backward: Iterable[str]) -> tuple[list[str], list[str]]:
    there, back = registry.purposes(forward), registry.purposes(backward)
    if not there and not back:
        raise UnknownPurpose("an agreement needs a purpose")
    if ("link" in there) != ("link" in back):
        raise LinkNotSymmetric("link must stand in both directions or in neither")
    return there, back


def _living(agreement_id: uuid.UUID) -> Agreement:
    agreement = _unended(agreement_id)
    if agreement.suspended_at is not None:
        raise AlreadySuspended(str(agreement_id))
    return agreement


def _unended(agreement_id: uuid.UUID) -> Agreement:
    registry.hold()
    agreement = session().get(Agreement, agreement_id, populate_existing=True)
    if agreement is None:
        raise UnknownAgreement(str(agreement_id))
    if agreement.valid_until is not None and agreement.valid_until <= clock.now():
        raise AlreadyEnded(str(agreement_id))
    return agreement


def _refuse_third(agreement: Agreement, by: uuid.UUID) -> None:
    if by not in {agreement.proposer_id, agreement.accepter_id, PLATFORM}:
        raise NotItsSide(f"{by} is no side of agreement {agreement.id}")


def _record(what: str, agreement: Agreement, by: uuid.UUID) -> None:
    sides = (agreement.proposer_id, agreement.accepter_id)
    names = registry.slugs(*sides) | {PLATFORM: "platform"}
    session().add(agreement)
    session().flush()  # its id is made here
    body = {
        "agreement": str(agreement.id),
        "by": names[by],
        "proposer": names[agreement.proposer_id],
        "accepter": names[agreement.accepter_id],
        "forward": agreement.forward,
        "backward": agreement.backward,
        "document": agreement.document,
        "from": agreement.valid_from.isoformat(),
        "until": agreement.valid_until.isoformat() if agreement.valid_until else None,
    }
    registry.record(f"agreement_{what}", body, sides)
