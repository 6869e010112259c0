"""« Retirer »: an inviter ends the access of a co-holder whom they invited, and nobody else's."""

from broker.association import endings
from broker.identities import journal
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from broker.web.network import Caller
from config.database import session
from config.errors import NotFound
from config.mail.service import post
from tenants.legacy import service as legacy

MAIL = "co_holder_removed"


def remove(inviter: Identity, link: Link, guest: Link, caller: Caller) -> None:
    """End the guest's link, tell both. A second click finds the work done.

    Raises:
        NotFound: it is not a link that this person's invitation made, or the person's own does not stand.
    """
    person = session().get_one(Identity, guest.identity_id)
    identities.lock(person)
    session().refresh(legacy.get(link.syndic_id, link.account_id), with_for_update=True)
    session().refresh(link, with_for_update=True)
    session().refresh(guest, with_for_update=True)
    if link.identity_id != inviter.id or link.state != "active" or guest.invited_by != link.id:
        raise NotFound("no guest of this person's")
    if guest.state == "ended":
        return
    ended = endings.end(person, [guest], "inviter")
    journal.tell("co-holder.removed", inviter, caller, link.syndic_id)
    journal.note("co-holder.was-removed", person.id, None, link.syndic_id)
    post(person.email, MAIL, guest.id, person.locale, str(guest.id), syndic_id=guest.syndic_id)
    endings.record(ended)
