"""Who does not take what is told is told again, then left alone, and delays nobody."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from broker.app import create_app
from broker.embedded import Addresses
from config import clock
from config.database import db, session, transaction
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.outgoing import transport
from config.settings import settings
from tenants.webhooks import deliveries, endpoints
from tests.workers.webhooks.conftest import Listening, listen
from tests.workers.webhooks.consumer import Arrived, Consumer, consuming
from tests.world import World
from workers import leases, outbox

IN_TRANSACTION = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND state LIKE 'idle in trans%' AND pid <> pg_backend_pid()"
)
METADATA = "http://169.254.169.254/latest/meta-data/"


@pytest.mark.parametrize("status", [408, 500, 501])
def test_what_may_pass_is_tried_again_for_days(listening: Listening, status: int) -> None:
    listening.consumer.answers = [(status, {})] * 30
    listening.announce()
    for _ in range(30):
        listening.deliver()
        assert listening.state() == "waiting", f"after {len(listening.consumer.arrived)} tries"
        listening.wait(minutes=16)
    listening.deliver()
    assert listening.state() == "delivered", "the consumer is back, and is told"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_host_in_trouble_is_left_alone_and_then_told(listening: Listening, status: int) -> None:
    listening.consumer.answers = [(status, {})] * 3
    for number in range(5):
        listening.announce(f"account-{number}")
    for _ in range(3):
        listening.deliver()
        listening.wait(seconds=2)
    listening.deliver()
    assert len(listening.consumer.arrived) == 3, "three answers tell enough"
    assert endpoints.described(listening.syndic_id)[0]["left_alone_until"], "operators see it"
    listening.wait(minutes=16)
    listening.deliver()
    assert {event["subject"] for event in listening.consumer.events} == {f"account-{number}" for number in range(5)}
    assert {each["state"] for each in listening.described()} == {"delivered"}


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_refusal_is_believed_after_a_quarter_of_an_hour_and_freed_by_hand(listening: Listening, status: int) -> None:
    listening.consumer.answers = [(status, {})] * 10
    listening.announce()
    while listening.state() == "waiting":
        listening.deliver()
        listening.wait(minutes=1)
    assert len(listening.consumer.arrived) == 10
    told = listening.described()[0]
    assert (told["state"], told["error"]) == ("stuck", f"the webhook answers {status}")
    with transaction():
        assert deliveries.retry(listening.syndic_id) == 1
    listening.deliver()
    assert listening.state() == "delivered"


def test_what_nobody_takes_for_three_days_stands_before_an_operator(world: World) -> None:
    with consuming() as gone:
        here = listen(world, gone)
    here.announce()
    waited = 0
    while here.state() == "waiting":
        here.deliver()
        here.wait(minutes=20)
        waited += 20
    assert timedelta(days=3) <= timedelta(minutes=waited) < timedelta(days=3, hours=1)
    assert "ConnectError" in here.described()[0]["error"], "with what went wrong"


def test_an_endpoint_that_is_gone_is_disabled_and_goes_on_when_it_is_enabled(listening: Listening) -> None:
    listening.consumer.answers = [(410, {})]
    listening.announce("first")
    listening.announce("second")
    listening.deliver()
    listening.announce("third")
    listening.wait(days=1)
    listening.deliver()
    assert len(listening.consumer.arrived) == 1, "it has said that it is gone"
    (endpoint,) = endpoints.described(listening.syndic_id)
    assert (endpoint["status"], endpoint["disabled_because"]) == ("disabled", "it answered 410")
    assert [each["state"] for each in listening.described()] == ["stuck", "stuck"], "what it has not taken is kept"
    with transaction():
        endpoints.enable(endpoints.get(listening.syndic_id, listening.webhook))
        deliveries.retry(listening.syndic_id)
    listening.deliver()
    assert sorted(event["subject"] for event in listening.consumer.events) == ["first", "first", "second"]
    listening.world.ledger_is_whole()


@pytest.mark.parametrize("said", ["600", "date"])
def test_who_asks_for_time_gets_it(listening: Listening, said: str) -> None:
    until = clock.now() + timedelta(minutes=10)
    value = until.strftime("%a, %d %b %Y %H:%M:%S GMT") if said == "date" else said
    listening.consumer.answers = [(429, {"Retry-After": value})]
    listening.announce("first")
    listening.announce("second")
    listening.deliver()
    listening.wait(minutes=9)
    listening.deliver()
    assert len(listening.consumer.arrived) == 1, "ten minutes were asked for, by the host and for all of it"
    listening.wait(minutes=2)
    listening.deliver()
    assert len(listening.consumer.arrived) == 3


def test_who_asks_for_ever_gets_an_hour(listening: Listening) -> None:
    listening.consumer.answers = [(503, {"Retry-After": "9" * 30})]
    listening.announce()
    listening.deliver()
    listening.wait(minutes=61)
    listening.deliver()
    assert listening.state() == "delivered"


def test_a_redirect_is_not_followed_least_of_all_inside(listening: Listening) -> None:
    with consuming() as other:
        listening.consumer.answers = [(307, {"Location": other.url}), (302, {"Location": METADATA})]
        listening.announce()
        listening.deliver()
        listening.wait(seconds=2)
        listening.deliver()
        assert other.arrived == []
    assert listening.described()[0]["error"] == "the webhook answers 302", "nobody went there"


def test_a_private_address_is_never_called(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    listening.announce()
    monkeypatch.setenv("TROUSSEAU_OUTGOING_ALLOWED", "")
    settings.cache_clear()
    listening.deliver()
    assert listening.consumer.arrived == [], "no setting names this network any more"
    assert "no address that may be called" in listening.described()[0]["error"]


def test_no_transaction_is_open_while_the_consumer_is_called(listening: Listening) -> None:
    open_then: list[int] = []
    listening.consumer.on_post = lambda _: open_then.append(_open_transactions(listening.world.application))
    listening.announce()
    listening.deliver()
    assert open_then == [0], "a slow consumer must not hold locks or connections of ours"


def _open_transactions(application: Flask) -> int:
    with application.app_context():
        return session().scalar(text(IN_TRANSACTION)) or 0


def test_a_consumer_that_hangs_delays_no_other_syndics(world: World, consumer: Consumer) -> None:
    here = listen(world, consumer)
    with consuming() as hanging:
        there = listen(world, hanging)
        entered, let_go = threading.Event(), threading.Event()

        def hang(_: Arrived) -> None:
            entered.set()
            let_go.wait(60)

        hanging.on_post = hang
        for number in range(5):
            there.announce(f"account-{number}")
        worker = threading.Thread(target=_work, args=(world.application,))
        worker.start()
        assert entered.wait(30), "a worker waits there"
        here.announce()
        here.deliver()
        assert len(consumer.arrived) == 1, "another worker tells the others meanwhile"
        assert len(hanging.arrived) == 1, "and does not follow the first"
        let_go.set()
        worker.join(60)


def _work(application: Flask) -> None:
    with application.app_context():
        outbox.drain("webhook.deliver")


def test_an_answer_that_drips_without_end_is_cut_off(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WHOLE_S", 1.0)
    listening.consumer.drips = threading.Event()
    listening.announce()
    listening.deliver()
    assert "no answer: ReadTimeout" in listening.described()[0]["error"], "each byte was in time, the whole was not"


def test_an_endless_header_is_no_answer(listening: Listening) -> None:
    listening.consumer.answers = [(200, {"X-Much": "a" * 200_000})]
    listening.announce()
    listening.deliver()
    assert "no answer: RemoteProtocolError" in listening.described()[0]["error"]


def test_a_worker_killed_between_the_call_and_its_record_tells_it_again(
    listening: Listening, postgres: EmbeddedPostgres, database: str
) -> None:
    killed = _Killed(postgres.url(APPLICATION, database))
    listening.consumer.on_post = lambda _: killed.kill()
    listening.announce()
    killed.run()
    assert len(listening.consumer.arrived) == 1, "it was told"
    assert listening.state() == "waiting", "but nobody lived to write it down"
    listening.consumer.on_post = bool
    listening.wait(seconds=61)
    listening.deliver()
    assert listening.state() == "delivered"
    first, second = listening.consumer.events
    assert first == second, "the consumer knows it by its id"


class _Killed:
    """A worker process that a test kills with -9."""

    def __init__(self, database_url: str) -> None:
        surroundings = {
            "TROUSSEAU_DATABASE_URL": database_url,
            "TROUSSEAU_REDIS_URL": os.environ["TROUSSEAU_TEST_REDIS"],
        }
        self._environment = os.environ | surroundings
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start it, and return when it has gone."""
        words = [sys.executable, "-m", "tests.workers.webhooks.once"]
        self._process = subprocess.Popen(words, cwd=Path(__file__).parents[3], env=self._environment)  # noqa: S603 - our own words
        assert self._process.wait(60) == -9, "it was killed, and did not end by itself"

    def kill(self) -> None:
        """Now."""
        assert self._process is not None
        self._process.kill()


def test_with_the_queue_gone_what_is_announced_is_told_all_the_same(
    listening: Listening, postgres: EmbeddedPostgres, database: str
) -> None:
    where = Addresses(postgres.url(APPLICATION, database), postgres.url(OWNER, database), "redis://127.0.0.1:9/0")
    lonely = create_app(settings(), where)
    with lonely.app_context():
        listening.announce()
        db.engine.dispose()
    assert "webhook.deliver" in leases.due_topics(), "the sweep finds it"
    listening.deliver()
    assert len(listening.consumer.arrived) == 1
