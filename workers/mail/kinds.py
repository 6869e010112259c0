"""The kinds of mail: for each, whom it goes to and what it says, found from the id of what it is about.

Links and codes are made here, at sending: none ever lies in a queue. A kind answers None where its mail has no
purpose any more.
"""

from collections.abc import Callable
from dataclasses import asdict
from uuid import UUID

from broker.association import contests, proofs, reminders, telling
from broker.association.invitations import service as invitations
from broker.identities import journal, reset
from config.settings import settings
from tenants.trust import telling as admissions
from workers.mail import address_kinds
from workers.mail.letter import Letter
from workers.mail.notices import NOTICES

READERS = ""
"""The language stands in the mail's record: whoever promised the mail knew its reader (`workers.mail.sending`)."""
Kind = Callable[[UUID, str], Letter | None]
"""From the id of what a mail is about and its recipient to the letter."""


def association_confirm(association_id: UUID, recipient: str) -> Letter | None:
    """The link and the code that prove the mailbox of an attempt; None once the attempt waits for it no longer."""
    minted = proofs.mint(association_id, recipient)
    if minted is None:
        return None
    values = {
        "link": f"{settings().base_url}/confirm/{minted.token}",
        "code": minted.code,
        "link_expires_at": minted.link_expires_at,
        "code_expires_at": minted.code_expires_at,
    }
    return Letter("association_confirm", minted.email, minted.locale, values)


def association_reminder(account_id: UUID, recipient: str) -> Letter | None:
    """Reminds an owner to choose an address in time; to an address that the syndic gave, so of nobody."""
    due = reminders.due(account_id)
    if due is None:
        return None
    link = f"{settings().base_url}/t/{due.slug}/help"
    values = {"link": link, "syndic_name": due.syndic_name, "contact": due.contact, "ends_at": due.ends_at}
    return Letter(reminders.MAIL, recipient, READERS, values)


def association_told(contest_id: UUID, recipient: str) -> Letter | None:
    """Tells the address that the syndic knew of an association, with the link and the code to contest it (R6)."""
    minted = contests.mint(contest_id)
    told = telling.of_link(minted.link_id) if minted else None
    if minted is None or told is None:
        return None
    link = f"{settings().base_url}/contest/{minted.token}"
    values = {"link": link, "code": minted.code, "expires_at": minted.expires_at}
    return Letter("association_told", recipient, READERS, asdict(told) | values)


def association_told_holder(link_id: UUID, recipient: str) -> Letter | None:
    """Tells a person who holds the account that somebody else holds it now, too (JOURNEYS B13)."""
    told = telling.of_link(link_id)
    return Letter("association_told_holder", recipient, READERS, asdict(told)) if told else None


def association_suspended(link_id: UUID, recipient: str) -> Letter | None:
    """Tells the person whose link was contested that it is suspended, and what to do (JOURNEYS B13)."""
    told = telling.of_link(link_id)
    if told is None:
        return None
    values = {name: value for name, value in asdict(told).items() if name != "confirmed_at"}
    return Letter("association_suspended", recipient, READERS, values)


def association_contested(link_id: UUID, recipient: str) -> Letter | None:
    """Alerts the syndic: a link was contested and is suspended, and the account needs a new secret (JOURNEYS B13)."""
    alert = telling.alert_of_link(link_id)
    return Letter("association_contested", recipient, READERS, asdict(alert)) if alert else None


def co_holder_invited(invitation_id: UUID, recipient: str) -> Letter | None:
    """The link of an invitation: to an address that nobody has proved, so of nobody and of nothing (JOURNEYS C8)."""
    minted = invitations.mint(invitation_id)
    if minted is None:
        return None
    values = {"link": f"{settings().base_url}/invitation/{minted.token}", "expires_at": minted.expires_at}
    return Letter("co_holder_invited", recipient, minted.locale, values)


def co_holder_removed(link_id: UUID, recipient: str) -> Letter | None:
    """Tells a person that whoever had invited them has taken their access back."""
    told = telling.of_link(link_id)
    if told is None:
        return None
    values = {name: value for name, value in asdict(told).items() if name != "confirmed_at"}
    return Letter("co_holder_removed", recipient, READERS, values)


def password_reset(request_id: UUID, _recipient: str) -> Letter | None:
    """The link that lets a new password be chosen, or, where nobody has the address, what to do instead."""
    minted = reset.mint(request_id)
    if minted is None:
        return None
    if not minted.known:
        return Letter("password_reset_unknown", minted.email, minted.locale, {})
    if minted.frozen:
        return Letter("password_reset_frozen", minted.email, minted.locale, {})
    values = {"link": f"{settings().base_url}/reset/{minted.token}", "expires_at": minted.expires_at}
    return Letter("password_reset", minted.email, minted.locale, values)


def association_disputed(account_id: UUID, recipient: str) -> Letter | None:
    """Tells the syndic that the holder of a retired identifier chose no address (JOURNEYS B12)."""
    alert = telling.alert_of_account(account_id)
    return Letter("association_disputed", recipient, READERS, asdict(alert)) if alert else None


def account_released(account_id: UUID, recipient: str) -> Letter | None:
    """Tells the syndic that nobody opens an account by an address any more, and that it needs a new secret."""
    alert = telling.alert_of_account(account_id)
    return Letter("account_released", recipient, READERS, asdict(alert)) if alert else None


def account_notice(event_id: UUID, recipient: str) -> Letter | None:
    """Tells a person what was changed about their access (`broker.identities.journal.tell`)."""
    event = journal.noticed(event_id)
    if event is None:
        return None
    sentence = NOTICES[event.kind][event.locale]
    return Letter("account_notice", recipient, event.locale, {"sentence": sentence, "recorded_at": event.recorded_at})


def circle_admission(telling_id: UUID, recipient: str) -> Letter | None:
    """Tells a member of a circle who has been admitted, and that it may object; of no owner (DESIGN section 5)."""
    told = admissions.told(telling_id)
    return Letter("circle_admission", recipient, READERS, asdict(told)) if told else None


KINDS: dict[str, Kind] = {
    "association_confirm": association_confirm,
    "association_reminder": association_reminder,
    "association_told": association_told,
    "association_told_holder": association_told_holder,
    "association_disputed": association_disputed,
    "association_contested": association_contested,
    "association_suspended": association_suspended,
    "co_holder_invited": co_holder_invited,
    "co_holder_removed": co_holder_removed,
    "account_notice": account_notice,
    "circle_admission": circle_admission,
    "account_released": account_released,
    "password_reset": password_reset,
    "password_reset_unknown": password_reset,
    **address_kinds.KINDS,
}
