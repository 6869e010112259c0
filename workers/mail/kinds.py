"""The kinds of mail: for each, whom it goes to and what it says, found from the id of what it is about.

Links and codes are made here, at sending: none ever lies in a queue. A kind answers None where its mail has no
purpose any more.
"""

from collections.abc import Callable
from uuid import UUID

from broker.association import confirmation, proofs
from broker.identities import journal, reset
from config.settings import settings
from workers.mail.letter import Letter
from workers.mail.notices import NOTICES

Kind = Callable[[UUID, str], Letter | None]
"""From the id of what a mail is about and its recipient to the letter."""


def association_confirm(association_id: UUID, _recipient: str) -> Letter | None:
    """The link and the code that prove the mailbox of an attempt; None once the attempt waits no longer."""
    minted = proofs.mint(association_id)
    if minted is None:
        return None
    values = {
        "link": f"{settings().base_url}/confirm/{minted.token}",
        "code": minted.code,
        "link_expires_at": minted.link_expires_at,
        "code_expires_at": minted.code_expires_at,
    }
    return Letter("association_confirm", minted.email, minted.locale, values)


def association_told(link_id: UUID, recipient: str) -> Letter | None:
    """Tells the address that the syndic knew, and former holders, of an association (SECURITY R6)."""
    told = confirmation.told(link_id)
    if told is None:
        return None
    values = {
        "syndic_name": told.syndic_name,
        "contact": told.contact,
        "masked_identifier": told.masked_identifier,
        "confirmed_at": told.confirmed_at,
    }
    return Letter("association_told", recipient, told.locale, values)


def password_reset(request_id: UUID, _recipient: str) -> Letter | None:
    """The link that lets a new password be chosen, or, where nobody has the address, what to do instead."""
    minted = reset.mint(request_id)
    if minted is None:
        return None
    if not minted.known:
        return Letter("password_reset_unknown", minted.email, minted.locale, {})
    values = {"link": f"{settings().base_url}/reset/{minted.token}", "expires_at": minted.expires_at}
    return Letter("password_reset", minted.email, minted.locale, values)


def association_disputed(account_id: UUID, recipient: str) -> Letter | None:
    """Tells the syndic that the holder of a retired identifier chose no address (JOURNEYS B12)."""
    from broker.association import confirmation

    disputed = confirmation.disputed(account_id)
    if disputed is None:
        return None
    values = {"syndic_name": disputed.syndic_name, "identifier": disputed.identifier}
    return Letter("association_disputed", recipient, disputed.locale, values)


def account_notice(event_id: UUID, recipient: str) -> Letter | None:
    """Tells a person what was changed about their access (`broker.identities.journal.tell`)."""
    event = journal.noticed(event_id)
    if event is None:
        return None
    sentence = NOTICES[event.kind][event.locale]
    return Letter("account_notice", recipient, event.locale, {"sentence": sentence, "recorded_at": event.recorded_at})


KINDS: dict[str, Kind] = {
    "association_confirm": association_confirm,
    "association_told": association_told,
    "association_disputed": association_disputed,
    "account_notice": account_notice,
    "password_reset": password_reset,
    "password_reset_unknown": password_reset,
}
