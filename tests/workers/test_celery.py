"""The real processes: a worker and a beat on Valkey keep what was promised, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from celery import Celery
from sqlalchemy import select

from config.database import session, transaction
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from config.outbox import Promise, promise

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
Start = Callable[[str], psutil.Process]


def eventually(what: str, condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail, saying what was awaited, if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not in {PATIENCE_S} s: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A queue that no other test sends hints to."""
    with EmbeddedValkey(tmp_path_factory.mktemp("queue")) as server:
        yield server


@pytest.fixture
def start(postgres: EmbeddedPostgres, database: str, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Start]:
    """Start `worker` or `beat` as its own process; all are ended with the test."""
    surroundings = {
        "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database),
        "TROUSSEAU_REDIS_URL": valkey.celery_url,
        "TROUSSEAU_HOME": str(tmp_path),
    }
    with ExitStack() as running:
        yield lambda role: running.enter_context(_running(role, os.environ | surroundings, tmp_path / f"{role}.log"))


@contextmanager
def _running(role: str, environment: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    command = [sys.executable, "-m", "tests.workers.probe", role]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever a failed test left of the family
        process.wait()


def wake(valkey: EmbeddedValkey, topic: str) -> None:
    """Send the hint by its name alone, as a web process does."""
    with Celery(broker=valkey.celery_url, set_as_current=False) as sender:
        sender.send_task("trousseau.wake", (topic,), ignore_result=True)


def make_promise(key: str, topic: str = "test.answer", **payload: str) -> None:
    with transaction():
        promise(topic, payload, key)


def attempts(key: str) -> int | None:
    session().rollback()
    return session().scalar(select(Promise.attempts).where(Promise.key == key))


def kept_by(key: str) -> int | None:
    """The process that kept the promise; None as long as it is not done."""
    session().rollback()
    result = session().scalar(select(Promise.result).where(Promise.key == key))
    return result["pid"] if result else None


def test_a_hint_alone_gets_a_promise_kept_and_a_worker_told_to_stop_stops_whole(
    start: Start, valkey: EmbeddedValkey
) -> None:
    worker = start("worker")
    make_promise("by-hint")
    wake(valkey, "test.answer")
    eventually("a hint is enough, without a beat", lambda: kept_by("by-hint") is not None)
    family = [worker, *worker.children(recursive=True)]
    assert kept_by("by-hint") in [child.pid for child in family[1:]], "a prefork child acted"
    worker.terminate()
    eventually("worker and children end when told to", lambda: not any(_lives(one) for one in family))


def test_the_sweep_keeps_what_no_hint_told_of_and_no_child_outlives_a_killed_worker(start: Start) -> None:
    make_promise("no-hint")
    start("beat")
    worker = start("worker")
    eventually("the sweep finds a promise that nobody hinted at", lambda: kept_by("no-hint") is not None)
    make_promise("busy", topic="test.never-end")
    eventually("a child is in the midst of its work", lambda: attempts("busy") == 1)
    children = worker.children(recursive=True)
    worker.kill()
    eventually("the children of a killed worker are gone", lambda: not any(_lives(child) for child in children))


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_what_only_a_newer_program_knows_is_left_to_it(start: Start, valkey: EmbeddedValkey) -> None:
    start("worker")
    make_promise("newer", topic="test.of-a-newer-program")
    wake(valkey, "test.of-a-newer-program")
    make_promise("after-it")
    wake(valkey, "test.answer")
    eventually("the worker goes on with what it knows", lambda: kept_by("after-it") is not None)
    assert attempts("newer") == 0, "a promise of a newer program is not touched, so it is never stuck"


def test_a_worker_whose_queue_goes_away_under_its_work_takes_hints_again_when_it_is_back(
    start: Start, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    start("worker")
    word = tmp_path / "word"
    for place in ("one", "two"):
        make_promise(f"busy-{place}", f"test.await-word-{place}", file=str(word))
        wake(valkey, f"test.await-word-{place}")
    eventually("both children are at work", lambda: attempts("busy-one") == attempts("busy-two") == 1)
    valkey.stop()
    word.touch()
    eventually("they end without the queue", lambda: None not in (kept_by("busy-one"), kept_by("busy-two")))
    log = tmp_path / "worker.log"
    eventually("what has ended cannot be acknowledged", lambda: "Couldn't ack" in log.read_text("utf-8"))
    valkey.ensure()
    make_promise("afterwards")
    wake(valkey, "test.answer")
    eventually("the worker takes hints again", lambda: kept_by("afterwards") is not None)
