"""`trousseau webhook`: what operators do and see."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from broker.cli import cli
from config import logging
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.errors import Refusal
from config.settings import settings
from tests.workers.webhooks.conftest import Listening

Run = Any


@pytest.fixture
def run(postgres: EmbeddedPostgres, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command of the group; gives what it printed, or what it refused with."""
    monkeypatch.setenv("TROUSSEAU_DATABASE_URL", postgres.url(APPLICATION, database))
    monkeypatch.setenv("TROUSSEAU_REDIS_URL", os.environ["TROUSSEAU_TEST_REDIS"])
    settings.cache_clear()
    logging.configure()

    def command(*words: str, fails: bool = False) -> Any:
        done = CliRunner().invoke(cli, ["webhook", *words])
        assert (done.exception is not None) is fails, done.exception
        if isinstance(done.exception, Refusal):
            return done.exception.private
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout

    yield command
    monkeypatch.undo()
    settings.cache_clear()


def test_a_webhook_is_added_tested_watched_and_removed(listening: Listening, run: Run) -> None:
    slug = listening.syndic.slug
    made = run("add", slug, "--name", "Second", "--url", f"{listening.consumer.base}/second", "--topic", "link.ended")
    assert made["topics"] == ["link.ended"]
    assert made["jwks"] == f"{listening.syndic.issuer}/webhooks/jwks"
    assert [each["name"] for each in run("list", slug)] == ["Extranet", "Second"]
    event = run("test", slug, made["id"])["event"]
    (waiting,) = run("deliveries", slug)
    assert (waiting["event"], waiting["state"]) == (event, "waiting")
    listening.deliver()
    assert listening.consumer.arrived[0].path == "/second"
    assert run("deliveries", slug)[0]["state"] == "delivered"
    assert "removed" in run("remove", slug, made["id"])
    assert [each["name"] for each in run("list", slug)] == ["Extranet"]


def test_what_is_stuck_is_seen_and_sent_again(listening: Listening, run: Run) -> None:
    slug = listening.syndic.slug
    listening.consumer.answers = [(410, {})]
    listening.announce()
    listening.deliver()
    assert run("list", slug)[0]["disabled_because"] == "it answered 410"
    assert "enabled" in run("enable", slug, listening.webhook)
    assert "Sent again: 1" in run("retry", slug)
    assert "no stuck delivery" in run("retry", slug, "--event", "unknown", fails=True)
    listening.deliver()
    assert run("deliveries", slug)[0]["state"] == "delivered"


def test_keys_are_shown_rotated_and_withdrawn(listening: Listening, run: Run) -> None:
    slug = listening.syndic.slug
    (first,) = run("keys", slug)
    second = run("rotate", slug)
    assert [key["kid"] for key in run("keys", slug)] == [first["kid"], second["kid"]]
    third = run("rotate", slug, "--compromised")
    assert [key["kid"] for key in run("keys", slug)] == [third["kid"]]


def test_a_wrong_word_is_one_clear_line(listening: Listening, run: Run) -> None:
    slug = listening.syndic.slug
    said = run("add", slug, "--name", "x", "--url", "http://extranet.example/", fails=True)
    assert "https" in said
    assert "no webhook" in run("remove", slug, "unknown", fails=True)
