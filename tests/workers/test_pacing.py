"""A backlog drains at full speed alone, and gives way to others; whatever was seen before, it never stops for good."""

from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from config.database import transaction
from config.outbox import promise_all
from tests.workers.conftest import Register, make_promise, nothing
from workers import celery_app, outbox, pacing
from workers.pacing import LONGEST_S, TIGHT, WINDOW, Pace

QUICK_S = 0.0001
BATCH_S = 0.015
marks = st.floats(min_value=1e-6, max_value=60.0)
batches = st.lists(st.tuples(st.lists(marks, max_size=30), st.floats(min_value=0.0, max_value=60.0)), max_size=60)


def pauses(pace: Pace, mark_s: float, times: int) -> list[float]:
    """The pauses after so many batches whose marks all take the same."""
    found = []
    for _ in range(times):
        for _ in range(outbox.BATCH):
            pace.took(mark_s)
        found.append(pace.pause(BATCH_S))
    return found


def used(before: list[tuple[list[float], float]]) -> tuple[Pace, list[float]]:
    """A pace with a past, and its pauses."""
    pace, found = Pace(), []
    for taken, batch_s in before:
        for mark_s in taken:
            pace.took(mark_s)
        found.append(pace.pause(batch_s))
    return pace, found


@given(before=batches)
def test_no_pause_is_longer_than_promised_whatever_was_measured(before: list[tuple[list[float], float]]) -> None:
    _, found = used(before)
    assert all(0.0 <= pause <= LONGEST_S for pause in found), "who drains would starve, or sleep into the past"


@given(before=batches, now_s=marks)
def test_whatever_was_before_what_is_usual_by_now_is_no_reason_to_pause(
    before: list[tuple[list[float], float]], now_s: float
) -> None:
    pace, _ = used(before)
    settled = 2 * WINDOW // outbox.BATCH + 100  # two windows, and the mean has forgotten
    assert pauses(pace, now_s, settled)[-1] == 0.0, "a slower database for good is no reason to crawl for good"


@given(st.lists(st.floats(min_value=QUICK_S, max_value=TIGHT * QUICK_S), min_size=1, max_size=200))
def test_a_drain_with_the_machine_to_itself_never_pauses(taken: list[float]) -> None:
    pace = Pace()
    pace.took(QUICK_S)
    assert [pause for mark_s in taken for pause in pauses(pace, mark_s, 1)] == [0.0] * len(taken)


def test_it_gives_way_soon_after_others_come_and_no_longer_than_they_stay() -> None:
    pace = Pace()
    assert not any(pauses(pace, QUICK_S, 20))
    beside = pauses(pace, 6 * QUICK_S, 20)
    assert not beside[0], "one slow batch is no sign"
    assert all(beside[3:]), "it gives way from the fourth batch on, for as long as others are there"
    after = pauses(pace, QUICK_S, 20)
    assert not any(after[3:]), "and goes on at full speed four batches after they have gone"


def test_a_worker_paces_a_backlog_and_nobody_who_waits_for_one_mail(
    app: Flask, topic: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's own task, in this process: what it sleeps and what it sends is noted instead."""
    slept: list[float] = []
    monkeypatch.setattr(pacing, "time", SimpleNamespace(sleep=slept.append))
    monkeypatch.setattr(pacing, "pace", crowded := Pace())
    monkeypatch.setattr(celery_app, "application", lambda: app)
    monkeypatch.setattr(celery_app.app, "send_task", lambda *_a, **_k: None)
    crowded.took(1e-9)  # once it was so quick that any true mark says: others are here
    name = topic(nothing)
    with transaction():
        promise_all(name, {f"{name}:{number}": {} for number in range(outbox.BATCH)})
    celery_app.wake(name)
    assert len(slept) == 1, "a full batch is followed by one pause"
    assert 0 < slept[0] <= LONGEST_S
    make_promise(name, key=f"{name}:fresh")
    celery_app.wake(name)
    assert len(slept) == 1, "a promise that was just made waits for nothing"
