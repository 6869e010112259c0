"""The end of a person's access: links end, extranets are told, syndics hand out new codes where old ones are gone."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from broker.association import endings
from broker.association.endings import Ended
from broker.identities.models import Identity, Link
from broker.sessions import service as sessions
from config import clock, outbox
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM
from tenants.webhooks import service as webhooks


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
    told_at = {syndic_id: webhooks.discreet_time() for syndic_id in {link.syndic_id for link in links}}
    ended = endings.end(identity, links, "erased", told_at)
    _tell_syndics(links, told_at)
    return ended


def _tell_syndics(links: Iterable[Link], told_at: Mapping[uuid.UUID, datetime]) -> None:
    """Each syndic hears of its own subjects, and of nothing else; and each at an instant of its own.

    If all heard at once, two syndics could tell by the clock that two of their owners are one person.
    """
    theirs: dict[uuid.UUID, list[Link]] = {}
    for link in links:
        theirs.setdefault(link.syndic_id, []).append(link)
    outbox.promise_all(
        "identity.erased",
        {
            f"identity.erased:{held[0].id}": outbox.Wish(
                {"syndic_id": str(syndic_id), "subjects": [link.sub for link in held]}, told_at[syndic_id]
            )
            for syndic_id, held in theirs.items()
        },
    )
