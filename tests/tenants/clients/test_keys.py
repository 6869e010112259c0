"""Promises about a syndic's signing keys, from the first to the forgotten one."""

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select, text

from config import clock
from config.database import session
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.models import LedgerEntry
from tenants.clients import keys, lifetimes, schedule
from tenants.clients.models import SigningKey
from tenants.clients.refusals import UnknownKey
from tenants.syndics import service as syndics
from tests.tenants.clients.conftest import ALGORITHMS, later, onboarded, picture

DAY = timedelta(days=1)


def states(syndic_id: uuid.UUID, alg: str = "RS256") -> list[str]:
    return [key["state"] for key in keys.described(syndic_id) if key["alg"] == alg]


def ledger(syndic_id: uuid.UUID) -> list[tuple[str, dict[str, Any]]]:
    rows = select(LedgerEntry.kind, LedgerEntry.body).where(LedgerEntry.chain == syndic_id)
    return [(kind, body) for kind, body in session().execute(rows.order_by(LedgerEntry.sequence))]


def take_over(syndic_id: uuid.UUID, alg: str = "RS256") -> SigningKey:
    """Rotate, and wait until the next key signs."""
    key = keys.rotate(syndic_id, alg).key
    later(key.signs_from - clock.now() + timedelta(seconds=1))
    return key


def test_a_first_key_signs_at_once_and_is_made_once(syndic: uuid.UUID) -> None:
    assert states(syndic) == ["active"]
    again = keys.first(syndic, "RS256")
    assert not again.changed, "a key that would sign at once must not follow one that clients know"
    assert again.key.kid == picture(syndic).signing_key("RS256").kid


def test_a_next_key_waits_for_longer_than_a_jwk_set_is_believed_then_signs(syndic: uuid.UUID) -> None:
    old = picture(syndic).signing_key("RS256").kid
    made = keys.rotate(syndic, "RS256")
    assert made.changed
    assert made.key.signs_from - clock.now() > timedelta(seconds=lifetimes.JWKS_LIFE_S + 60)
    assert states(syndic) == ["active", "next"]
    assert picture(syndic).signing_key("RS256").kid == old, "a next key signs nothing yet"
    assert states(syndic, "ES256") == ["active"], "each algorithm rotates by itself"
    later(lifetimes.PUBLISHED_AHEAD + timedelta(seconds=1))
    assert states(syndic) == ["retired", "active"]
    assert picture(syndic).signing_key("RS256").kid == made.key.kid


def test_a_picture_that_was_taken_before_lets_the_next_key_sign_in_time(syndic: uuid.UUID) -> None:
    new = keys.rotate(syndic, "ES256").key
    taken = picture(syndic)
    later(lifetimes.PUBLISHED_AHEAD + timedelta(seconds=1))
    assert taken.signing_key("ES256").kid == new.kid, "no job and no new picture moves a key on"


def test_a_second_rotation_while_one_waits_changes_nothing(syndic: uuid.UUID) -> None:
    first = keys.rotate(syndic, "RS256")
    again = keys.rotate(syndic, "RS256")
    assert (again.changed, again.key.kid) == (False, first.key.kid)
    assert [kind for kind, _ in ledger(syndic)] == ["key.added", "key.added", "key.rotated"]


def test_rotation_of_an_algorithm_that_has_no_key_makes_a_first_one(app: Flask) -> None:  # noqa: ARG001 - the application's context
    syndic_id = onboarded()
    session().execute(text("DELETE FROM signing_keys WHERE syndic_id = :id AND alg = 'ES256'"), {"id": syndic_id})
    assert keys.rotate(syndic_id, "ES256").changed
    assert states(syndic_id, "ES256") == ["active"], "with nothing to follow, waiting would only lock people out"


def test_revoking_the_signing_key_puts_a_fresh_one_in_its_place_at_once(syndic: uuid.UUID) -> None:
    retired = picture(syndic).signing_key("RS256").kid
    stolen = take_over(syndic).kid
    outcome = keys.revoke(syndic, stolen)
    assert outcome.successor is not None
    now = picture(syndic)
    assert now.signing_key("RS256").kid == outcome.successor.kid, "a retired key does not come back"
    assert {key.kid for key in now.keys if key.alg == "RS256" and not key.revoked} == {retired, outcome.successor.kid}
    row = session().scalars(select(SigningKey).where(SigningKey.kid == stolen)).one()
    assert row.private_key is None, "its private half is erased at once"
    body = {"kid": stolen, "alg": "RS256", "successor": outcome.successor.kid}
    assert ledger(syndic)[-1] == ("key.revoked", body)
    assert audit.verify(syndic) == []


@pytest.mark.parametrize("state", ["next", "retired"])
def test_revoking_another_than_the_signing_key_leaves_that_one_signing(syndic: uuid.UUID, state: str) -> None:
    take_over(syndic)
    keys.rotate(syndic, "RS256")
    signs = picture(syndic).signing_key("RS256").kid
    found = next(key["kid"] for key in keys.described(syndic) if key["state"] == state)
    assert keys.revoke(syndic, found).successor is None
    assert picture(syndic).signing_key("RS256").kid == signs
    later(lifetimes.PUBLISHED_AHEAD * 2)
    assert states(syndic).count("active") == 1


