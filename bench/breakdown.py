"""`python -m bench.breakdown`: where the milliseconds of our flow go, by endpoint and by owner of the code.

The application runs in this process and this thread, on a real database; nothing of it is switched off.
"""

import argparse
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

from sqlalchemy.engine import Engine

from bench import cores, database, floors, ours, processes
from bench.asking import Direct, unwatched
from bench.flow import Flow
from bench.population.filling import Population, Size
from bench.sampling import Sampler
from bench.traffic import Traffic
from config.embedded.postgres import APPLICATION, EmbeddedPostgres

NAME = "breakdown"
SIZE = Size(syndics=4, identities=1000, sessions=1000)
BATCH = 500
"""Visitors who do the same thing one after the other, so that the database's ticks can be told apart."""
FEW = 10


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flows", type=int, default=4000, help="flows to walk")
    options.add_argument("--functions", type=int, default=0, help="functions to name for each endpoint")
    chosen = options.parse_args()
    where = cores.split()
    with database.servers(where) as (postgres, valkey):
        ours.adopt_settings(valkey)
        with cores.on(where.servers):
            found = measured(postgres, chosen.flows)
    report(found, chosen.functions)


def measured(postgres: EmbeddedPostgres, flows: int) -> dict[str, Any]:
    """`{"floors": {what: ms}, "endpoints": {name: {"cpu_ms", "database_cpu_ms", "round_trips", "owners", …}}}`."""
    from broker.app import create_app
    from config.database import db
    from config.settings import settings

    ours.populated(postgres, NAME, SIZE)
    os.environ["TROUSSEAU_DATABASE_URL"] = postgres.url(APPLICATION, NAME)
    settings.cache_clear()
    application = create_app()
    direct = Direct(application, ours.HEADERS)
    walk = Walk(Flow(direct, ours.ENDPOINTS), postgres.pid)
    walk.batch()  # pictures, prepared statements, imports
    direct.reset()
    sampler = Sampler()
    direct.watch = sampler.watch
    with sampler.looking():
        for _ in range(max(1, flows // BATCH)):
            walk.batch()
    spent = direct.mean_ms()
    with application.app_context():
        traffic = _traffic(direct, postgres.pid, db.engine)
        db.engine.dispose()
    with database.connected(postgres, APPLICATION, NAME) as connection:
        ground = floors.measured(connection)
    return {
        "floors": ground,
        "endpoints": {
            name: {
                "cpu_ms": spent[name],
                "database_cpu_ms": walk.database_ms(name),
                "round_trips": traffic.mean(name),
                "owners": _in_ms(found.owners, spent[name]),
                "functions": _in_ms(found.functions, spent[name]),
                "below": _in_ms(found.below, spent[name], found.owners.total()),
            }
            for name, found in sampler.found.items()
        },
    }


def _traffic(direct: Direct, database_pid: int, engine: Engine) -> Traffic:
    """The round trips of a few flows, walked after some on the same fresh connections."""
    traffic, walk = Traffic(engine), Walk(Flow(direct, ours.ENDPOINTS), database_pid)
    direct.watch = unwatched
    walk.batch(FEW)
    direct.watch = traffic.watch
    walk.batch(FEW)
    return traffic


def _in_ms(counts: Counter[str], whole_ms: float, total: int | None = None) -> dict[str, float]:
    """Shares of a whole as milliseconds, the largest first."""
    each = whole_ms / max(1, total or counts.total())
    return {name: count * each for name, count in counts.most_common()}


class Walk:
    """Batches of visitors go from endpoint to endpoint together."""

    def __init__(self, flow: Flow, database_pid: int) -> None:
        self._flow = flow
        self._pid = database_pid
        self._visitors = cycle(Population(SIZE).visitors())
        self._database: defaultdict[str, float] = defaultdict(float)
        self._calls: Counter[str] = Counter()

    def batch(self, size: int = BATCH) -> None:
        """Let the next visitors ask everything that is measured."""
        flow, visitors = self._flow, list(islice(self._visitors, size))
        codes = self._each("authorize", visitors, flow.authorize)
        tokens = self._each("token", list(zip(visitors, codes, strict=True)), lambda pair: flow.token(*pair))
        access = [(visitor, given["access_token"]) for visitor, given in zip(visitors, tokens, strict=True)]
        self._each("userinfo", access, lambda pair: flow.userinfo(*pair))
        if "introspection_endpoint" in flow.discovery(visitors[0]):
            self._each("introspection", access, lambda pair: flow.introspection(*pair))
        refresh = [(v, t["refresh_token"]) for v, t in zip(visitors, tokens, strict=True) if "refresh_token" in t]
        if refresh:
            self._each("refresh", refresh, lambda pair: flow.refresh(*pair))
        self._each("discovery", visitors, flow.discovery)
        self._each("jwks", visitors, flow.jwks)

    def database_ms(self, name: str) -> float:
        """CPU milliseconds of the database for one request of that name."""
        return self._database[name] / self._calls[name]

    def _each(self, name: str, whom: list[Any], ask: Callable[[Any], Any]) -> list[Any]:
        before = processes.cpu_ms(self._pid)
        answers = [ask(one) for one in whom]
        self._database[name] += processes.cpu_ms(self._pid) - before
        self._calls[name] += len(whom)
        return answers


def report(found: dict[str, Any], functions: int) -> None:
    """Print it; `functions` is how many to name for each endpoint."""
    print("\nOn this machine, ms of CPU: " + "; ".join(f"{name} {ms:.3f}" for name, ms in found["floors"].items()))
    for name, endpoint in found["endpoints"].items():
        cpu, database_cpu, trips = (endpoint[key] for key in ("cpu_ms", "database_cpu_ms", "round_trips"))
        print(f"\n{name}: {cpu:.3f} ms of CPU, {database_cpu:.2f} of the database's, {trips:.1f} round trips")
        for owner, ms in endpoint["owners"].items():
            print(f"  {ms:7.3f}  {owner}")
        for title, kind in (("at work", "functions"), ("at work below", "below")):
            for place, ms in islice(endpoint[kind].items(), functions):
                print(f"    {title} {ms:7.3f}  {place}")


if __name__ == "__main__":
    main()
