"""Promises of restricted Markdown: whatever a syndic writes, the page holds nothing but harmless text."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.terms.markdown import render

ALLOWED = {"h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "em", "strong", "a", "br"}
VOID = {"br"}
"""Elements that hold nothing and are not closed."""
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- ",
    "-->",
    "<?php ",
    "<![CDATA[",
    "</p>",
    "<a href=javascript:x>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:x)",
    "[a](java\tscript:x)",
    "[a](&#106;avascript:x)",
    "[a](data:text/html,x)",
    "[a](vbscript:x)",
    "[a](//evil.example)",
    "[a](/relative)",
    "[a](https://x.example)",
    '[a](https://x.example"onclick="x)',
    '[a](https://x.example "a title")',
    '[a](https://x.example/" onmouseover="x)',
    "[a](<https://x.example/ y>)",
    "[a](mailto:z@x.example)",
    "[a](http://x.example)",
    "![i](https://x.example/p.png)",
    "<https://x.example>",
    "[r]",
    "[r]: https://x",
    "```",
    "~~~",
    "    code",
    "> quote",
    "---",
    "===",
    "# title",
    "###### deep",
    "- item",
    "  - inner",
    "3. third",
    "**",
    "*",
    "_",
    "__",
    "\\",
    "`",
    "&lt;",
    "&amp;",
    "&#0;",
    "\x00",
    "{onclick=x}",
    "{: .class}",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    " ",
    "é",
    "\u2028",
    "\ufeff",
]
hostile = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=5), max_size=30).map("".join)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.other: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "every element must be closed where it was opened"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_decl(self, decl: str) -> None:
        self.other.append(decl)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


@given(hostile)
def test_whatever_is_written_only_harmless_elements_come_out(text: str) -> None:
    page = Page(render(text))
    assert set(page.tags) <= ALLOWED, "an element that nobody allowed"
    assert {name for name, _ in page.attributes} <= {"href"}, "an attribute that nobody allowed"
    schemes = {urlsplit(value or "").scheme for _, value in page.attributes}
    assert schemes <= {"https", "mailto"}, "a link to where nobody may be sent"
    assert page.other == [], "a comment or a declaration"
    assert page.open == [], "an element left open would swallow the rest of the page"


@given(st.lists(st.from_regex(r"[a-z]{1,8}|[0-9]{1,3}\.|[-*_#>`<&]{1,3}|\n", fullmatch=True), max_size=40))
def test_no_word_disappears(words: list[str]) -> None:
    text = Page(render(" ".join(words))).text
    lost = [word for word in words if word.isalpha() and word not in text]
    assert lost == [], "what is not markup must be shown"


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (
            "# Titre\n\nUn *mot* et **un autre**.",
            "<h2>Titre</h2>\n<p>Un <em>mot</em> et <strong>un autre</strong>.</p>\n",
        ),
        ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"),
        ("1. un\n2. deux", "<ol>\n<li>un</li>\n<li>deux</li>\n</ol>\n"),
        ("[ici](https://x.example/?a=1&b=2)", '<p><a href="https://x.example/?a=1&amp;b=2">ici</a></p>\n'),
        ("[nous](mailto:a@x.example)", '<p><a href="mailto:a@x.example">nous</a></p>\n'),
        ("[ici](http://x.example)", "<p>[ici](http://x.example)</p>\n"),
        ("<b>gras</b>", "<p>&lt;b&gt;gras&lt;/b&gt;</p>\n"),
        (r"\*pas en relief\*", "<p>*pas en relief*</p>\n"),
        ("2 quai\\\n29200 Brest", "<p>2 quai<br>\n29200 Brest</p>\n"),
    ],
)
def test_the_markup_that_is_allowed_means_what_it_means_everywhere(text: str, page: str) -> None:
    assert render(text) == page


def test_lists_without_end_in_one_another_exhaust_nothing() -> None:
    page = Page(render("- " * 5000 + "fin"))
    assert page.open == [], "the page must be whole"
