"""Promises of the canonical form."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tenants.audit.canonical import GREATEST, canonical

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
scalars = texts | st.integers(-GREATEST, GREATEST) | st.booleans() | st.none()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@given(values)
def test_the_canonical_text_says_the_same_as_the_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value, "nothing may be lost or changed on the way"


@given(st.dictionaries(texts, values))
def test_the_order_in_which_keys_were_given_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value), "one value must have one text"


def test_keys_stand_in_the_order_of_their_utf_16_units() -> None:
    """The example of RFC 8785 §3.2.3, whose order differs from that of code points."""
    keys = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    ordered = list(json.loads(canonical(dict.fromkeys(keys))))
    assert ordered == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


def test_control_characters_are_escaped_as_rfc_8785_says_and_nothing_else_is() -> None:
    assert canonical('€$\x0f\nA\'B"\\"/é') == '"€$\\u000f\\nA\'B\\"\\\\\\"/é"'.encode()
