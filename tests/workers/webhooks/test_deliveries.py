"""What is promised is told, in order, until it is taken; and who does not take it delays nobody."""

import pytest
from sqlalchemy import text

from config.database import session, transaction
from tenants.webhooks import service
from tests.workers.webhooks.conftest import Listening, listen, open_promises
from tests.workers.webhooks.consumer import Consumer, consuming
from tests.world import World
from workers.housekeeping import turn as housekeeping


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_a_success_and_it_is_told_once(listening: Listening, status: int) -> None:
    listening.consumer.answers = [(status, {})]
    listening.announce()
    listening.deliver()
    listening.wait(days=1)
    listening.deliver()
    assert len(listening.consumer.arrived) == 1
    assert listening.state() == "delivered"


def test_a_promise_holds_an_id_only(listening: Listening) -> None:
    listening.announce()
    (promised,) = open_promises()
    assert list(promised.payload) == ["delivery_id"], "what is told is built when it is told"


def test_a_change_that_is_rolled_back_tells_nothing(listening: Listening) -> None:
    def failing() -> None:
        with transaction():
            service.announce(listening.syndic_id, "link.ended", {"account": "a"}, "never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert open_promises() == []


def test_the_same_thing_announced_twice_is_told_once(listening: Listening) -> None:
    for _ in range(2):
        listening.announce(key="the-same")
    listening.deliver()
    assert len(listening.consumer.arrived) == 1


def test_an_endpoint_hears_of_its_topics_only(world: World, consumer: Consumer) -> None:
    here = listen(world, consumer, None, "legacy.disabled")
    here.announce(topic="association.confirmed")
    here.announce(topic="legacy.disabled")
    here.deliver()
    assert [event["type"] for event in consumer.events] == ["legacy.disabled"]


def test_another_syndics_events_never_arrive(world: World, consumer: Consumer) -> None:
    here = listen(world, consumer)
    with consuming() as other:
        there = listen(world, other)
        here.announce("here")
        there.announce("there")
        here.deliver()
        assert [event["subject"] for event in consumer.events] == ["here"]
        assert [event["subject"] for event in other.events] == ["there"]


def test_each_endpoint_of_a_syndic_is_told_on_its_own(listening: Listening) -> None:
    with consuming() as second:
        listen(listening.world, second, listening.syndic)
        second.answers = [(500, {})] * 3
        listening.announce()
        listening.deliver()
        assert len(listening.consumer.arrived) == 1, "the one that fails holds up the other in nothing"
        assert second.events[0]["id"] == listening.consumer.events[0]["id"], "it is the same event"


def test_the_events_of_one_account_come_one_after_the_other(listening: Listening) -> None:
    listening.consumer.answers = [(500, {})]
    listening.announce("one", "association.confirmed")
    listening.announce("one", "legacy.disabled")
    listening.announce("one", "link.ended")
    listening.announce("other", "legacy.disabled")
    for _ in range(4):
        listening.deliver()
        listening.wait(seconds=10)
    told = [(event["subject"], event["type"]) for event in listening.consumer.events]
    assert told[:2] == [("one", "association.confirmed"), ("other", "legacy.disabled")], "another's goes on meanwhile"
    taken = [topic for account, topic in told if account == "one"]
    assert taken == ["association.confirmed", "association.confirmed", "legacy.disabled", "link.ended"]


def test_what_was_given_up_holds_up_nothing(listening: Listening) -> None:
    listening.consumer.answers = [(404, {})] * 10
    listening.announce("one", "association.confirmed")
    listening.announce("one", "link.ended")
    for _ in range(12):
        listening.deliver()
        listening.wait(minutes=6)
    assert [each["state"] for each in listening.described()] == ["delivered", "stuck"]


def test_a_removed_endpoint_is_told_nothing_more(listening: Listening) -> None:
    listening.announce()
    listening.remove()
    listening.announce()
    listening.deliver()
    assert listening.consumer.arrived == []
    assert open_promises() == []


def test_a_suspended_syndics_events_wait(listening: Listening) -> None:
    listening.announce()
    listening.world.suspend(listening.syndic)
    listening.deliver()
    assert listening.consumer.arrived == [], "nobody could fetch the keys that verify it"
    assert listening.state() == "waiting"


def test_what_was_told_is_forgotten_after_thirty_days_and_what_was_not_never(listening: Listening) -> None:
    listening.consumer.answers = [(204, {}), (410, {})]
    listening.announce("told")
    listening.announce("refused")
    listening.deliver()
    listening.wait(days=31)
    housekeeping.tidy()
    assert [each["state"] for each in listening.described()] == ["stuck"]
    with transaction():
        rows = session().execute(
            text("SELECT account FROM webhook_events WHERE syndic_id = :id"), {"id": listening.syndic_id}
        )
        assert [row.account for row in rows] == ["refused"]
