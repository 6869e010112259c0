"""What a person does with second factors: the steps, each through the pages."""

import json
import re
from typing import Any

import pyotp

from config import clock
from tests.authenticator import Authenticator
from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

CONFIRM = "Confirmez que c'est vous"
SECURITY = "Sécurité"
CODES = "Codes de récupération"
APP = "Ajouter une application d'authentification"
WRONG = "000000"
_RECOVERY = re.compile(r"\b[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}\b")


class App:
    """The authenticator app of a telephone, with the key that was typed into it."""

    def __init__(self, key: str) -> None:
        self._maker = pyotp.TOTP(key)

    @property
    def code(self) -> str:
        """What it shows now."""
        return self._maker.at(clock.now())

    def code_after(self, seconds: int) -> str:
        """What it shows then; before now: what it has shown."""
        return self._maker.at(int(clock.now().timestamp()) + seconds)

    @property
    def wrong(self) -> str:
        """Six digits that it shows at no time near."""
        near = {self.code_after(seconds) for seconds in range(-90, 91, 30)}
        return next(
            text for text in ("000000", "111111", "222222", "333333", "444444", "555555", "666666") if text not in near
        )


def confirmed(page: Page) -> Page:
    """Type the password once more, where the page asks for it."""
    if page.heading == "Saisissez votre mot de passe":
        return page.submit("Continuer", **{"Mot de passe": PASSWORD})
    return page


def security(world: World, browser: Browser) -> Page:
    """« Sécurité »."""
    page = browser.get(f"{world.base}/account/security")
    assert page.heading == SECURITY, page.text[:400]
    return page


def begin_app(world: World, browser: Browser) -> tuple[App, Page]:
    """Up to the picture: the app knows the key, the broker waits for a first code."""
    page = confirmed(security(world, browser).follow(APP))
    if page.has("button", "Continuer"):
        page = page.submit("Continuer")
    key = page.soup.select_one(".key code")
    assert key is not None, f"the key stands there as text: {page.text[:400]}"
    return App(key.get_text().replace(" ", "")), page


def enrol_app(world: World, browser: Browser) -> tuple[App, list[str]]:
    """« Ajouter une application d'authentification ». Returns the app and the recovery codes, if any were made."""
    app, page = begin_app(world, browser)
    page = page.submit("Valider", **{"Code à 6 chiffres": app.code})
    assert page.heading in {CODES, SECURITY}, page.text[:400]
    world.later(seconds=31)  # the first code is used
    return app, _RECOVERY.findall(page.text)


def recovery_codes(page: Page) -> list[str]:
    """The codes that a page shows."""
    return _RECOVERY.findall(page.text)


def enrol_passkey(world: World, browser: Browser, name: str = "Téléphone de Jeanne", **kind: Any) -> Authenticator:
    """« Ajouter une clé d'accès », as our script does it."""
    page = confirmed(security(world, browser).follow("Ajouter une clé d'accès"))
    made = Authenticator(world.base, "127.0.0.1", **kind)
    page = send_passkey(page, made.create(options(page)), name)
    assert page.heading in {CODES, SECURITY}, page.text[:400]
    return made


def options(page: Page) -> dict[str, Any]:
    """A challenge, as our script asks for it."""
    form = page.soup.select_one("form[data-passkey]")
    assert form is not None, f"the page offers a passkey: {page.text[:400]}"
    token = form.select_one("[name=csrf_token]")
    assert token is not None
    address = page.response.url.join(str(form["data-options"]))
    answer = page.browser.http.post(address, headers={"X-CSRFToken": str(token["value"])})
    assert answer.status_code == 200, f"a challenge was promised, not {answer.status_code}"
    made: dict[str, Any] = json.loads(answer.text)
    return made


def send_passkey(page: Page, answer: str, name: str | None = None) -> Page:
    """Submit the form with what the authenticator answered, as our script does."""
    form = page.soup.select_one("form[data-passkey]")
    assert form is not None
    token = form.select_one("[name=csrf_token]")
    assert token is not None
    values = {"csrf_token": str(token["value"]), "passkey": answer}
    target = str(page.response.url.join(str(form.get("action") or page.url)))
    return page.browser.post(target, values | ({"name": name} if name is not None else {}))


def asked(syndic: TestSyndic, email: str, browser: Browser | None = None, **extra: str) -> tuple[RelyingParty, Page]:
    """A sign-in at the extranet up to what comes after the right password."""
    party = RelyingParty(syndic)
    return party, sign_in(party.begin(browser or Browser(), **extra), email, PASSWORD)


def show_app(page: Page, code: str) -> Page:
    """Type the app's code."""
    return page.submit("Valider", **{"Code à 6 chiffres": code})


def show_recovery(page: Page, code: str) -> Page:
    """Choose a recovery code, and type it."""
    if page.has("a", "Utiliser un code de récupération"):
        page = page.follow("Utiliser un code de récupération")
    return page.submit("Valider", **{"Code de récupération": code})
