"""`make bench-lanes`: 50 syndics whose sources retire secrets, first all alive, then one that never answers."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from bench import cores, database, machine, ours, results, tables
from bench.failures import BenchError
from bench.lanes import page
from bench.lanes.retiring import Retiring, retiring
from bench.places import RUN
from bench.running import HOST, Running, free_port
from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import EmbeddedPostgres
from config.settings import settings

NAME = "lanes"
PATIENCE_S = 60.0
WARM_S, WARMER = 4.0, 8
"""Both worker processes make their application and their connections before anything counts: more comes at once."""


def main() -> int:
    """Measure, print, keep. Exit status 1 where it cannot be done, or where the goal is missed."""
    options = argparse.ArgumentParser(prog="python -m bench.lanes", description=__doc__)
    options.add_argument("--syndics", type=int, default=50)
    options.add_argument("--per-second", type=float, default=5.0, help="confirmations, among all syndics")
    options.add_argument("--seconds", type=float, default=40.0, help="of each of the two parts")
    options.add_argument("--keep", action=argparse.BooleanOptionalAction, default=True, help="add to the record")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything that was started is ended
    try:
        result = _measured(chosen)
    except (BenchError, EmbeddedServerError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\n" + tables.plain(page.rows(result)))
    if chosen.keep:
        results.append(result, page.RESULTS)
        page.draw(result)
    return 1 if page.missed(result) else 0


def _measured(chosen: argparse.Namespace) -> dict[str, Any]:
    described = machine.described()
    port, dead_port = free_port(), free_port()
    needed = int((2 * chosen.seconds + WARMER * WARM_S) * chosen.per_second)
    accounts = 20 + 2 * needed // chosen.syndics  # chance may choose one syndic more often than another
    with database.servers(cores.split()) as (postgres, valkey):
        ours.adopt_settings(valkey)
        os.environ["TROUSSEAU_OUTGOING_ALLOWED"] = HOST
        settings.cache_clear()
        database.migrated(postgres, NAME)
        sources = [sys.executable, "-m", "bench.lanes.sources", str(port), str(dead_port)]
        with (
            Running(sources, os.environ, RUN / "sources.log"),
            retiring(postgres, NAME, f"http://{HOST}:{port}", chosen.syndics, accounts) as made,
            _working(postgres),
        ):
            found = _figures(made, f"http://{HOST}:{dead_port}", chosen)
    return {"machine": described, "syndics": chosen.syndics, "per_s": chosen.per_second, **found}


@contextmanager
def _working(postgres: EmbeddedPostgres) -> Iterator[None]:
    """A worker with its two processes, and beat, as in production."""
    with ExitStack() as stack:
        for program in ("worker", "beat"):
            argv = [sys.executable, "-m", "workers", program]
            stack.enter_context(Running(argv, ours.environment(postgres, NAME), RUN / f"{program}.log"))
        yield


def _figures(made: Retiring, dead_url: str, chosen: argparse.Namespace) -> dict[str, Any]:
    made.confirm(WARM_S, WARMER * chosen.per_second)
    made.await_all(PATIENCE_S)
    began = made.confirm(chosen.seconds, chosen.per_second)
    made.await_all(PATIENCE_S)
    dead = made.syndics[0]
    found = {"all_answer": _told(made.waits_ms(began, [dead]))}
    made.move(dead, dead_url)
    began = made.confirm(chosen.seconds, chosen.per_second)
    made.await_all(PATIENCE_S, [dead])
    return found | {"one_dead": _told(made.waits_ms(began, [dead]))}


def _told(waits: list[float]) -> dict[str, float]:
    """Rounded to tenths of a millisecond."""
    at = {"median_ms": 0.5, "p99_ms": 0.99}
    found = {name: round(waits[int(len(waits) * share)], 1) for name, share in at.items()}
    print(f"{len(waits)} retired: median {found['median_ms']} ms, p99 {found['p99_ms']} ms", flush=True)
    return {"retired": len(waits), **found, "longest_ms": round(waits[-1], 1)}


if __name__ == "__main__":
    sys.exit(main())
