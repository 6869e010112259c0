"""Whatever colour a syndic chose, its pages can be read (WCAG 2.2 AA)."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from broker.web import colours
from broker.web.colours import contrast, palette

STYLE = (Path(colours.__file__).parents[1] / "static" / "tokens.css").read_text(encoding="utf-8")
any_colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_the_one_that_the_guidelines_define() -> None:
    assert contrast("#000000", "#ffffff") == 21, "black on white is 21:1 by definition"
    assert contrast("#777777", "#777777") == 1, "a colour on itself is 1:1 by definition"
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54, "#767676 is the well-known lightest grey for white paper"


@given(any_colour)
def test_links_and_buttons_can_be_read_whatever_colour_was_chosen(colour: str) -> None:
    made = palette(colour)
    for shade, ground in (
        (made.light, colours.LIGHT_SURFACE),
        (made.light_strong, colours.LIGHT_SURFACE),
        (made.light, colours.LIGHT_INK),
        (made.dark, colours.DARK_SURFACE),
        (made.dark_strong, colours.DARK_SURFACE),
        (made.dark, colours.DARK_INK),
    ):
        assert contrast(shade, ground) >= 4.5, f"{colour} became {shade}, which cannot be read on {ground}"


@given(any_colour)
def test_a_colour_that_can_be_read_stays_the_syndics_own(colour: str) -> None:
    made = palette(colour)
    assert made.accent == colour, "ornaments bear the chosen colour itself"
    assert (made.light == colour) == (contrast(colour, colours.LIGHT_SURFACE) >= 4.5), f"{colour} became {made.light}"


def test_the_style_sheet_has_no_darker_light_ground_and_no_lighter_dark_one_than_was_counted_with() -> None:
    light, dark = (
        re.findall(r"--(?:ground|card|note): (#\w+);", STYLE)[:3],
        re.findall(r"--(?:ground|card|note): (#\w+);", STYLE)[3:],
    )
    assert all(contrast(each, "#000000") >= contrast(colours.LIGHT_SURFACE, "#000000") for each in light), light
    assert all(contrast(each, "#ffffff") >= contrast(colours.DARK_SURFACE, "#ffffff") for each in dark), dark
    assert len(dark) == 3, f"three grounds in each scheme were expected, found {light} and {dark}"
