"""Promises of `verify`: who is right, what is kept, and that nothing tells known from unknown."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import argon2.low_level
import passlib.hash
import pytest
from sqlalchemy import delete, event, text

from config import clock
from config.database import db, session
from config.errors import NotFound
from config.settings import settings
from tenants.legacy import closing, second_codes, service, tombstones
from tenants.legacy.captures import capture
from tenants.legacy.connectors import schemes
from tenants.legacy.connectors.contract import LegacyProfile, Receipt, SourceUnavailable
from tenants.legacy.models import LegacyAccount, LegacySource
from tenants.syndics.models import Syndic
from tests.tenants.legacy.examples import a_syndic, an_account

pytestmark = pytest.mark.usefixtures("app")
RIGHT, WRONG = "Lilas-2026", "Lilas-2027"


def verify(syndic: Syndic, identifier: str, secret: str) -> service.Verified | None:
    return service.verify(syndic, identifier, secret, wait=lambda _seconds: None)


def retire(account: LegacyAccount) -> None:
    service.mark_pending(account)
    service.confirm(account, disable=True)
    service.record_disabled(account, Receipt("done", clock.now()))


def test_a_right_pair_is_verified_in_any_spelling_of_the_identifier() -> None:
    syndic = a_syndic()
    account = an_account(syndic, "AB10042")
    verified = verify(syndic, " ａｂ 100 42", RIGHT)
    assert verified == service.Verified(account, retired=False), "the printed pair must open the account"


@pytest.mark.parametrize(
    ("identifier", "secret"), [("AB10042", WRONG), ("AB10043", RIGHT), ("", RIGHT), ("AB10042", "")]
)
def test_wrong_and_unknown_get_the_same_answer(identifier: str, secret: str) -> None:
    syndic = a_syndic()
    an_account(syndic, "AB10042")
    assert verify(syndic, identifier, secret) is None


@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "\ud800", "x" * 5000, "é" * 100])
def test_an_odd_entry_is_a_wrong_one_and_breaks_nothing(odd: str) -> None:
    syndic = a_syndic()
    an_account(syndic, "AB10042")
    assert verify(syndic, odd, RIGHT) is None
    assert verify(syndic, "AB10042", odd) is None
    assert verify(syndic, "AB10042", RIGHT) is not None, "the session must have survived the odd entries"


def test_an_account_of_another_syndic_opens_nothing() -> None:
    here, there = a_syndic(), a_syndic()
    account = an_account(there, "AB10042")
    assert verify(here, "AB10042", RIGHT) is None
    assert service.find(here.id, "AB10042") is None
    with pytest.raises(NotFound):
        service.get(here.id, account.id)
    assert service.get(there.id, account.id) is account


def test_the_decoy_of_an_unknown_name_never_lets_anybody_in() -> None:
    syndic = a_syndic()
    an_account(syndic, "ONLY")
    for number in range(20):
        assert verify(syndic, f"NOBODY{number}", RIGHT) is None, "another account's secret must not open a made-up name"


def test_a_closed_account_is_unknown() -> None:
    syndic = a_syndic()
    an_account(syndic, "AB10042", state="closed")
    assert verify(syndic, "AB10042", RIGHT) is None


def test_a_syndic_without_a_source_is_said_to_be_unavailable() -> None:
    syndic = a_syndic()
    session().execute(delete(LegacySource).where(LegacySource.syndic_id == syndic.id))
    with pytest.raises(SourceUnavailable) as refused:
        verify(syndic, "AB10042", RIGHT)
    assert "ne répond pas" in refused.value.public


def test_the_first_right_sign_in_captures_a_tombstone_that_holds_no_secret() -> None:
    syndic = a_syndic()
    account = an_account(syndic)
    verify(syndic, account.identifier, RIGHT)
    assert account.tombstone is not None
    assert account.tombstone.startswith("$argon2id$")
    assert "m=64,t=1,p=1" in account.tombstone, "the cost is the settings'"
    unpeppered = argon2.PasswordHasher()
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        unpeppered.verify(account.tombstone, RIGHT)


def test_a_wrong_secret_leaves_nothing_behind() -> None:
    syndic = a_syndic()
    account = an_account(syndic)
    verify(syndic, account.identifier, WRONG)
    assert account.tombstone is None


def test_a_changed_secret_replaces_the_tombstone_and_the_same_one_does_not() -> None:
    syndic = a_syndic()
    account = an_account(syndic)
    verify(syndic, account.identifier, RIGHT)
    first = account.tombstone
    verify(syndic, account.identifier, RIGHT)
    assert account.tombstone == first, "the same secret must not be captured twice"
    account.secret_hash = passlib.hash.ldap_salted_md5.hash("Autre-2026")
    session().flush()
    verify(syndic, account.identifier, "Autre-2026")
    assert account.tombstone != first, "the tombstone must follow the secret"
    retire(account)
    assert verify(syndic, account.identifier, "Autre-2026") is not None
    assert verify(syndic, account.identifier, RIGHT) is None


def test_a_higher_cost_makes_the_tombstone_anew_at_the_next_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    syndic = a_syndic()
    account = an_account(syndic)
    verify(syndic, account.identifier, RIGHT)
    monkeypatch.setenv("TROUSSEAU_ARGON2_PASSES", "2")
    settings.cache_clear()
    verify(syndic, account.identifier, RIGHT)
    monkeypatch.undo()
    settings.cache_clear()
    assert account.tombstone is not None
    assert "t=2" in account.tombstone


def test_the_holder_of_a_disabled_account_is_told_by_the_tombstone_alone() -> None:
    syndic = a_syndic()
    account = an_account(syndic)
    verify(syndic, account.identifier, RIGHT)
    retire(account)
    assert account.secret_hash is None
    assert verify(syndic, account.identifier, RIGHT) == service.Verified(account, retired=True)
    assert verify(syndic, account.identifier, WRONG) is None, "a wrong secret must be answered as anywhere else"


def test_before_the_worker_has_disabled_it_the_imported_hash_tells_the_holder() -> None:
    syndic = a_syndic()
    account = an_account(syndic)
    service.mark_pending(account)
    service.confirm(account, disable=True)
    session().flush()
    assert account.tombstone is None
    assert verify(syndic, account.identifier, RIGHT) == service.Verified(account, retired=True)
    assert verify(syndic, account.identifier, WRONG) is None
    assert account.tombstone is None, "a retired secret is captured no more"


@pytest.mark.parametrize(("policy", "retired"), [("never", False), ("after_confirmation", True)])
def test_a_linked_account_keeps_its_legacy_credentials_only_where_the_policy_never_disables(
    policy: str, retired: bool
) -> None:
    syndic = a_syndic(legacy_disable=policy)
    account = an_account(syndic, state="linked")
    assert verify(syndic, account.identifier, RIGHT) == service.Verified(account, retired=retired)


def test_a_sign_in_that_began_before_the_link_carries_the_older_epoch() -> None:
    """The row has changed between reading and capturing: what is returned must not wear the new epoch."""
    syndic = a_syndic()
    account = an_account(syndic)
    profile = LegacyProfile(account.identifier, "Somebody", None, "")
    session().execute(text("UPDATE legacy_accounts SET epoch = 1 WHERE id = :id"), {"id": account.id})
    kept = capture(syndic.id, account, profile, "$argon2id$late")
    assert kept is account
    assert kept.epoch == 0, "the sign-in must stay dead"
    session().refresh(account)
    assert account.tombstone is None, "a late capture must not overwrite what came after it"


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Counts of real work: statements sent, Argon2 hashes and hashes of legacy schemes."""
    counts = {"statements": 0, "argon2": 0, "schemes": 0}

    def one_statement(*_: Any) -> None:
        counts["statements"] += 1

    def spied(name: str, real: Any) -> Any:
        def spy(*args: Any) -> Any:
            counts[name] += 1
            return real(*args)

        return spy

    event.listen(db.engine, "before_cursor_execute", one_statement)
    with monkeypatch.context() as patch:
        patch.setattr(tombstones, "hash_secret", spied("argon2", argon2.low_level.hash_secret))
        patch.setattr(schemes, "verifies", spied("schemes", schemes.verifies))
        yield counts
    event.remove(db.engine, "before_cursor_execute", one_statement)


