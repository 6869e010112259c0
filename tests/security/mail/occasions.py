"""For each kind of mail with a link: how it comes about, and how its reader then succeeds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config import clock
from tests.browser import Browser
from tests.journeys.holders.inviting import Invitation, accept, holder, invite
from tests.journeys.owner import ask_change, change, owner
from tests.journeys.steps import PASSWORD, associate, confirm_by_link, email_sign_in, legacy_sign_in, until_waiting
from tests.world import TestSyndic, World
from workers import reminders

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}
LINK = re.compile(r"https?://\S+")
FRESH = "nuage-girafe-bouton-soleil"


@dataclass
class Occasion:
    """A mail on its way to `reader`; `succeed` is what its reader wants, and fails where that is not reached."""

    reader: str
    succeed: Callable[[], None]


def association_confirm(world: World) -> Occasion:
    """An attempt that waits."""
    syndic = world.syndic(**REQUIRED)
    email = f"lectrice@{syndic.slug}.example"
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    until_waiting(page, email)

    def succeed() -> None:
        assert confirm_by_link(world, Browser(), email).heading == "Ce compte est associé"

    return Occasion(email, succeed)


def password_reset(world: World) -> Occasion:
    """« Mot de passe oublié ? » of somebody who has an account."""
    email, syndic = _owner(world)
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})

    def succeed() -> None:
        page = Browser().get(world.mailed_link(email))
        page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
        assert not page.alert, page.text[:300]
        assert email_sign_in(syndic, email, FRESH).userinfo["account"], "the new password signs in"

    return Occasion(email, succeed)


def association_told(world: World) -> Occasion:
    """Somebody with the printed code has attached the account to an address of their own."""
    syndic = world.syndic()
    associate(world, syndic, syndic.accounts[0], f"trouveur@{syndic.slug}.example")
    known = syndic.accounts[0].email
    assert known is not None

    def succeed() -> None:
        link, code = read(world, known)
        page = Browser().get(link).submit("Continuer", **{"Code reçu par e-mail": code})
        assert page.submit("Ce n'est pas moi").heading == "L'accès est suspendu"

    return Occasion(known, succeed)


def association_reminder(world: World) -> Occasion:
    """A deadline comes near, and the syndic knows an address."""
    soon = (clock.now() + timedelta(days=6)).isoformat()
    syndic = world.syndic(association_policy="required", association_deadline=soon)
    with world.application.app_context():
        reminders.turn()
    world.later(hours=5)
    known = syndic.accounts[0].email
    assert known is not None

    def succeed() -> None:
        page = Browser().get(read_link(world, known)).follow("Revenir à la connexion")
        assert page.has("button", "Connexion")
        associate(world, syndic, syndic.accounts[0], f"enfin@{syndic.slug}.example")

    return Occasion(known, succeed)


def read_link(world: World, address: str) -> str:
    """The link of the newest mail to an address."""
    link = LINK.search(world.mails_to(address)[0].text)
    assert link, "the mail bears a link"
    return link.group()


def read(world: World, address: str) -> tuple[str, str]:
    """The first link and the code of the newest mail to an address."""
    link = LINK.search(world.mails_to(address)[0].text)
    assert link, "the mail bears a link"
    return link.group(), world.mailed_code(address)


def _owner(world: World) -> tuple[str, TestSyndic]:
    syndic = world.syndic()
    email = f"lectrice@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email, PASSWORD)
    return email, syndic


def address_confirm(world: World) -> Occasion:
    """The new address of somebody who changes theirs: confirmed on another device."""
    _, syndic, browser = owner(world, "avant")
    new = f"apres@{syndic.slug}.example"
    ask_change(world, browser, new)

    def succeed() -> None:
        page = Browser().get(world.mailed_link(new))
        page = page.submit("Confirmer", **{"Nouvelle adresse e-mail": new, "Mot de passe": PASSWORD})
        assert page.heading == "Votre adresse e-mail a changé"

    return Occasion(new, succeed)


def address_changed(world: World) -> Occasion:
    """The former address, which may take the change back."""
    old, syndic, browser = owner(world, "former")
    change(world, browser, f"latter@{syndic.slug}.example")

    def succeed() -> None:
        link, code = read(world, old)
        page = Browser().get(link).submit("Annuler le changement", **{"Code reçu par e-mail": code})
        assert page.heading == "Le changement d'adresse est annulé"

    return Occasion(old, succeed)


def co_holder_invited(world: World) -> Occasion:
    """A holder invites somebody, and tells them the code."""
    invitation = invite(holder(world, "invitante"))
    return Occasion(invitation.address, lambda: _accepted(world, invitation))


def _accepted(world: World, invitation: Invitation) -> None:
    assert accept(world, invitation).heading == "Ce compte est associé"


OCCASIONS: dict[str, Callable[[World], Occasion]] = {
    "address_changed": address_changed,
    "address_confirm": address_confirm,
    "association_confirm": association_confirm,
    "association_reminder": association_reminder,
    "association_told": association_told,
    "co_holder_invited": co_holder_invited,
    "password_reset": password_reset,
}
"""By the name of the letter's template."""
