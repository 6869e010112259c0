"""Homes and servers for the tests of this folder; whatever a test leaves is stopped and removed."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded.postgres import EmbeddedPostgres
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey
from tests.config.embedded.processes import eventually

ROOT = Path(__file__).parents[3]
Act = Callable[..., subprocess.Popen[str]]


def _clear(server: EmbeddedServer) -> None:
    server.stop()
    eventually(lambda: not server.alive(), "at the end of a test no server runs")
    server.wipe()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home, fsync=False, in_memory=True)
    yield server
    _clear(server)


@pytest.fixture
def valkey(home: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(home)
    yield server
    _clear(server)


@pytest.fixture(params=["postgres", "valkey"])
def server(request: pytest.FixtureRequest) -> EmbeddedServer:
    """One of the two, for the promises that both keep."""
    found: EmbeddedServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def twin(server: EmbeddedServer, home: Path) -> EmbeddedServer:
    """Another object for the same home and server, as a second part of a program would make it."""
    if isinstance(server, EmbeddedPostgres):
        return EmbeddedPostgres(home, fsync=False, in_memory=True)
    return EmbeddedValkey(home)


@pytest.fixture
def act(home: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> Iterator[Act]:
    """Start `launcher.py` for this home; at the end of the test it is killed, and its servers have gone."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "tests.config.embedded.launcher", str(home), name]
        pipe = subprocess.PIPE
        program = subprocess.Popen(words, cwd=ROOT, stdout=pipe, text=True, start_new_session=True)  # noqa: S603 - our own words
        started.append(program)
        return program

    yield start
    for program in started:
        program.kill()
        program.communicate()
    _clear(postgres)
    _clear(valkey)


def facts(program: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line that the program says, once it says it."""
    assert program.stdout is not None
    line = program.stdout.readline()
    assert line, f"the launcher ended with status {program.wait()} before it was ready"
    found: dict[str, Any] = json.loads(line)
    return found
