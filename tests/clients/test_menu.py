"""The blocks of docs/integrate.md about the menu, as they stand there: the API by curl, the script in a browser."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import httpx2
import pytest
from flask import Flask, Response
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import Browser
from tests.clients.snippets import PAGE, snippet
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty, Tokens
from tests.serving import served
from tests.world import TestSyndic, World

NAMED = ("id", "label", "syndic", "current", "default", "switch_uri")


def _signed_in(world: World, syndic: TestSyndic) -> tuple[Browser, Tokens]:
    email, browser = f"integration@{syndic.slug}.example", Browser()
    associate(world, syndic, syndic.accounts[0], email)
    party = RelyingParty(syndic)
    return browser, party.complete(sign_in(party.begin(browser), email, PASSWORD))


def _listed(issuer: str, access_token: str) -> str:
    """What the page's own block prints."""
    given = {"ISSUER": issuer, "ACCESS_TOKEN": access_token, "NO_PROXY": "127.0.0.1"}
    words = ["/bin/sh", "-eu", "-c", snippet("menu")]
    ran = subprocess.run(words, env={**os.environ, **given}, capture_output=True, text=True, check=False)  # noqa: S603 - our own block
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing")
def test_the_menu_is_fetched_by_the_block_and_has_what_the_page_says(world: World) -> None:
    syndic = world.syndic()
    _, tokens = _signed_in(world, syndic)
    (entry,) = json.loads(_listed(syndic.issuer, tokens.access_token))
    assert tuple(entry) == NAMED
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in NAMED if f"| `{name}` |" not in page] == [], "each member is explained"


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser.new_page(locale="fr-FR")
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing")
def test_the_script_draws_the_menu_in_a_page_made_of_the_blocks(world: World, page: Page) -> None:
    syndic = world.syndic()
    _, tokens = _signed_in(world, syndic)
    listed = _listed(syndic.issuer, tokens.access_token)
    values = {"BROKER": world.base, "ISSUER": syndic.issuer, "ACCOUNT_ID": tokens.userinfo["account"]["id"]}
    with served(_extranet(values, listed)) as port:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_role("button", name="immeuble").click()
        entry = page.get_by_role("link", name="Appt 12")
        expect(entry).to_have_attribute("aria-current", "true")
        expect(entry).to_have_attribute("href", json.loads(listed)[0]["switch_uri"])
        assert complaints == [], f"the policy of the page suffices: {complaints}"


def _extranet(values: dict[str, Any], listed: str) -> Flask:
    app = Flask(__name__)
    safe = {name: escape(value) for name, value in values.items()}
    body = Template(snippet("menu-page")).substitute(safe)
    style = "style-src 'self'"
    policy = f"default-src 'none'; {style}; {Template(snippet('menu-policy')).substitute(values).strip()}"

    @app.get("/")
    def home() -> Response:
        text = f'<!doctype html><html lang="fr"><link rel="stylesheet" href="/menu.css"><title>x</title>{body}</html>'
        return Response(text, headers={"Content-Security-Policy": policy})

    @app.get("/menu.css")
    def style_sheet() -> Response:
        return Response(snippet("menu-style"), mimetype="text/css")

    @app.get("/accounts.json")
    def accounts() -> Response:
        return Response(listed, mimetype="application/json")

    return app


def test_the_script_has_one_address_for_good_and_needs_nothing(world: World) -> None:
    answer = httpx2.get(f"{world.base}/static/extranet-menu.v1.js")
    assert answer.status_code == 200
    assert "javascript" in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "no-cache", (
        "its name promises no content: each browser asks whether it changed"
    )
    assert httpx2.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    text = Path("broker/static/extranet-menu.v1.js").read_text(encoding="utf-8")
    for word in ("eval(", "innerHTML", "Function(", ".style", "import ", "document.write"):
        assert word not in text, f"no page's policy must be widened for {word}"
    assert len(text) < 8000
