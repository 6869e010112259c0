"""The end of a person's access: links end, extranets are told, syndics hand out new codes where old ones are gone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from broker.association import endings
from broker.association.endings import Ended
from broker.identities.models import Identity, Link
from broker.sessions import service as sessions
from config import clock, outbox
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM


def close(identities: Sequence[Identity]) -> None:
    """End everything that these identities open. What is kept of them is still there, so that extranets can be told.

    The evidence comes last and for all of them together: chains are taken in one order, and held until the end.
    """
    ended = [each for identity in identities for each in _closed(identity)]
    for identity in identities:
        audit.append(PLATFORM, "erasure.done", {}, {"email": identity.email})
    endings.record(ended)


def _closed(identity: Identity) -> list[Ended]:
    identity.closed_at = clock.now()
    identity.epoch += 1
    sessions.end_all_of(identity.id)  # each extranet is told of its session's end, and so not of each account's
    links = session().scalars(select(Link).where(Link.identity_id == identity.id).order_by(Link.account_id)).all()
    ended = endings.end(identity, links, "erased")
    _tell_syndics(links)
    return ended


def _tell_syndics(links: Iterable[Link]) -> None:
    """Each syndic hears of its own subjects, and of nothing else."""
    subjects: dict[str, list[Link]] = {}
    for link in links:
        subjects.setdefault(str(link.syndic_id), []).append(link)
    outbox.promise_all(
        "identity.erased",
        {
            f"identity.erased:{theirs[0].id}": {"syndic_id": syndic_id, "subjects": [link.sub for link in theirs]}
            for syndic_id, theirs in subjects.items()
        },
    )
