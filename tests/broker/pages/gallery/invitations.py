"""Co-holders: inviting one, and being invited."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from broker.account.holders.listing import Guest, Holders, Sent
from broker.association.models import Invitation
from broker.web.pages import Failing
from tenants.terms.service import Accepted
from tests.broker.pages.gallery.state import (
    HANDLE,
    INCOMPLETE,
    LONG_EMAIL,
    NOW,
    STRANGERS,
    TERMS,
    TOLD,
    State,
    neutral,
    profile,
)


def holders(**values: Any) -> Holders:
    """The holders of one account."""
    usual: dict[str, Any] = {
        "account": "Appartement rue des Lilas",
        "identifier": "…4317",
        "syndic": "Cabinet Mercier & Filles",
        "handle": HANDLE,
        "persons": 3,
        "co_holder": False,
        "may_invite": True,
        "guests": [Guest("Paul", NOW, False, "g"), Guest("W" * 60, NOW, True, "h")],
        "sent": [
            Sent("Marie-Antoinette", LONG_EMAIL, "open", NOW + timedelta(days=7), "i"),
            Sent("Anne", "anne@orange.fr", "tries", NOW, "j"),
            Sent("Luc", "luc@orange.fr", "refused", NOW, "k"),
            Sent("Zoé", "zoe@orange.fr", "expired", NOW, "l"),
        ],
    }
    return Holders(**{**usual, **values})


SENT = Invitation(name="Marie-Antoinette", email_typed=LONG_EMAIL, expires_at=NOW + timedelta(days=7))
INVITED = {"action": "/invitation/person", "email": LONG_EMAIL}
STATES: dict[str, State] = {
    "invitation": neutral("invitation/code.html", action="/invitation/t0ken"),
    "invitation-wrong": neutral(
        "invitation/code.html",
        action="/invitation/t0ken",
        email=LONG_EMAIL,
        alert=[Failing("email", "Adresse e-mail ou code invalide.")],
    ),
    "invited": neutral("association/profile.html", form=profile(), **INVITED),
    "invited-known": neutral("association/profile.html", recognised=True, **INVITED),
    "invited-terms": neutral(
        "association/terms.html", texts=[("1.0", TERMS)], action="/invitation/terms", print_address="/elsewhere"
    ),
    "invited-terms-print": neutral("association/terms_print.html", texts=[("1.0", TERMS)], back="/elsewhere"),
    "invited-review": neutral(
        "association/review.html",
        account="…4317",
        syndic_name="Cabinet Mercier & Filles",
        email=LONG_EMAIL,
        accepted=[Accepted("2026-11", "", True, NOW)],
        invited=True,
    ),
    "invited-not-partners": neutral("association/not_partners.html", **STRANGERS, another=None, invited=True),
    "holders": neutral("account/holders/page.html", holders=holders(), done=None),
    "holders-alone": neutral(
        "account/holders/page.html", holders=holders(persons=1, guests=[], sent=[]), done="removed"
    ),
    "holders-of-a-guest": neutral(
        "account/holders/page.html",
        holders=holders(co_holder=True, may_invite=False, guests=[], sent=[]),
        done="withdrawn",
    ),
    "invite": neutral("account/holders/invite.html", holders=holders()),
    "invite-wrong": neutral(
        "account/holders/invite.html", holders=holders(), name="Paul", typed="paul@", alert=[INCOMPLETE]
    ),
    "invite-suggestion": neutral(
        "account/holders/invite.html",
        holders=holders(),
        name="Paul",
        typed="paul@gmial.com",
        suggestion="paul@gmail.com",
    ),
    "invite-not": neutral("account/holders/invite.html", holders=holders(may_invite=False)),
    "invitation-sent": neutral("account/holders/invitation.html", holders=holders(), invitation=SENT, code="12345678"),
    "invitation-over": neutral("account/holders/invitation.html", holders=holders(), invitation=SENT, code=None),
    "guest-remove": neutral("account/holders/remove.html", holders=holders(), name="Paul"),
    "contest-review-guest": neutral(
        "association/contest_review.html", told=replace(TOLD, by_shared_code=False), handle="h4ndle"
    ),
}
