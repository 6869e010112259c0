"""A logout in a real browser: the extranet's frame is loaded, and the browser is back at the extranet by itself."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from joserfc import jws
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.broker.oidc.receiver import FRONT, Receiver, client_of, receiving
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def _entered(world: World, receiver: Receiver, page: Page) -> tuple[TestSyndic, str]:
    client = client_of(world, world.syndic(), receiver, front=FRONT)
    client.redirect_uri = f"{receiver.url}/callback"
    party, account = RelyingParty(client), client.accounts[0]
    page.goto(party.address())
    page.get_by_label("Adresse e-mail ou identifiant").fill(account.identifier)
    page.get_by_label("Mot de passe", exact=True).fill(account.password)
    page.get_by_role("button", name="Connexion").click()
    page.wait_for_url(f"{receiver.url}/callback**")
    code = next(call.values["code"][0] for call in receiver.gets if call.path == "/callback")
    return client, party.redeem(code).json()["id_token"]


def _leave(page: Page, client: TestSyndic, id_token: str, receiver: Receiver) -> None:
    values = {"id_token_hint": id_token, "post_logout_redirect_uri": f"{receiver.url}/logged-out", "state": "s"}
    page.goto(f"{client.issuer}/end_session?{urlencode(values)}", wait_until="commit")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_frame_is_loaded_and_the_browser_goes_back(
    world: World, receiver: Receiver, chromium: Browser, javascript: bool
) -> None:
    page = chromium.new_context(java_script_enabled=javascript, locale="fr-FR").new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    client, id_token = _entered(world, receiver, page)
    receiver.frames_wait = threading.Event()
    _leave(page, client, id_token, receiver)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes déconnecté")
    expect(page.get_by_role("link", name="Continuer", exact=True)).to_be_visible()
    assert "/logged-out" not in [call.path for call in receiver.gets], "nobody goes on before the frame has loaded"
    receiver.frames_wait.set()
    page.wait_for_url(f"{receiver.url}/logged-out?state=s")
    loaded = [call.values for call in receiver.gets if call.path == FRONT]
    sid = json.loads(jws.extract_compact(id_token.encode()).payload)["sid"]
    assert loaded == [{"iss": [client.issuer], "sid": [sid]}]
    assert not [said for said in complaints if "favicon" not in said], "the policy lets the page do its work"


def test_an_extranet_that_does_not_answer_holds_nobody(world: World, receiver: Receiver, chromium: Browser) -> None:
    page = chromium.new_context(locale="fr-FR").new_page()
    client, id_token = _entered(world, receiver, page)
    receiver.frames_wait = threading.Event()
    page.clock.install()
    _leave(page, client, id_token, receiver)
    expect(page.get_by_role("link", name="Continuer", exact=True)).to_be_visible()
    assert _violations(page) == [], "the page shuts nobody out"
    page.clock.run_for(5000)
    page.wait_for_url(f"{receiver.url}/logged-out?state=s")


def _violations(page: Page) -> list[str]:
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate(Axe().axe_script)
    return [str(each["id"]) for each in page.evaluate("async () => (await axe.run({preload: false})).violations")]
