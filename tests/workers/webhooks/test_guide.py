"""docs/webhooks.md against the product: its consumers run as they stand, and what it says is so."""

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from flask import Flask

from broker.cli import cli
from config.database import transaction
from demo import child
from tenants.syndics import service as syndics
from tenants.webhooks import endpoints
from tenants.webhooks.models import TOPICS
from tests.clients.snippets import BLOCK
from tests.workers.webhooks.conftest import Listening
from tests.workers.webhooks.consumer import Arrived, consuming
from tests.world import World

PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"
PATIENCE_S = 30.0
RUNS = {
    "consumer.py": [sys.executable],
    "consumer.mjs": [shutil.which("node") or "node"],
}
LANGUAGES = [pytest.param("consumer.py"), pytest.param("consumer.mjs", marks=pytest.mark.node)]


def blocks() -> dict[str, str]:
    """The titled blocks of the page."""
    return {found["name"]: found["text"] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


@dataclass
class Running:
    """A consumer of the page, at its registered address."""

    listening: Listening
    url: str
    log: Path

    def taken(self) -> list[dict[str, Any]]:
        """What it has taken for ours, in order."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


@contextmanager
def _running(name: str, world: World, folder: Path) -> Iterator[Running]:
    port, syndic = _quiet_port(), world.syndic(accounts=0)
    url, log = f"http://127.0.0.1:{port}/events", folder / "consumer.log"
    (folder / name).write_text(blocks()[name], encoding="utf-8")
    given = {"PATH": os.environ["PATH"], "ISSUER": syndic.issuer, "WEBHOOK_URL": url, "PORT": str(port)}
    words = [sys.executable, str(Path(child.__file__)), str(os.getpid()), *RUNS[name], str(folder / name)]
    with log.open("wb") as out:
        process = subprocess.Popen(words, env=given, stdout=out, stderr=out)  # noqa: S603 - our own words
    try:
        _await(process, port, log)
        with transaction():
            made = endpoints.add(syndics.get(syndic.slug).id, "Extranet", url)
        with consuming() as unused:
            yield Running(Listening(world, syndic, unused, made.public_id), url, log)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _quiet_port() -> int:
    """A free one among those that no outgoing connection is given meanwhile (ip(7), ip_local_port_range)."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_consumer_of_the_page_takes_ours_once_and_refuses_everything_else(
    name: str, world: World, tmp_path: Path
) -> None:
    with _running(name, world, tmp_path) as running:
        here = running.listening
        here.announce("account-1")
        here.deliver()
        assert [each["state"] for each in here.described()] == ["delivered"], running.log.read_text()
        (event,) = running.taken()
        assert (event["type"], event["subject"]) == ("association.confirmed", "account-1")
        with consuming() as listener:
            came = _also(here, listener.url, listener.arrived)
        assert _post(running.url, came.headers, came.body) == 401, "that was for another address"
        assert _post(running.url, {"content-type": "application/cloudevents+json"}, came.body) == 401, "unsigned"
        here.announce("account-3")
        here.deliver()
        assert [each["subject"] for each in running.taken()] == ["account-1", "account-2", "account-3"]


def _also(here: Listening, url: str, arrived: list[Arrived]) -> Arrived:
    """The same event as it comes to a second address of the syndic."""
    with transaction():
        made = endpoints.add(here.syndic_id, "Second", url)
    here.announce("account-2")
    here.deliver()
    with transaction():
        endpoints.remove(endpoints.get(here.syndic_id, made.public_id))
    return arrived[0]


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_consumer_of_the_page_refuses_what_was_tampered_with_and_takes_a_repetition_for_one(
    name: str, world: World, tmp_path: Path
) -> None:
    with _running(name, world, tmp_path) as running, _tapped() as tapped:
        here = running.listening
        here.announce("account-1")
        here.deliver()
        (came,) = tapped
        assert _post(running.url, came.headers, came.body) == 204, "a repetition is answered as the first was"
        assert len(running.taken()) == 1, "and changes nothing"
        other = came.body.replace(b"account-1", b"account-7")
        assert _post(running.url, came.headers, other) == 401
        late = {**came.headers, "signature-input": came.headers["signature-input"].replace("created=1", "created=2")}
        assert _post(running.url, late, came.body) == 401
        stranger = {**came.headers, "signature-input": came.headers["signature-input"].replace('keyid="', 'keyid="x')}
        assert _post(running.url, stranger, came.body) == 401
        assert len(running.taken()) == 1


@contextmanager
def _tapped() -> Iterator[list[Arrived]]:
    """What is sent to the consumer, read on the way: the client's own request hook."""
    from workers import webhooks

    sent: list[Arrived] = []

    def note(request: httpx2.Request) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent.append(Arrived(request.method, request.url.path, headers, request.content))

    webhooks.client().event_hooks = {"request": [note], "response": []}
    try:
        yield sent
    finally:
        webhooks.client().event_hooks = {"request": [], "response": []}


def _post(url: str, headers: dict[str, str], body: bytes) -> int:
    names = ("content-type", "content-digest", "signature-input", "signature")
    kept = {name: headers[name] for name in names if name in headers}
    return httpx2.post(url, content=body, headers=kept, timeout=10).status_code


def test_the_page_names_every_topic_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", page, re.MULTILINE)) == {*TOPICS, "webhook.test"}
    assert set(re.findall(r"--topic ([a-z.]+)", blocks()["register"])) == set(TOPICS)


def test_every_command_of_the_page_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"trousseau webhook ([a-z]+)", page))
    group = cli.commands["webhook"]
    assert named == set(group.commands)  # type: ignore[attr-defined]  # a group
    said = CliRunner().invoke(cli, ["webhook", "add", "--help"]).output
    assert {option for option in re.findall(r"--[a-z]+", blocks()["register"]) if option not in said} == set()


def test_the_figures_of_the_page_are_the_products(app: Flask) -> None:  # noqa: ARG001 - the settings
    from config.outgoing import transport
    from tenants.webhooks import keys, service, signatures
    from workers import breaker, handlers, webhooks

    said = {
        "5 seconds": webhooks.TIMEOUT_S == 5,
        "10 for the whole call": transport.WHOLE_S == 10,
        "ten times": webhooks.REFUSALS == 10,
        "for three days": handlers.topic("webhook.deliver").patience == service.LONGEST_DISCRETION,
        "three in a row": breaker.FAILURES == 3,
        "15 seconds to 15 minutes": (breaker.FIRST_REST.seconds, breaker.LONGEST_REST.seconds) == (15, 900),
        "up to an hour": breaker.LONGEST_WISH.total_seconds() == 3600,
        "five minutes": signatures.LIFE.total_seconds() == 300,
        "ten minutes before it signs": keys.PUBLISHED_AHEAD.total_seconds() == 600,
        "A syndic may have five": endpoints.MOST == 5,
    }
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    for words, holds in said.items():
        assert words in page, f"the page says « {words} »"
        assert holds, f"« {words} » is not so"
