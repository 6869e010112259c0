"""Promises of `canonical_identifier`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.legacy.service import canonical_identifier


@pytest.mark.parametrize(
    "typed",
    [
        "ab10042",
        " AB 100 42 ",
        "ＡＢ１００４２",
        "AB\u00a0100\u202f42",
        "ab\u200b10042\ufeff",
        "AB\t10042\r\n",
        "ａb10042\x00",
    ],
)
def test_however_it_is_typed_or_pasted_it_is_the_printed_identifier(typed: str) -> None:
    assert canonical_identifier(typed) == "AB10042", f"{typed!r} must be read as what stands on the letter"


@given(st.text())
def test_a_canonical_identifier_is_its_own_canonical_form(typed: str) -> None:
    once = canonical_identifier(typed)
    assert canonical_identifier(once) == once


@given(st.text())
def test_no_spelling_holds_what_the_database_or_a_reader_cannot(typed: str) -> None:
    spelled = canonical_identifier(typed)
    assert not any(c.isspace() or c == "\x00" for c in spelled)
    spelled.encode()  # raises where a lone surrogate is left
