"""What every kind of mail promises (JOURNEYS, SECURITY R15): each is found here by itself, with values made up by name.

A new kind needs its four templates, its subject and its function in `workers.mail.kinds`; and, if it goes to proved
addresses only and names somebody or something, a line in `PROVED`.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import meta, nodes

from workers.mail import kinds
from workers.mail.letter import Letter
from workers.mail.rendering import LOCALES, SUBJECTS, compose, environment

FOLDER = Path(kinds.__file__).parent / "templates"
SHARED = {"layout", "contact"}
TEMPLATES = sorted({file.name.split(".")[0] for file in FOLDER.iterdir()} - SHARED)
LINK = "https://login.example/confirm/t0k3n-of-the-link"
KNOWN = {"link": LINK, "code": "12345678", "prints": True}
CONTACT = {"phone": "01 23 45 67 89", "email": "agence@durand.example", "hours": "9 h à 17 h"}
WITH_CONTACT = {"contact": CONTACT, "syndic_name": "Cabinet <Durand> & Fils"}
SAYS_NOTHING = re.compile(r"link|code|\w+_(at|until)|subject|locale")
"""What may stand in any mail: proofs and times name nobody."""
OTHERWISE = {"address_known": "address_confirm", "password_reset_frozen": "password_reset"}
"""What a kind says instead, where its worker finds that there is nothing to confirm or to reset."""
PROVED = {
    "account_notice": "goes to the person's own address, and says what was changed",
    "association_reminder": "goes to an address that this very syndic gave, and names that syndic alone",
    "association_told": "goes to an address that this very syndic gave for this account",
    "association_told_holder": "goes to a person who holds that account",
    "association_suspended": "goes to the person whose link it is",
    "co_holder_removed": "goes to the person who held that account a moment ago",
    "association_disputed": "goes to the syndic, about its own account",
    "association_contested": "goes to the syndic, about its own account",
    "circle_admission": "goes to a syndic, about a circle that it belongs to",
    "account_released": "goes to the syndic, about its own account",
}
"""Kinds that may name somebody or something, and why. Every other kind is taken to go to whoever was typed."""


def declared(template: str, locale: str, form: str) -> set[str]:
    """The values that a template wants, with those of what it includes."""
    tree = environment().parse((FOLDER / f"{template}.{locale}.{form}").read_text("utf-8"))
    contact = {"contact", "syndic_name"} if list(tree.find_all(nodes.Include)) else set()
    return meta.find_undeclared_variables(tree) | contact


def value(name: str) -> Any:
    """A value as that name promises."""
    if name.endswith(("_at", "_until")):
        return datetime(2026, 12, 7, 13, 5, tzinfo=UTC)
    return {**KNOWN, **WITH_CONTACT}.get(name, f"<{name}> & Co")


def letter(template: str, locale: str) -> Letter:
    """A letter with everything that its templates want."""
    wanted = set().union(*(declared(template, locale, form) for form in ("txt", "html")))
    return Letter(template, "a.martin@example.org", locale, {name: value(name) for name in wanted})


def parts(template: str, locale: str) -> tuple[str, str]:
    """The text and the HTML of a composed mail."""
    message = compose(letter(template, locale), "key", "Trousseau <x@trousseau.example>")
    text, html = (message.get_body((form,)) for form in ("plain", "html"))
    assert text is not None, f"{template} lacks its text"
    assert html is not None, f"{template} lacks its HTML"
    return str(text.get_content()), str(html.get_content())


def test_every_kind_has_a_subject_in_both_languages_and_every_template_a_kind() -> None:
    assert set(TEMPLATES) == set(SUBJECTS), "templates and subjects go together"
    assert set(TEMPLATES) == set(kinds.KINDS) | set(OTHERWISE), "so do templates and kinds"
    for template, subjects in SUBJECTS.items():
        assert set(subjects) == set(LOCALES), f"{template} has a subject in each language"


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_kind_is_written_in_both_languages_and_both_forms(template: str) -> None:
    wanted = {(locale, form): declared(template, locale, form) for locale in LOCALES for form in ("txt", "html")}
    assert len({frozenset(names) for names in wanted.values()}) == 1, f"{template} says not the same in all: {wanted}"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_kind_has_exactly_one_link_or_none_and_fetches_nothing(template: str, locale: str) -> None:
    text, html = parts(template, locale)
    expected = [LINK] if "link" in declared(template, locale, "txt") else []
    assert re.findall(r"https?://\S+", text) == expected, f"{template}: exactly its one link, or none"
    assert re.findall(r'href="([^"]*)"', html) == expected, f"{template}: so has the HTML form"
    tracking = re.findall(r"<img|<link|<script|<iframe|url\(|src=|background=", html)
    assert not tracking, f"{template}: nothing is fetched when the mail is opened"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_value_becomes_markup(template: str, locale: str) -> None:
    _, html = parts(template, locale)
    assert not re.search(r"<Durand>|<(?:sentence|identifier|syndic_name|masked_identifier)>", html)


@pytest.mark.parametrize("template", sorted(set(TEMPLATES) - set(PROVED)))
def test_a_mail_to_an_address_that_is_not_proved_names_nobody_and_nothing(template: str) -> None:
    for locale in LOCALES:
        for form in ("txt", "html"):
            named = {name for name in declared(template, locale, form) if not SAYS_NOTHING.fullmatch(name)}
            assert not named, f"{template} may reach anybody and tells {named}; if it cannot, say why in PROVED"


def test_the_exceptions_are_kinds_that_exist() -> None:
    assert set(PROVED) <= set(TEMPLATES)
    assert set(OTHERWISE.values()) <= set(kinds.KINDS)
