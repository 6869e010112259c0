"""`trousseau webhook`: what operators do and see."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from tests.workers.webhooks.conftest import Listening

Run = Any


@pytest.fixture
def run(postgres: EmbeddedPostgres, database: str) -> Run:
    """Run a command of the group as a program of its own; gives what it printed."""
    environment = {
        **os.environ,
        "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database),
        "TROUSSEAU_REDIS_URL": os.environ["TROUSSEAU_TEST_REDIS"],
    }

    def command(*words: str, fails: bool = False) -> Any:
        program = [sys.executable, "-c", "from broker.cli import main; main()", "webhook", *words]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        assert (done.returncode != 0) is fails, done.stderr[-800:]
        assert "Traceback" not in done.stderr
        said = done.stderr if fails else done.stdout
        return json.loads(said) if said.startswith(("{", "[")) else said

    return command


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
