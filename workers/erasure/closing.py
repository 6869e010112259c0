"""The end of a person's access: links end, extranets are told, syndics hand out new codes where old ones are gone."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from broker.identities.models import Identity, Link
from config import clock, outbox
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.webhooks import service as webhooks

RETIRED = ("disable_requested", "disabled")


def close(identity: Identity) -> None:
    """End everything that the identity opens. What is kept of it is still there, so that extranets can be told."""
    now = clock.now()
    identity.closed_at = now
    identity.epoch += 1
    identity.default_link_id = None
    links = session().scalars(select(Link).where(Link.identity_id == identity.id).order_by(Link.account_id)).all()
    living = [link for link in links if link.state != "ended"]
    for link in living:
        link.state, link.ended_at = "ended", now
    session().flush()
    _release(living)
    _tell_syndics(links, living)
    audit.append(PLATFORM, "erasure.done", {}, {"email": identity.email})


def _release(links: Iterable[Link]) -> None:
    """Promise a new secret for each account that nobody opens any more and whose former codes are retired.

    Who holds a subject need not be the one who held it before: an account that loses its holder gets a new one.
    """
    held = select(Link.id).where(Link.account_id == LegacyAccount.id, Link.state != "ended").exists()
    mine = {link.account_id: link for link in links}
    wanted = select(LegacyAccount).where(LegacyAccount.id.in_(mine), ~held)
    for account in session().scalars(wanted.order_by(LegacyAccount.id).with_for_update()).all():
        if account.state in RETIRED:
            legacy.reissue(account)


def _tell_syndics(links: Iterable[Link], living: Iterable[Link]) -> None:
    """Each syndic hears of its own subjects, and of nothing else; and each at an instant of its own.

    If all heard at once, two syndics could tell by the clock that two of their owners are one person.
    """
    theirs: dict[uuid.UUID, list[Link]] = {}
    for link in links:
        theirs.setdefault(link.syndic_id, []).append(link)
    told_at = {syndic_id: webhooks.discreet_time() for syndic_id in theirs}
    accounts = _public_ids(living)
    for link in living:
        account = accounts[link.account_id]
        when = told_at[link.syndic_id]
        webhooks.link_ended(link.syndic_id, account, link.sub, reason="erasure", key=str(link.id), told_at=when)
    outbox.promise_all(
        "identity.erased",
        {
            f"identity.erased:{held[0].id}": outbox.Wish(
                {"syndic_id": str(syndic_id), "subjects": [link.sub for link in held]}, told_at[syndic_id]
            )
            for syndic_id, held in theirs.items()
        },
    )


def _public_ids(links: Iterable[Link]) -> dict[uuid.UUID, str]:
    wanted = select(LegacyAccount.id, LegacyAccount.public_id).where(
        LegacyAccount.id.in_([link.account_id for link in links])
    )
    return {row.id: row.public_id for row in session().execute(wanted)}
