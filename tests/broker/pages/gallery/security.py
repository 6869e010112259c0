"""A second step: enrolling, renewing and removing it."""

from typing import Any

import segno
from markupsafe import Markup

from broker.identities.factors.service import Kept
from tests.broker.pages.gallery.state import FACTORS, State, neutral


def _security(kept: list[Kept], **values: Any) -> State:
    return neutral("account/security.html", factors=kept, has_app=False, codes_left=10, app="app", **values)


PICTURE = Markup(segno.make("otpauth://totp/x?secret=" + "A" * 60).svg_inline(scale=5, title="Image", omitsize=True))  # noqa: S704 - drawn by us
GROUPS_OF_FOUR = ["J5ZW", "G3DF", "MRSW", "4Y3V", "J5ZW", "G3DF", "MRSW", "4Y3V"]
STATES: dict[str, State] = {
    "security": _security(FACTORS),
    "security-none": _security([]),
    "passkey": neutral("account/passkey.html", name=""),
    "passkey-failed": neutral("account/passkey.html", name="Clé", alert=["Votre appareil n'a pas pu en créer."]),
    "app": neutral("account/app.html"),
    "app-picture": neutral("account/app.html", picture=PICTURE, groups=GROUPS_OF_FOUR),
    "app-wrong": neutral(
        "account/app.html", picture=PICTURE, groups=GROUPS_OF_FOUR, alert=["Ce code n'est pas le bon."]
    ),
    "recovery-codes": neutral("account/recovery_codes.html", codes=None, codes_left=1),
    "recovery-codes-new": neutral("account/recovery_codes.html", codes=["k7mq-2xpd-9f3v"] * 10),
    "factor-remove": neutral("account/factor_remove.html", factor=FACTORS[0], last=False),
    "factor-remove-last": neutral("account/factor_remove.html", factor=FACTORS[2], last=True),
    "error-factor": State("error.html", {"message": "Cette étape a pris fin.", "code": "factor_check_gone"}),
}
