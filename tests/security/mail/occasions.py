"""For each kind of mail with a link: how it comes about, and how its reader then succeeds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.browser import Browser
from tests.journeys.steps import PASSWORD, associate, confirm_by_link, email_sign_in, legacy_sign_in, until_waiting
from tests.world import TestSyndic, World

REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}
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


def _owner(world: World) -> tuple[str, TestSyndic]:
    syndic = world.syndic()
    email = f"lectrice@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email, PASSWORD)
    return email, syndic


OCCASIONS: dict[str, Callable[[World], Occasion]] = {
    "association_confirm": association_confirm,
    "password_reset": password_reset,
}
"""By the name of the letter's template."""
