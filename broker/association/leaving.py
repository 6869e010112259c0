"""The end of one link: of nothing else that its person, or anybody who holds the account too, has."""

from broker.identities.models import Identity, Link
from broker.sessions import extranets
from config import clock


def end(link: Link, person: Identity) -> None:
    """End a link of this person in the caller's transaction, which holds the account and the link.

    Its tokens are dead from this commit on, and the extranets that were told a `sid` for it hear of it. The person's
    sessions go on for the other accounts.
    """
    link.state, link.ended_at = "ended", clock.now()
    if person.default_link_id == link.id:
        person.default_link_id = None
    extranets.promise_to_tell_of(link.identity_id, link.account_id, why=str(link.id))
