"""Nothing is cut when a reader makes the text larger, or spaces it (WCAG 2.2, 1.4.4, 1.4.12), and all can be hit."""

import pytest
from playwright.sync_api import Page

from tests.broker.pages.conftest import Gallery
from tests.broker.pages.gallery.every import STATES

pytestmark = pytest.mark.browser
TWICE = ":root:root { --pico-font-size: 225%; font-size: 225% !important }"
"""200 % of what we write, for text alone."""
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }
"""
"""The values of success criterion 1.4.12."""
CUT = """() => [...document.querySelectorAll("body *")].filter(each => {
    if (!each.checkVisibility() || each.matches("input, select, script, style, .skip, svg *")) return false;
    const own = [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own) return false;
    const hides = getComputedStyle(each).overflow !== "visible";
    const box = each.getBoundingClientRect();
    const wide = each.clientWidth && each.scrollWidth > each.clientWidth + 1;
    const high = hides && each.clientHeight && each.scrollHeight > each.clientHeight + 1;
    return wide || high || box.right > innerWidth + 1 || box.left < -1;
}).map(each => each.outerHTML.slice(0, 200))"""
SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, summary")].filter(each => {
    if (!each.checkVisibility() || each.matches(".skip")) return false;
    const around = [...each.parentElement.childNodes].filter(node => node.nodeType === 3 && node.textContent.trim());
    if (each.matches("a") && around.length) return false;  // in a sentence the line gives the height
    const box = (each.closest("label") ?? each).getBoundingClientRect();
    return box.width < 24 || box.height < 24;
}).map(each => `${each.textContent.trim()} ${Math.round(each.getBoundingClientRect().height)} px`)"""


@pytest.mark.parametrize("name", STATES)
def test_twice_the_text_or_spaced_text_is_not_cut_and_targets_can_be_hit(
    page: Page, gallery: Gallery, name: str
) -> None:
    for width, style in ((640, TWICE), (320, SPACED)):
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(gallery.of(name))
        page.evaluate(
            "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }", style
        )
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide in a window of {width} px, with {style}"
        cut = page.evaluate(CUT)
        assert not cut, f"{name} cuts, with {style}: {cut}"
    page.goto(gallery.of(name))
    small = page.evaluate(SMALL)
    assert not small, f"{name} has targets under 24 px (WCAG 2.5.8): {small}"