def test_every_outcome_costs_the_same_statements_and_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    syndic = a_syndic()
    an_account(syndic, "FRESH")
    verify(syndic, an_account(syndic, "KNOWN").identifier, RIGHT)
    moved = an_account(syndic, "MOVED")
    verify(syndic, "MOVED", RIGHT)
    moved.secret_hash = passlib.hash.ldap_salted_md5.hash("Autre-2026")
    retired = an_account(syndic, "RETIRED")
    verify(syndic, "RETIRED", RIGHT)
    retire(retired)
    retire(an_account(syndic, "BURIED"))
    sold = an_account(syndic, "SOLD")
    verify(syndic, "SOLD", RIGHT)
    closing.close(sold, "sale")
    an_account(syndic, "SECRETLESS", secret=None)
    shared, shut = an_account(syndic, "SHARED"), an_account(syndic, "SHUT")
    second, revoked = second_codes.issue(shared), second_codes.issue(shut)
    retire(shut)
    second_codes.revoke(revoked[0])
    session().flush()
    pairs = [
        (name, secret)
        for name in (
            "FRESH",
            "KNOWN",
            "MOVED",
            "RETIRED",
            "BURIED",
            "SOLD",
            "SECRETLESS",
            "SHARED",
            "SHUT",
            "UNKNOWN",
            "\x00",
            "",
        )
        for secret in (WRONG, RIGHT, "Autre-2026", second[1], revoked[1])
    ]
    work = {}
    for pair in pairs:
        with counted(monkeypatch) as counts:
            verify(syndic, *pair)
        work[pair] = tuple(counts.items())
    assert len(set(work.values())) == 1, f"some outcomes cost other work than others: {work}"
    assert dict(work["UNKNOWN", RIGHT]) == {"statements": 6, "argon2": 1, "schemes": 1}


