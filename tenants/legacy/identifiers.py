"""The one spelling of a legacy identifier: what is printed, typed, pasted and exported must meet."""

import unicodedata

UNPRINTED = ("Cc", "Cf", "Cs")
"""Controls, invisible formatting and lone surrogates: nobody sees them on a letter, a paste may carry them."""


def canonical_identifier(typed: str) -> str:
    """The spelling under which an identifier is stored, looked up and counted (JOURNEYS A3).

    Full width becomes half (NFKC), every space goes, the no-break ones too, and letters are upper-case.
    Idempotent. May be empty.
    """
    spelled = _respelled(typed)
    while spelled != typed:  # upper-casing can undo a composition and the reverse: go on until it is settled
        typed, spelled = spelled, _respelled(spelled)
    return spelled


def _respelled(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text)
    seen = (c for c in composed if not c.isspace() and unicodedata.category(c) not in UNPRINTED)
    return "".join(seen).upper()
