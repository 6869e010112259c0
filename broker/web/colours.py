"""A syndic's colour, made legible: whatever was chosen, text passes WCAG 2.2 AA (success criterion 1.4.3)."""

from dataclasses import dataclass
from functools import lru_cache

NEUTRAL = "#2f5d8a"
LIGHT_SURFACE, DARK_SURFACE = "#eef1f4", "#2b323c"
"""The darkest ground of light pages and the lightest of dark ones: tokens.css has no other for coloured text."""
LIGHT_INK, DARK_INK = "#ffffff", "#12161c"
"""What is written on the colour itself, on light and on dark pages."""
TEXT, EMPHASIS = 4.5, 7.0
STEPS = 100

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours of one brand, each `#rrggbb`. `accent` is the chosen one itself, for ornaments without text."""

    accent: str
    light: str
    light_strong: str
    dark: str
    dark_strong: str


@lru_cache(maxsize=2048)
def palette(colour: str | None) -> Palette:
    """The colours of a page for a brand's colour (`#rrggbb`); None: the platform's own."""
    chosen = colour or NEUTRAL
    return Palette(
        accent=chosen,
        light=_legible(chosen, LIGHT_SURFACE, "#000000", TEXT),
        light_strong=_legible(chosen, LIGHT_SURFACE, "#000000", EMPHASIS),
        dark=_legible(chosen, DARK_SURFACE, "#ffffff", TEXT),
        dark_strong=_legible(chosen, DARK_SURFACE, "#ffffff", EMPHASIS),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, from 1 to 21 (WCAG 2.2, « contrast ratio »)."""
    lighter, darker = sorted((_luminance(_parsed(one)), _luminance(_parsed(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _legible(colour: str, ground: str, towards: str, wanted: float) -> str:
    """The colour nearest to the chosen one, on its way to black or white, that can be read on this ground."""
    shades = (_mixed(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next(shade for shade in shades if contrast(shade, ground) >= wanted)


def _mixed(colour: str, other: str, part: float) -> str:
    channels = zip(_parsed(colour), _parsed(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in channels)


def _parsed(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: Rgb) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, « relative luminance »)."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
