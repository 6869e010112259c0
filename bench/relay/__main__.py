"""`make bench-relay`: promises a second, how soon one is kept, and what a long backlog costs who signs in."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import cores, database, machine, needs, ours, results, tables
from bench.failures import BenchError
from bench.places import RUN
from bench.population.filling import Size
from bench.relay import page
from bench.relay.promises import Promises, promises
from bench.rounds import Rounds, told
from bench.running import Running
from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import EmbeddedPostgres

SIZE = Size(syndics=4, identities=1_000, sessions=1_000)
WARM = 500
CHILDREN = 2
"""Worker processes: Celery's children."""
APART_S = 0.05
PATIENCE_S = 600.0


def main() -> int:
    """Measure, print, keep. Exit status 1 where it cannot be done, or where a goal is missed."""
    options = argparse.ArgumentParser(prog="python -m bench.relay", description=__doc__)
    options.add_argument("--promises", type=int, default=20_000, help="of the rate")
    options.add_argument("--singles", type=int, default=400, help="promises that are made one by one")
    options.add_argument("--backlog", type=int, default=100_000, help="promises that wait while owners sign in")
    options.add_argument("--rounds", type=int, default=4, help="visits with and without the backlog")
    options.add_argument("--seconds", type=float, default=6.0, help="length of a visit")
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
    needs.check("wrk")
    where = cores.split()
    result: dict[str, Any] = {"machine": machine.described(), "asked": vars(chosen)}
    with database.servers(where) as (postgres, valkey):
        ours.adopt_settings(valkey)
        ours.populated(postgres, "relay", SIZE)
        with promises(postgres, "relay") as made:
            with _working(postgres):
                _warm(made)
                result["rate"] = _rate(made, chosen.promises)
                result["soon"] = _soon(made, chosen.singles)
            if chosen.backlog:
                result["beside"] = _beside(postgres, made, where, chosen)
    return result


@contextmanager
def _working(postgres: EmbeddedPostgres) -> Iterator[None]:
    """Workers as in production."""
    argv = [sys.executable, "-m", "bench.relay.worker"]
    with Running(argv, ours.environment(postgres, "relay"), RUN / "worker.log"):
        yield


def _warm(made: Promises, name: str = "warm") -> None:
    """Both children have made their application and their connections."""
    made.make(WARM, name)
    made.wake(CHILDREN)
    made.await_all(PATIENCE_S)


def _rate(made: Promises, count: int) -> dict[str, Any]:
    """Promises a second, from the first to the last that was kept."""
    made.make(count, "rate")
    made.wake(CHILDREN)
    made.await_all(PATIENCE_S)
    kept = sorted(done for _, done in made.done("rate"))
    spent = (kept[-1] - kept[0]).total_seconds()
    print(f"{count / spent:,.0f} promises a second", flush=True)
    return {"promises": count, "seconds": round(spent, 2), "per_second": round(count / spent)}


def _soon(made: Promises, count: int) -> dict[str, Any]:
    """From the commit of one promise to its act, with nothing else to do."""
    for number in range(count):
        made.make_one(f"soon:{number}")
        time.sleep(APART_S)
    made.await_all(PATIENCE_S)
    waits = sorted((done - begun).total_seconds() * 1000 for begun, done in made.done("soon"))
    found = {"median_ms": round(waits[len(waits) // 2], 1), "p99_ms": round(waits[int(len(waits) * 0.99)], 1)}
    print(f"kept after {found['median_ms']} ms, p99 {found['p99_ms']} ms", flush=True)
    return {"promises": count, **found}


def _beside(
    postgres: EmbeddedPostgres, made: Promises, where: cores.Cores, chosen: argparse.Namespace
) -> dict[str, Any]:
    """Sign-ins without a backlog and beside one that drains, in turn.

    Both begin where the workers have started and the database has settled, after what was made before: neither is part
    of what a drain costs.
    """
    rounds, pairs = Rounds(chosen.rounds, chosen.seconds, where.rest), []
    with ours.serving(postgres, "relay", SIZE, where.servers) as target:
        rounds.visit(target, "flow", chosen.seconds)
        for number in range(chosen.rounds):
            with _working(postgres):
                _warm(made, f"warm{number}")
                database.settle(postgres, "relay")
                alone = rounds.visit(target, "flow", chosen.seconds)
                made.make(chosen.backlog, f"beside{number}")
                database.settle(postgres, "relay")
                made.wake(CHILDREN)
                beside = rounds.visit(target, "flow", chosen.seconds)
                left = made.waiting()
                began = time.monotonic()
                made.await_all(PATIENCE_S)
            pairs.append((beside, alone))
            print(f"{left:,} left after a visit, drained {time.monotonic() - began:.0f} s later", flush=True)
    return {"backlog": chosen.backlog, "flow": told(pairs)}


if __name__ == "__main__":
    sys.exit(main())
