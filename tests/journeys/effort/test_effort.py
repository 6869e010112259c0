"""docs/effort.md says what each journey asks, and a first association asks little."""

import os

import pytest

from tests.journeys.effort import page
from tests.journeys.effort.person import Effort
from tests.journeys.effort.walks import WALKS
from tests.world import World

WRITES = os.environ.get("REWRITE") == "1"
LITTLE = {
    "First association by code, at the address that the syndic knows": (8, 4),
    "First association by link on another device, at the address that the syndic knows": (9, 5),
    "First association by code, at an address of the owner's choice": (8, 4),
    "First association by link on another device, at an address of the owner's choice": (9, 5),
}
"""The most pages and typed fields, optional ones apart."""


@pytest.mark.parametrize("name", WALKS)
def test_the_journey_asks_what_the_page_says(world: World, name: str) -> None:
    measured = WALKS[name](world)
    if WRITES:
        _write(name, measured)
    if name in LITTLE:
        _is_little(name, measured)
    assert page.rows().get(name) == page.row(name, measured), "`make effort` measures docs/effort.md anew"


def _is_little(name: str, measured: Effort) -> None:
    pages, typed = LITTLE[name]
    assert measured.pages <= pages, f"{name} takes {measured.pages} pages: {pages} are promised"
    assert measured.typed - measured.optional <= typed, (
        f"{name} has {measured.typed} typed fields: {typed} are promised"
    )
    assert measured.mails == 1, f"{name} sends {measured.mails} mails: one is promised"


def _write(name: str, measured: Effort) -> None:
    lines = {**page.rows(), name: page.row(name, measured)}
    page.FILE.write_text(page.written([lines[each] for each in WALKS if each in lines]), encoding="utf-8")


def test_the_page_has_every_journey_and_no_other() -> None:
    kept = page.FILE.read_text(encoding="utf-8")
    assert list(page.rows()) == list(WALKS), "`make effort` writes the journeys in their order"
    assert kept == page.written(list(page.rows().values())), "`make effort` writes docs/effort.md anew"
