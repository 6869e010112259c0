"""The end of a person's access: links end, extranets are told, syndics hand out new codes where old ones are gone."""

from collections.abc import Iterable

from sqlalchemy import select

from broker.identities.models import Identity, Link
from config import clock, outbox
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount

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
    _tell_syndics(links)
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
