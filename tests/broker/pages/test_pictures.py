"""The pictures of docs/pages show the pages as they are: `make pictures` draws what is older, this test names it."""

import os

import pytest
from playwright.sync_api import Browser

from tests.broker.pages import pictures
from tests.broker.pages.conftest import Gallery

DRAWS = os.environ.get("REWRITE") == "1"
KB_EACH, MB_IN_ALL = 45, 4


@pytest.fixture(scope="module")
def states(gallery: Gallery) -> list[pictures.Shown]:
    """All states; where `make pictures` asked for it, freshly drawn."""
    return pictures.shown(gallery)


@pytest.mark.browser
@pytest.mark.skipif(not DRAWS, reason="`make pictures` draws them")
def test_the_pictures_are_drawn(gallery: Gallery, chromium: Browser, states: list[pictures.Shown]) -> None:
    pictures.draw(gallery, chromium, states)
    assert not pictures.stale(states), "what was just drawn is current"


def test_each_state_is_the_same_each_time_it_is_rendered(gallery: Gallery, states: list[pictures.Shown]) -> None:
    again = {state.name: state.digest for state in pictures.shown(gallery)}
    changing = [state.name for state in states if again[state.name] != state.digest]
    assert not changing, f"give these states of the gallery fixed values: {changing}"


def test_every_picture_is_of_its_page_as_it_is_now(states: list[pictures.Shown]) -> None:
    older = pictures.stale(states)
    assert not older, f"`make pictures` draws what is older than its page: {', '.join(older)}"
    left = pictures.gone(states)
    assert not left, f"`make pictures` removes the pictures of pages that are gone: {', '.join(left)}"


def test_the_list_shows_every_state_with_what_its_page_is_for(states: list[pictures.Shown]) -> None:
    kept = pictures.PAGE.read_text(encoding="utf-8")
    assert kept == pictures.written(states), "`make pictures` writes the list anew: docs/pages/README.md is older"
    for state in states:
        assert f'src="{state.name}.png"' in kept, f"the list must show {state.name}"


def test_the_pictures_are_small(states: list[pictures.Shown]) -> None:
    sizes = {state.name: state.file.stat().st_size for state in states if state.file.exists()}
    large = [name for name, size in sizes.items() if size > KB_EACH * 1024]
    assert not large, f"a picture has {KB_EACH} KB at most: {large}"
    assert sum(sizes.values()) < MB_IN_ALL * 1024 * 1024, f"all pictures have {MB_IN_ALL} MB at most"
