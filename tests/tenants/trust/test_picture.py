"""Promises of the picture in memory: what is committed shows, in every process, within a second, and nothing else."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from config import clock
from config.database import session, statements, transaction
from tenants.trust import cache, drawing, service
from tenants.trust.models import PURPOSES
from tests.tenants.conftest import Database
from tests.tenants.trust.asking import Asked
from tests.tenants.trust.conftest import Three

OFFER: dict[str, Any] = {"forward": PURPOSES, "backward": PURPOSES, "document": "ACC-1"}
GONE_S = 1.0
"""DESIGN section 5: from then on after the acknowledged call, nobody says yes."""


def agree(syndics: Three) -> uuid.UUID:
    """Agree on everything, committed."""
    with transaction():
        made = service.propose(syndics.a, syndics.b, **OFFER).id
        service.accept(made, syndics.b)
    return made


def gather(syndics: Three) -> uuid.UUID:
    """Found a circle of all three, committed."""
    with transaction():
        made = service.create_circle(uuid.uuid4().hex, "C", "operator", PURPOSES).id
        service.admit_all(made, syndics, consents=syndics)
    return made


def by_agreement(act: Callable[[uuid.UUID, uuid.UUID], None], syndics: Three) -> Callable[[], object]:
    made = agree(syndics)
    return lambda: act(made, syndics.a)


def by_circle(act: Callable[[uuid.UUID, Three], object], syndics: Three) -> Callable[[], object]:
    made = gather(syndics)
    return lambda: act(made, syndics)


def resting(syndics: Three) -> Callable[[], object]:
    agree(syndics)
    change = text("UPDATE syndics SET status = 'suspended' WHERE id = :id")
    return lambda: session().execute(change, {"id": syndics.b})


def denying(syndics: Three) -> Callable[[], object]:
    gather(syndics)
    return lambda: service.deny(syndics.b, syndics.a)


ENDS: dict[str, Callable[[Three], Callable[[], object]]] = {
    "an agreement ends": lambda syndics: by_agreement(service.end, syndics),
    "an agreement is suspended": lambda syndics: by_agreement(service.suspend, syndics),
    "a member leaves": lambda syndics: by_circle(lambda made, all_: service.leave(made, all_.a), syndics),
    "a member objects": lambda syndics: by_circle(
        lambda made, all_: service.object_to(made, all_.a, all_.b, "raison"), syndics
    ),
    "a side denies": denying,
    "a syndic is suspended": resting,
}


@pytest.mark.parametrize("what", ENDS)
def test_no_process_says_yes_from_a_second_after_the_end_was_acknowledged(
    database: Database, committed: Three, what: str
) -> None:
    """Two processes that know nothing of one another or of us, asked over and over, by the clock that they use."""
    end = ENDS[what](committed)
    ask = (database.application_url, committed.a, committed.b)
    with Asked(*ask) as one, Asked(*ask) as other:
        assert one.ask()[1], "they trusted each other"
        assert other.ask()[1], "and every process said so"
        with transaction():
            end()
        acknowledged = time.monotonic()
        late = 0
        while late < 2:
            late = 0
            for asked_at, allowed in (one.ask(), other.ask()):
                is_late = asked_at >= acknowledged + GONE_S
                assert not (is_late and allowed), f"{what}: a process said yes {asked_at - acknowledged:.3f} s later"
                late += is_late


def test_the_process_that_changed_it_sees_it_at_once(committed: Three) -> None:
    made = agree(committed)
    assert service.trusted(committed.a, committed, "list") == {committed.a, committed.b}
    with transaction():
        service.end(made, committed.b)
    assert service.trusted(committed.a, committed, "list") == {committed.a}


def test_what_is_not_committed_is_not_shown_and_what_is_rolled_back_never_was(committed: Three) -> None:
    made = agree(committed)
    service.end(made, committed.a)
    session().flush()
    cache.doubt()
    assert service.glance(committed.a, committed.b, "link").allowed, "nobody has committed that end"
    assert not service.decide(committed.a, committed.b, "link").allowed, "whoever writes sees what it writes"
    session().rollback()
    cache.doubt()
    assert service.glance(committed.a, committed.b, "link").allowed
    assert service.decide(committed.a, committed.b, "link").allowed


def test_a_change_by_any_hand_gives_the_registry_another_version(owner: Engine, committed: Three) -> None:
    """Also what an administrator of the database does there at night."""
    gather(committed)
    agree(committed)
    with transaction():
        service.deny(committed.a, committed.c)
    seen = set()
    for change in (
        "UPDATE trust_members SET valid_until = now()",
        "DELETE FROM trust_members",
        "UPDATE trust_denials SET lifted_at = now()",
        "UPDATE trust_circles SET purposes = '{link}'",
        "UPDATE trust_agreements SET valid_until = now()",
        "UPDATE syndics SET status = 'closed'",
        "TRUNCATE trust_agreements",
    ):
        with owner.begin() as connection:
            connection.execute(text(change))
        with statements() as sql:
            seen.add(drawing.version(sql))
    assert len(seen) == 7, "every change must be noticed"


def test_what_begins_and_ends_by_its_date_does_so_without_a_new_picture(
    committed: Three, later: Callable[[timedelta], None]
) -> None:
    now = clock.now()
    with transaction():
        made = service.propose(
            committed.a, committed.b, forward=["list"], backward=[], document="ACC-1",
            valid_from=now + timedelta(hours=1), valid_until=now + timedelta(hours=2),
        )  # fmt: skip
        service.accept(made.id, committed.b)
    picture = cache.picture()
    for hours, expected in ((0, False), (1, True), (1.9, True), (2, False)):
        later(timedelta(hours=hours, seconds=1))
        assert service.glance(committed.a, committed.b, "list").allowed is expected, f"after {hours} h"
    assert cache.picture() is picture, "nothing was written, so nothing was drawn anew"


def test_a_change_of_several_things_is_never_seen_half(application: Flask, committed: Three) -> None:
    """Denied with an agreement, or neither: in no picture are the two without the denial but with the agreement."""

    def change() -> None:
        with application.app_context():
            for _ in range(60):
                made = agree_and_deny()
                with transaction():
                    service.lift_denial(committed.a, committed.b)
                    service.end(made, committed.a)

    def agree_and_deny() -> uuid.UUID:
        with transaction():
            made = service.propose(committed.a, committed.b, **OFFER).id
            service.accept(made, committed.b)
            service.deny(committed.a, committed.b)
        return made

    with ThreadPoolExecutor(1) as other:
        changing = other.submit(change)
        seen = set()
        while not changing.done():
            with statements() as sql:
                picture = drawing.snapshot(sql)
            seen.add(picture.decide(committed.a, committed.b, "link", clock.now()).reason)
        changing.result()
    assert seen <= {"denied", "not_trusted"}, "a picture is of one instant of the database"


def test_a_link_that_is_being_made_is_committed_before_its_trust_can_end(application: Flask, committed: Three) -> None:
    """Otherwise it could cross long after the end was acknowledged."""
    made = agree(committed)

    def end() -> float:
        with application.app_context():
            with transaction():
                service.end(made, committed.b)
            return time.monotonic()

    with ThreadPoolExecutor(1) as other:
        with transaction() as work:
            assert service.may_link(committed.a, [committed.b]).allowed
            ending = other.submit(end)
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            deadline = time.monotonic() + 10
            while not work.scalar(waiting) and time.monotonic() < deadline and not ending.done():
                pass
            assert not ending.done(), "the end waits for the link"
            before_commit = time.monotonic()
        assert ending.result() > before_commit, "it is acknowledged once no link is on its way"
