"""The contract of a legacy source, held by every kind."""

from contextlib import suppress

import pytest

from config.errors import NotFound
from tenants.legacy.connectors.contract import LegacyProfile, SourceUnavailable
from tenants.legacy.identifiers import canonical_identifier
from tenants.legacy.refusals import CannotReissue
from tests.contracts.conftest import Source

RIGHT = "Clé-à-l'été €"


def test_the_right_secret_gives_the_accounts_profile(source: Source) -> None:
    source.add("AB10042", RIGHT, "lefevre@exemple.fr")
    told = source.connector.verify("AB10042", RIGHT)
    assert told == LegacyProfile("AB10042", "M. et Mme Lefèvre", "lefevre@exemple.fr", "Appt 12, bât. B")


def test_an_account_without_an_address_is_an_account(source: Source) -> None:
    source.add("AB10042", RIGHT, None)
    told = source.connector.verify("AB10042", RIGHT)
    assert told is not None
    assert told.email is None


@pytest.mark.parametrize(
    ("identifier", "secret"), [("AB10042", "wrong"), ("AB10043", RIGHT), ("AB10042", ""), ("", ""), ("É/../?#%", RIGHT)]
)
def test_unknown_and_wrong_give_nothing_alike(source: Source, identifier: str, secret: str) -> None:
    source.add("AB10042", RIGHT, None)
    source.add("AB10044", "other", None)
    assert source.connector.verify(identifier, secret) is None


def test_a_disabled_secret_never_works_again(source: Source) -> None:
    source.add("AB10042", RIGHT, None)
    source.connector.disable("AB10042", "key-1")
    assert source.connector.verify("AB10042", RIGHT) is None
    assert source.effective_disablements("AB10042") == 1


def test_the_same_key_disables_once_and_gives_the_same_receipt(source: Source) -> None:
    source.add("AB10042", RIGHT, None)
    first = source.connector.disable("AB10042", "key-1")
    again = source.connector.disable("AB10042", "key-1")
    assert again.receipt == first.receipt
    assert first.receipt
    assert first.disabled_at.tzinfo is not None, "an instant without its zone proves nothing"
    assert source.effective_disablements("AB10042") == 1


def test_disabling_one_account_leaves_the_others(source: Source) -> None:
    source.add("AB10042", RIGHT, None)
    source.add("AB10043", RIGHT, None)
    source.connector.disable("AB10042", "key-1")
    assert source.connector.verify("AB10043", RIGHT) is not None


def test_there_is_no_receipt_for_an_account_that_the_source_does_not_know(source: Source) -> None:
    with pytest.raises(NotFound):
        source.connector.disable("NOBODY", "key-1")


def test_the_status_follows_the_account(source: Source) -> None:
    assert source.connector.status("É/../?#%") == "unknown"
    source.add("AB10042", RIGHT, None)
    assert source.connector.status("AB10042") == "active"
    source.connector.disable("AB10042", "key-1")
    assert source.connector.status("AB10042") == "disabled"


def test_a_secret_is_issued_anew_once_per_key_or_the_source_says_that_it_cannot(source: Source) -> None:
    source.add("AB10042", RIGHT, None)
    if source.kind == "imported":
        with pytest.raises(CannotReissue):
            source.connector.reissue("AB10042", "key-1")
        return
    source.connector.disable("AB10042", "key-0")
    first = source.connector.reissue("AB10042", "key-1")
    assert source.connector.verify("AB10042", RIGHT) is None, "the old secret must be dead"
    source.hand_out("AB10042", f"{RIGHT}-new")
    assert source.connector.reissue("AB10042", "key-1").receipt == first.receipt
    assert source.connector.verify("AB10042", f"{RIGHT}-new") is not None, "asking again must not hit the new secret"
    assert source.connector.verify("AB10042", RIGHT) is None
    assert source.connector.status("AB10042") == "active"


HOSTILE = {
    "all": "*",
    "part of it": "AB1*",
    "another condition": "AB10042)(OBJECTCLASS=*",
    "an open end": "*)(UID=*))(|(UID=*",
    "a comparison": "A>=AB10042",
    "a name's part": "AB10042,OU=PEOPLE,DC=LILAS",
    "a backslash": "AB10042\\2A",
    "a statement": "AB10042'OR'1'='1",
    "a path": "../ACCOUNTS/AB10042",
    "a query": "AB10042?STATE=ACTIVE#",
    "very long": "A" * 20_000,
    "letters of elsewhere": "ÀÉÎ中文\N{GRINNING FACE}",
    "right to left": "אב10042",
}
"""Canonical, as every identifier is that a connector sees: controls and spaces are gone before."""


@pytest.mark.parametrize("identifier", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_identifier_is_nobodys_and_touches_nobody(source: Source, identifier: str) -> None:
    assert canonical_identifier(identifier) == identifier, "the suite must show what connectors get"
    source.add("AB10042", RIGHT, None)
    assert source.connector.verify(identifier, RIGHT) is None
    assert source.connector.status(identifier) == "unknown"
    with pytest.raises(NotFound):
        source.connector.disable(identifier, "key-1")
    assert source.connector.verify("AB10042", RIGHT) is not None, "nobody else's account may be touched"


@pytest.mark.parametrize("secret", ["", "*", "\0", f"{RIGHT}\0", "x" * 1024, "\N{GRINNING FACE}" * 200])
def test_a_hostile_secret_is_wrong(source: Source, secret: str) -> None:
    source.add("AB10042", RIGHT, None)
    assert source.connector.verify("AB10042", secret) is None
    assert source.connector.verify("NOBODY", secret) is None


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_disables_once(source: Source) -> None:
    source.add("AB10042", RIGHT, None)
    with source.lose_answers(), suppress(SourceUnavailable):
        source.connector.disable("AB10042", "key-1")
        assert source.kind == "imported", "no receipt without an answer"
    receipt = source.connector.disable("AB10042", "key-1")
    assert receipt.receipt
    assert source.effective_disablements("AB10042") == 1
    assert source.connector.verify("AB10042", RIGHT) is None
