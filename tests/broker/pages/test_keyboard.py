"""Every page works by keyboard alone: all that can be used is reached in order, seen when reached, and traps nobody."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.broker.pages.conftest import Gallery
from tests.broker.pages.gallery.every import WELL

pytestmark = pytest.mark.browser
SPARE = 2
EXPECTED = """() => {
    const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]";
    const seen = new Set();
    return [...document.querySelectorAll(usable)].filter(each => {
        if (each.disabled || each.tabIndex < 0 || !each.checkVisibility({ visibilityProperty: true })) return false;
        if (each.type !== "radio") return true;
        const known = seen.has(each.name);  // a group of choices is one stop; the arrows move inside it
        seen.add(each.name);
        return !known;
    }).map((each, number) => (each.dataset.stop = each.type === "radio" ? each.name : String(number)));
}"""
REACHED = """() => {
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    const style = getComputedStyle(it), box = it.getBoundingClientRect();
    return {
        stop: it.type === "radio" ? it.name : it.dataset.stop ?? it.outerHTML,
        name: (it.labels?.[0]?.textContent || it.textContent || it.id).trim(),
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        inside: box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0,
    };
}"""


def _from_the_top(page: Page) -> None:
    """Have the next Tab begin at the top, wherever the page put the focus."""
    page.evaluate("() => scrollTo(0, 0)")
    page.mouse.click(1, 1)


def _walk(page: Page, stops: int) -> list[dict[str, Any]]:
    """Press Tab until the focus leaves the page. Raises an AssertionError where it never does."""
    walked: list[dict[str, Any]] = []
    for _ in range(stops + SPARE):
        page.keyboard.press("Tab")
        reached = page.evaluate(REACHED)
        if reached is None or (walked and reached["stop"] == walked[0]["stop"]):
            return walked
        walked.append(reached)
    raise AssertionError(f"the focus never leaves the page: {[each['name'] for each in walked]}")


@pytest.mark.parametrize("name", WELL)
def test_everything_is_reached_in_order_and_seen_and_nothing_traps(page: Page, gallery: Gallery, name: str) -> None:
    page.set_viewport_size({"width": 420, "height": 700})
    page.goto(gallery.of(name))
    stops = page.evaluate(EXPECTED)
    _from_the_top(page)
    walked = _walk(page, len(stops))
    assert [each["stop"] for each in walked] == stops, (
        f"Tab goes through {name} by way of {[each['name'] for each in walked]}; expected {len(stops)} stops"
    )
    for each in walked:
        assert each["outline"] >= 2, f"nobody sees that « {each['name']} » of {name} has the focus"
        assert each["inside"], f"« {each['name']} » of {name} has the focus outside what is shown"


@pytest.mark.parametrize("name", ["login", "login-wrong", "accounts"])
def test_the_first_link_skips_to_the_content(page: Page, gallery: Gallery, name: str) -> None:
    page.goto(gallery.of(name))
    _from_the_top(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    within = page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
    assert within, "after the skip link, Tab goes to the first thing of the content"