def test_the_next_key_keeps_its_time_when_the_signing_one_is_revoked(syndic: uuid.UUID) -> None:
    waiting = keys.rotate(syndic, "RS256").key
    fresh = keys.revoke(syndic, picture(syndic).signing_key("RS256").kid).successor
    assert fresh is not None
    assert picture(syndic).signing_key("RS256").kid == fresh.kid, "the waiting key is too young to be known"
    later(lifetimes.PUBLISHED_AHEAD + timedelta(seconds=1))
    assert picture(syndic).signing_key("RS256").kid == waiting.kid


def test_revoking_a_second_time_changes_nothing(syndic: uuid.UUID) -> None:
    kid = picture(syndic).signing_key("RS256").kid
    keys.revoke(syndic, kid)
    before = (keys.described(syndic), ledger(syndic))
    again = keys.revoke(syndic, kid)
    assert (again.changed, again.successor) == (False, None)
    assert (keys.described(syndic), ledger(syndic)) == before


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_another_syndics_key_can_not_be_revoked(syndic: uuid.UUID, alg: str) -> None:
    other = onboarded()
    kid = picture(other).signing_key(alg).kid
    with pytest.raises(UnknownKey):
        keys.revoke(syndic, kid)
    assert picture(other).signing_key(alg).kid == kid
    with pytest.raises(UnknownKey):
        keys.revoke(syndic, "no-such-key")


def test_a_key_without_predecessor_signs_on_a_machine_whose_clock_lags(syndic: uuid.UUID) -> None:
    kid = picture(syndic).signing_key("ES256").kid
    fresh = keys.revoke(syndic, kid).successor
    assert fresh is not None
    clock.shift(timedelta(seconds=-30))
    assert picture(syndic).signing_key("ES256").kid == fresh.kid, "else sign-ins would fail for half a minute"


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_private_halves_are_never_in_clear_and_open_in_no_other_context(syndic: uuid.UUID, alg: str) -> None:
    key = picture(syndic).signing_key(alg)
    other = picture(onboarded()).signing_key(alg)
    assert key.sealed is not None
    der = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    secret = (RSAKey if alg == "RS256" else ECKey).import_key(der).as_dict(private=True)
    assert settings().keys.decrypt(key.sealed, f"signing-key:{key.kid}") == der, "it is the private key that is sealed"
    assert der[-64:] not in key.sealed
    assert der not in key.sealed
    tables = ("SELECT t::text FROM signing_keys t", "SELECT t::text FROM ledger t")
    everything = "".join(row for table in tables for row in session().scalars(text(table)))
    assert key.kid in everything, "the search would find what is there"
    assert der.hex() not in everything
    for member in ("d", "p", "q", "dp", "dq", "qi"):
        assert str(secret.get(member, "never there")) not in everything, f"{member} is a secret"
    with pytest.raises(InvalidTag):
        settings().keys.decrypt(key.sealed, f"signing-key:{other.kid}")


def test_the_private_half_goes_soon_and_the_public_one_after_thirteen_months(syndic: uuid.UUID) -> None:
    old = picture(syndic).signing_key("RS256").kid
    new = take_over(syndic).kid
    assert keys.tidy(syndic) == 0, "a machine whose clock lags may still sign with it"
    later(lifetimes.ERASED_AFTER)
    assert schedule.to_tidy(100_000).count(syndic) == 1
    assert keys.tidy(syndic) == 1
    assert syndic not in schedule.to_tidy(100_000)
    sealed = {key.kid: key.sealed for key in picture(syndic).keys if key.alg == "RS256"}
    assert sealed[old] is None, "what signs no more is erased"
    assert sealed[new] is not None, "what signs is kept"
    assert ledger(syndic)[-1] == ("key.erased", {"kid": old})
    later(390 * DAY)
    assert keys.tidy(syndic) == 0
    assert old in [key.kid for key in picture(syndic).keys], "an old ID token is still a hint"
    later(10 * DAY)
    assert syndic in schedule.to_tidy(100_000)
    assert keys.tidy(syndic) == 1
    assert [key["kid"] for key in keys.described(syndic) if key["alg"] == "RS256"] == [new]


def test_revoked_keys_are_forgotten_in_the_end_and_the_signing_one_never(syndic: uuid.UUID) -> None:
    keys.revoke(syndic, picture(syndic).signing_key("RS256").kid)
    later(lifetimes.FORGOTTEN_AFTER * 3)
    assert syndic in schedule.to_tidy(100_000)
    assert keys.tidy(syndic) == 1
    assert syndic not in schedule.to_tidy(100_000)
    assert states(syndic) == ["active"]


def test_a_suspended_syndics_keys_are_still_shown(syndic: uuid.UUID) -> None:
    syndics.by_id(syndic).status = "suspended"
    session().flush()
    assert {key["state"] for key in keys.described(syndic)} == {"active"}


@given(st.uuids())
def test_every_syndic_rotates_between_80_and_100_days_always_at_the_same_age(syndic_id: uuid.UUID) -> None:
    assert 80 * DAY <= schedule.age_limit(syndic_id) <= 100 * DAY
    assert schedule.age_limit(syndic_id) == schedule.age_limit(uuid.UUID(str(syndic_id)))


def test_five_thousand_syndics_of_one_morning_do_not_rotate_on_one_day(syndic: uuid.UUID) -> None:
    born = [uuid.UUID(int=(syndic.int & ~0xFFFF) | number) for number in range(5000)]
    days = Counter(schedule.age_limit(each) // DAY for each in born)
    assert len(days) >= 20, "the whole width of the jitter is used"
    assert max(days.values()) < 400, "and no day bears much more than its twentieth"
