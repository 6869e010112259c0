"""What one decision costs from memory and in SQL; what it takes to draw the picture, and to change the registry."""

import gc
import random
import time
import tracemalloc
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from statistics import quantiles
from typing import Any

from sqlalchemy import func, select

from bench.figures import figure
from bench.population.numbered import Kind, identifier
from config.database import session, statements, transaction
from tenants.audit.models import LedgerEntry
from tenants.trust import cache, drawing, service
from tenants.trust.models import PURPOSES

ASKED, AT_A_TIME, ROUNDS = 20_000, 200, 7
"""Decisions in all, and between two looks at the clock."""
GOAL_US = 50.0
MENU = 200
SEED = 20261122
Question = tuple[uuid.UUID, uuid.UUID, service.Purpose]


def questions(syndics: int, count: int = ASKED) -> list[Question]:
    """Random pairs and purposes, the same in every run."""
    dice = random.Random(SEED)  # noqa: S311 - a sample, no secret
    ids = [uuid.UUID(identifier(Kind.SYNDIC, number)) for number in range(syndics)]
    purposes: tuple[service.Purpose, ...] = ("link", "switch", "list")
    return [(dice.choice(ids), dice.choice(ids), dice.choice(purposes)) for _ in range(count)]


def from_memory(asked: Sequence[Question]) -> dict[str, Any]:
    """`{"us", "p99_us", "allowed"}` of `glance`, its looks at the database included: by batches and singly."""
    cache.picture()
    batches = [asked[at : at + AT_A_TIME] for at in range(0, len(asked), AT_A_TIME)]
    means, singles, allowed = [], [], 0
    for batch in batches:
        began = time.perf_counter_ns()
        for one, other, purpose in batch:
            service.glance(one, other, purpose)
        means.append((time.perf_counter_ns() - began) / len(batch) / 1000)
    for one, other, purpose in asked:
        began = time.perf_counter_ns()
        allowed += service.glance(one, other, purpose).allowed
        singles.append((time.perf_counter_ns() - began) / 1000)
    return {
        "us": vars(figure(means)),
        "p99_us": round(quantiles(singles, n=100)[-1], 2),
        "allowed": allowed / len(asked),
    }


def of_a_menu(asked: Sequence[Question]) -> dict[str, float]:
    """Microseconds of `trusted` with 200 others."""
    others = list({other for _, other, _ in asked[: MENU * 2]})[:MENU]
    return vars(figure([_took_us(partial(service.trusted, one, others, "list")) for one, _, _ in asked[:300]]))


def in_sql(asked: Sequence[Question]) -> dict[str, float]:
    """Microseconds of `decide`, which asks the database."""
    for one, other, purpose in asked[:20]:
        service.decide(one, other, purpose)
    return vars(figure([_took_us(partial(service.decide, *question)) for question in asked[:500]]))


def drawing_it() -> dict[str, Any]:
    """`{"cpu_ms", "mib", "look_us"}`: drawing the picture anew, its memory, and one look whether it is current."""
    with statements() as sql:
        drawing.snapshot(sql)
        took = [_spent_ms(lambda: drawing.snapshot(sql)) for _ in range(ROUNDS)]
        looks = [_took_us(lambda: drawing.version(sql)) for _ in range(300)]
        gc.collect()
        tracemalloc.start()
        kept = drawing.snapshot(sql)
        gc.collect()
        mib = tracemalloc.get_traced_memory()[0] / 2**20
        tracemalloc.stop()
    assert kept.members  # noqa: S101 - it must live until here
    return {"cpu_ms": vars(figure(took)), "mib": round(mib, 2), "look_us": vars(figure(looks))}


def changing_it(syndics: int, members: int) -> dict[str, Any]:
    """`{"members", "load_s", "load_entries", "one_ms", "one_entries"}`: a new circle loaded, and one more admitted."""
    ids = [uuid.UUID(identifier(Kind.SYNDIC, number)) for number in range(syndics)][: members + 1]
    *founders, last = ids
    before, began = _entries(), time.perf_counter()
    with transaction():
        circle = service.create_circle("Mesure", "Charte", "operator", PURPOSES).id
        service.admit_all(circle, founders, consents=founders)
    loaded, load_s = _entries(), time.perf_counter() - began
    began = time.perf_counter()
    with transaction():
        service.join(circle, last)
        service.admit(circle, last)
    one_ms = (time.perf_counter() - began) * 1000
    return {
        "members": len(founders),
        "load_s": round(load_s, 2),
        "load_entries": loaded - before,
        "one_ms": round(one_ms, 1),
        "one_entries": _entries() - loaded,
    }


def _entries() -> int:
    found = session().scalar(select(func.count()).select_from(LedgerEntry)) or 0
    session().rollback()
    return found


def _spent_ms(act: Callable[[], object]) -> float:
    before = time.thread_time_ns()
    act()
    return (time.thread_time_ns() - before) / 1_000_000


def _took_us(act: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - began) / 1000