def test_unknown_names_meet_the_syndics_own_mix_of_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    syndic = a_syndic()
    for number in range(12):
        an_account(syndic, f"MD{number}")
        an_account(syndic, f"SHA{number}", secret_scheme="hex_sha256", secret_hash=passlib.hash.hex_sha256.hash(RIGHT))
    met: dict[str, set[str]] = {}
    real = schemes.verifies

    def spy(scheme: str, text: str, secret: str) -> bool:
        met.setdefault(name, set()).add(scheme)
        return real(scheme, text, secret)

    monkeypatch.setattr(schemes, "verifies", spy)
    for name in [f"NOBODY{number}" for number in range(40)] * 2:
        verify(syndic, name, WRONG)
    assert all(len(kinds) == 1 for kinds in met.values()), "the same unknown name must always cost the same scheme"
    assert set.union(*met.values()) == {"ldap_salted_md5", "hex_sha256"}, "every scheme must also serve as a decoy"


@pytest.mark.parametrize(("identifier", "secret"), [("KNOWN", RIGHT), ("KNOWN", WRONG), ("UNKNOWN", RIGHT)])
def test_every_outcome_waits_for_what_is_left_of_the_floor(identifier: str, secret: str) -> None:
    syndic = a_syndic()
    an_account(syndic, "KNOWN")
    waits: list[float] = []
    begun = time.monotonic()
    service.verify(syndic, identifier, secret, wait=waits.append)
    spent = time.monotonic() - begun
    assert len(waits) == 1, "the floor is kept once, whatever the outcome"
    assert spent + waits[0] >= settings().connector_floor_ms / 1000, "no outcome may come back under the floor"
    assert waits[0] <= settings().connector_floor_ms / 1000
