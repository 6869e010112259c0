"""However a launcher ends, its servers end with it, and the next start is not hindered."""

import os
import signal
from contextlib import closing

import psutil
import pytest

from config.embedded.postgres import EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from tests.config.embedded.conftest import Act, facts
from tests.config.embedded.processes import eventually, family, gone

ENDLESS = b"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"
"""Busy for ever, and keeps nothing."""


def _both(pids: dict[str, int]) -> list[psutil.Process]:
    return family(pids["postgres"]) + family(pids["valkey"])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_launcher_that_is_killed_leaves_nothing(number: signal.Signals, act: Act, valkey: EmbeddedValkey) -> None:
    launcher = act("hold")
    members = _both(facts(launcher))
    os.kill(launcher.pid, number)
    eventually(lambda: gone(members), f"after {number.name} of their launcher the servers are gone")
    assert not valkey.alive()


def test_a_busy_backend_goes_with_its_launcher(act: Act, postgres: EmbeddedPostgres) -> None:
    launcher = act("hold")
    pids = facts(launcher)
    with closing(postgres._connect()) as connection:
        connection.pgconn.send_query(ENDLESS)
        members = _both(pids)
        assert connection.info.backend_pid in [member.pid for member in members]
        os.kill(launcher.pid, signal.SIGKILL)
        eventually(lambda: gone(members), "a backend in the middle of a long query goes too")


def test_a_busy_backend_does_not_hinder_the_restart_of_a_killed_server(postgres: EmbeddedPostgres) -> None:
    postgres.ensure()
    with closing(postgres._connect()) as connection:
        connection.pgconn.send_query(ENDLESS)
        members = family(postgres.pid)
        os.kill(postgres.pid, signal.SIGKILL)
        postgres.ensure()
    assert gone(members), "it would keep the shared memory for as long as its query takes"


def test_ctrl_c_reaches_the_launcher_first_and_then_all_go(act: Act) -> None:
    launcher = act("hold")
    pids = facts(launcher)
    members = _both(pids)
    os.killpg(launcher.pid, signal.SIGINT)  # what a terminal does: the whole foreground group
    assert facts(launcher) == pids, "at Ctrl-C the launcher still has its servers, to end its work in order"
    assert launcher.wait() == 0
    eventually(lambda: gone(members), "then they go with it")


def test_the_next_start_may_follow_a_kill_at_once(act: Act, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    launcher = act("hold")
    pids = facts(launcher)
    members = _both(pids)
    os.kill(launcher.pid, signal.SIGKILL)
    eventually(lambda: not (postgres._answers() or valkey._answers()), "the old servers let nobody in")
    postgres.ensure()
    valkey.ensure()
    assert postgres.pid != pids["postgres"], "a new server is there"
    assert valkey.pid != pids["valkey"]
    assert gone(members), "and it began only when all of the old one had gone"


def test_a_launcher_killed_while_it_makes_the_database_leaves_nothing(act: Act, postgres: EmbeddedPostgres) -> None:
    launcher = act("hold")
    watched = psutil.Process(launcher.pid)
    eventually(lambda: _has_initdb(watched), "the launcher runs initdb")
    members = watched.children(recursive=True)
    launcher.kill()
    launcher.wait()
    eventually(lambda: gone(members), "initdb and its helpers go with the launcher")
    postgres.ensure()
    with postgres._connect() as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'trousseau'").fetchone()
    assert found, "a half-made cluster is never used: the next start makes a whole one"


def _has_initdb(launcher: psutil.Process) -> bool:
    def is_initdb(process: psutil.Process) -> bool:
        try:
            return process.name() == "initdb"
        except psutil.NoSuchProcess:
            return False

    return any(is_initdb(child) for child in launcher.children(recursive=True))
