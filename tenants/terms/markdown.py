"""Restricted Markdown to HTML: what a syndic writes is shown, and can do nothing else."""

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

RULES = ("heading", "list", "emphasis", "link", "escape")
SCHEMES = frozenset({"https", "mailto"})
DEEPEST = 100
"""Nested blocks: far deeper than people write, and not so deep that a text could exhaust the stack."""


def render(text: str) -> Markup:
    """HTML of headings, paragraphs, lists, emphasis, strong and https or mailto links; all else is shown as text.

    A backslash at the end of a line breaks it there, as in an address (CommonMark 6.7). Headings are one level lower
    than written: the page's own title stays the only first-level one. The only attribute that ever comes out is
    `href`, so an ordered list counts from 1. Fifty lists in one another are the most; what is deeper is left out.
    """
    environment: MutableMapping[str, Any] = {}
    tokens = _PARSER.parse(text, environment)
    for token in _all(tokens):
        token.attrs = {name: value for name, value in token.attrs.items() if name == "href"}
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, environment))  # noqa: S704 - made of known tags only


def _all(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _is_allowed(url: str) -> bool:
    """Whether a link may lead there; called with the address as it will stand in the page."""
    try:
        return urlsplit(url.strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False


def _parser() -> MarkdownIt:
    """A parser that knows paragraphs and text, and each of our rules: whatever is not named here is text."""
    parser = MarkdownIt("zero", {"html": False, "maxNesting": DEEPEST}).enable(list(RULES))
    parser.validateLink = _is_allowed  # type: ignore[method-assign]  # the library's own way to say it
    return parser


_PARSER = _parser()
