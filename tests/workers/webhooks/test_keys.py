"""Keys follow one another without anybody noticing, and are withdrawn at once in an emergency."""

import httpx2
import pytest

from config import clock
from config.database import session, transaction
from tenants.webhooks import keys
from tenants.webhooks.models import WebhookKey
from tests.workers.webhooks.conftest import Listening
from tests.workers.webhooks.consumer import keys_of, verify
from workers import webhooks


def _published(listening: Listening) -> list[str]:
    return [key["kid"] for key in keys_of(listening.syndic.issuer)["keys"]]


def _signs(listening: Listening) -> str:
    """Tell something, check it by what is published at that moment, and say which key signed it."""
    listening.announce()
    listening.deliver()
    came = listening.consumer.arrived[-1]
    verify(came, listening.consumer.url, keys_of(listening.syndic.issuer), clock.now().timestamp())
    return came.parameters["keyid"]


def test_the_next_key_is_published_before_it_signs_and_the_former_for_a_day_after(listening: Listening) -> None:
    (first,) = _published(listening)
    assert _signs(listening) == first
    with transaction():
        second = keys.rotate(listening.syndic_id).kid
        assert keys.rotate(listening.syndic_id).kid == second, "while one waits, no third is made"
    assert _published(listening) == [first, second]
    assert _signs(listening) == first, "nobody has seen the next one yet"
    listening.wait(minutes=10, seconds=1)
    assert _signs(listening) == second
    assert _published(listening) == [first, second], "what is under way can still be verified"
    listening.wait(days=1, minutes=11)
    assert _published(listening) == [second]


def test_a_consumer_may_believe_the_keys_for_half_as_long_as_a_new_one_is_published_before(
    listening: Listening,
) -> None:
    answer = httpx2.get(f"{listening.syndic.issuer}/webhooks/jwks")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert keys.PUBLISHED_AHEAD.total_seconds() >= 2 * 300


def test_published_keys_hold_nothing_secret(listening: Listening) -> None:
    for key in keys_of(listening.syndic.issuer)["keys"]:
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_a_key_in_wrong_hands_is_withdrawn_at_once(listening: Listening) -> None:
    (first,) = _published(listening)
    with transaction():
        fresh = keys.replace(listening.syndic_id).kid
    assert _published(listening) == [fresh]
    assert _signs(listening) == fresh != first
    listening.announce()
    listening.deliver()
    stolen = {"keys": [key for key in keys_of(listening.syndic.issuer)["keys"] if key["kid"] == first]}
    with pytest.raises(ValueError, match="no published key"):
        verify(listening.consumer.arrived[-1], listening.consumer.url, stolen, clock.now().timestamp())


def test_keys_rotate_by_themselves_and_what_has_served_is_erased(listening: Listening) -> None:
    (first,) = _published(listening)
    _turn()
    assert _published(listening) == [first], "it is young"
    listening.wait(days=91)
    _turn()
    _turn()
    _, second = _published(listening)
    listening.wait(minutes=21)
    assert _signs(listening) == second
    _turn()
    session().expire_all()
    former = session().query(WebhookKey).filter_by(kid=first).one()
    assert former.private_key is None, "it signs no more"
    listening.wait(days=2)
    _turn()
    assert session().query(WebhookKey).filter_by(kid=first).one_or_none() is None
    assert _signs(listening) == second


def _turn() -> None:
    """What beat does by and by: each turn takes a batch, and other tests' syndics are in the same database."""
    with transaction():
        due = len({*keys.due_to_rotate(10_000), *keys.due_to_tidy(10_000)})
    for _ in range(1 + due // webhooks.ROTATED):
        webhooks.rotate_keys()


def test_the_keys_of_two_syndics_are_not_the_same_and_are_no_id_token_keys(listening: Listening) -> None:
    id_token_keys = httpx2.get(f"{listening.syndic.issuer}/jwks").json()["keys"]
    assert not {key["kid"] for key in id_token_keys} & set(_published(listening))
    other = listening.world.syndic(accounts=0)
    assert keys_of(other.issuer)["keys"] == [], "who has no webhook has no key"
