"""A program that uses the embedded servers, to be run, raced and killed by the tests.

`python -m tests.config.embedded.launcher HOME ACT` prints a line of JSON when it is ready, such as the pids.
"""

import json
import os
import signal
import sys
from pathlib import Path
from threading import Thread

from config.embedded.postgres import OWNER, EmbeddedPostgres
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey


def _ensure(servers: list[EmbeddedServer]) -> None:
    for server in servers:
        server.ensure()


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def hold(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    """Start both from a thread that ends, stay until a signal; at Ctrl-C, use them once more."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background have it ignored
    starter = Thread(target=_ensure, args=([postgres, valkey],))
    starter.start()
    starter.join()
    try:
        _say(postgres=postgres.pid, valkey=valkey.pid)
        signal.pause()
    except KeyboardInterrupt:
        _ask(postgres, valkey)
        _say(postgres=postgres.pid, valkey=valkey.pid)


def visit(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    """Ensure both and leave without a word."""
    _ensure([postgres, valkey])
    _say(postgres=postgres.pid, valkey=valkey.pid)


def fork(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    """Start both, let a fork stop them, and see what runs."""
    _ensure([postgres, valkey])
    child = os.fork()
    if child == 0:
        postgres.stop()
        valkey.stop()
        os._exit(0)
    os.waitpid(child, 0)
    _say(postgres=postgres.alive(), valkey=valkey.alive())


def whole_life(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    """Start, use, stop and wipe the one whose user matters."""
    del valkey
    with postgres:
        _query(postgres)
        _say(uid=Path(f"/proc/{postgres.pid}").stat().st_uid)
    postgres.wipe()


def _query(postgres: EmbeddedPostgres) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(postgres.url(OWNER))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()


def _ask(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    from redis import Redis

    _query(postgres)
    with Redis.from_url(valkey.url) as client:
        client.ping()


ACTS = {"hold": hold, "visit": visit, "fork": fork, "whole-life": whole_life}

if __name__ == "__main__":
    home, act = Path(sys.argv[1]), sys.argv[2]
    in_memory = "disk" not in sys.argv
    ACTS[act](EmbeddedPostgres(home, fsync=False, in_memory=in_memory), EmbeddedValkey(home))
