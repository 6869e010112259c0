"""A mail scanner changes nothing, whatever the mail, and its reader then succeeds (SECURITY R9)."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

import workers.mail.rendering
from demo.mailbox import Mail
from tests.security.mail.everything import changes, everything
from tests.security.mail.occasions import OCCASIONS
from tests.security.mail.scanner import scan, scan_with_scripts
from tests.world import World
from workers.mail.rendering import SUBJECTS

TEMPLATES = Path(workers.mail.rendering.__file__).parent / "templates"
BEARS_A_LINK = re.compile(r"href=|https?://|\{\{[^}]*(link|url|uri)\b")


def _kinds_with_links() -> set[str]:
    files = [file for file in TEMPLATES.iterdir() if BEARS_A_LINK.search(file.read_text(encoding="utf-8"))]
    return {file.name.partition(".")[0] for file in files} & SUBJECTS.keys()


def test_every_kind_of_mail_with_a_link_is_scanned() -> None:
    assert _kinds_with_links() == OCCASIONS.keys(), "a kind of mail with a link needs an occasion here, and no other"


@pytest.mark.parametrize("kind", sorted(OCCASIONS))
def test_a_scanner_that_fetches_and_submits_everything_changes_nothing(world: World, kind: str) -> None:
    _scanned(world, kind, scan)


@pytest.mark.browser
@pytest.mark.parametrize("kind", sorted(OCCASIONS))
def test_a_scanner_that_runs_scripts_and_presses_every_button_changes_nothing(
    world: World, kind: str, chromium: Chromium
) -> None:
    _scanned(world, kind, lambda links, to: scan_with_scripts(chromium, links, to))


def _scanned(world: World, kind: str, scanner: Callable[[list[str], str], None]) -> None:
    occasion = OCCASIONS[kind](world)
    world.work()
    links = _links(world.mails_to(occasion.reader)[0])
    assert links, "the mail bears a link"
    before = everything(world.application)
    scanner(links, occasion.reader)
    assert changes(before, everything(world.application)) == [], "a scanner changes nothing"
    occasion.succeed()


def _links(mail: Mail) -> list[str]:
    found = _Links()
    found.feed(mail.html or "")
    written = re.findall(r"https?://\S+", mail.text)
    return sorted({link for link in [*found.links, *written] if link.startswith("http")})


class _Links(HTMLParser):
    """Everything that an HTML mail points at."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attributes if value and name in {"href", "src", "action"}]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A real browser."""
    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()
