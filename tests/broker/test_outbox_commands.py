"""What operators see and do about work that waits, by the commands that they run."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask

from broker.cli import cli
from config import clock
from config.database import session, transaction
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.outbox import Lane, Promise, Wish, lane_to, promise_all
from tenants.syndics import service as syndics
from tests.broker.terminal import Operator
from tests.world import World

PAGE = Path(__file__).parents[2] / "docs" / "outbox.md"


@pytest.fixture
def operator(postgres: EmbeddedPostgres, database: str, app: Flask) -> Iterator[Operator]:
    """Somebody at a terminal, on the database of this test."""
    with app.app_context():
        yield Operator({**os.environ, "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database)})


def _stuck(topic: str, lane: str | None = None) -> UUID:
    """A promise whose tries are used up, older than any other."""
    with transaction() as work:
        (made,) = promise_all(topic, {uuid4().hex: Wish({"secret_looking": "x" * 20}, lane=lane)}).values()
        row = work.get_one(Promise, made)
        row.created_at -= timedelta(days=3650)
        row.stuck_at, row.last_error, row.attempts = clock.now(), "answers 403", 5
    return made


def test_what_is_stuck_is_listed_with_its_error_and_freed_by_hand(operator: Operator) -> None:
    topic = f"test.{uuid4().hex}"
    stuck = _stuck(topic)
    listed = operator.run("outbox", "list", "--stuck")
    assert f"{topic}: 0 waiting, the oldest for 0 s; 1 stuck" in listed
    assert re.search(rf"^{stuck}  {topic}  stuck since [-\d]+ [:\d]+  5 attempts  answers 403$", listed, re.MULTILINE)
    assert "secret_looking" not in listed, "payloads are not shown"
    assert operator.run("outbox", "retry", str(stuck)) == "1 will be tried again.\n"
    assert f"{topic}: 1 waiting" in operator.run("outbox", "list"), "it waits for a worker again"
    assert f"no stuck promise {stuck}" in operator.run("outbox", "retry", str(stuck), fails=True), "twice does nothing"
    with transaction() as work:
        freed = work.get_one(Promise, stuck)
        assert (freed.attempts, freed.last_error) == (0, "answers 403"), "all its attempts again; the error stays seen"
        work.delete(freed)


def test_a_whole_topic_is_freed_at_once_and_no_other(operator: Operator) -> None:
    topic, other = f"test.{uuid4().hex}", f"test.{uuid4().hex}"
    made = [_stuck(topic), _stuck(topic), _stuck(other)]
    assert operator.run("outbox", "retry", "--topic", topic) == "2 will be tried again.\n"
    listed = operator.run("outbox", "list", "--stuck")
    assert f"{topic}: 2 waiting" in listed
    assert f"{other}: 0 waiting, the oldest for 0 s; 1 stuck" in listed
    with transaction() as work:
        for each in made:
            work.delete(work.get_one(Promise, each))


def test_a_destination_that_is_left_alone_is_shown_with_its_syndic(world: World, operator: Operator) -> None:
    syndic = world.syndic()
    topic = f"test.{uuid4().hex}"
    with transaction() as work:
        lane = lane_to("webhook", syndics.get(syndic.slug).id, "https://extranet.example:8443/hook")
        rest = clock.now() + timedelta(hours=1)
        work.add(Lane(name=lane, taken_at=clock.now(), failures=3, open_until=rest, last_error="no answer"))
        (promised,) = promise_all(topic, {uuid4().hex: Wish({}, lane=lane)}).values()
    listed = operator.run("outbox", "list")
    expected = (
        f"webhook of {syndic.slug} at extranet.example:8443: left alone until {rest:%H:%M:%S}, 1 waiting: no answer"
    )
    assert expected in listed
    with transaction() as work:
        work.delete(work.get_one(Promise, promised))
        work.delete(work.get_one(Lane, lane))
    assert session().get(Lane, lane) is None


def test_who_names_nothing_is_told_how() -> None:
    said = CliRunner().invoke(cli, ["outbox", "retry"])
    assert said.exit_code == 2
    assert "trousseau outbox list --stuck" in said.stderr


def test_every_command_of_the_operators_page_exists() -> None:
    commands = re.findall(r"`?(?:\$ )?trousseau ((?:[a-z]+ )+)?([a-z]+)", PAGE.read_text(encoding="utf-8"))
    assert commands, "the page shows commands"
    for groups, command in commands:
        said = CliRunner().invoke(cli, [*groups.split(), command, "--help"])
        assert said.exit_code == 0, f"trousseau {groups}{command}: {said.output}"
