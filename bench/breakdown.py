"""`python -m bench.breakdown`: where the milliseconds of our flow go, by endpoint and by owner of the code.

The application runs in this process and this thread, on a real database; nothing of it is switched off.
"""

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from bench import cores, database, floors, ours
from bench.population.filling import Population, Size
from bench.requests import Direct
from bench.sampling import Samples
from bench.traffic import Traffic
from config.embedded.postgres import APPLICATION, EmbeddedPostgres

SIZE = Size(syndics=4, identities=1000, sessions=1000)
COUNTED = 50
"""Flows that are walked with the client's messages counted."""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flows", type=int, default=4000, help="flows to walk")
    options.add_argument("--functions", type=int, default=0, help="functions to name for each endpoint")
    chosen = options.parse_args()
    where = cores.split()
    with database.servers(where) as (postgres, valkey):
        ours.adopt_settings(valkey)
        ours.populated(postgres, "breakdown", SIZE)
        os.environ["TROUSSEAU_DATABASE_URL"] = postgres.url(APPLICATION, "breakdown")
        with cores.on(where.servers):
            found = measured(postgres, chosen.flows)
    _print(found, chosen.functions)


def measured(postgres: EmbeddedPostgres, flows: int) -> dict[str, Any]:
    """`{"floors", "endpoints": {name: {"cpu_ms", "round_trips", "owners", "functions"}}}`, in ms of CPU."""
    from broker.app import create_app
    from config.database import db
    from config.settings import settings

    settings.cache_clear()
    application = create_app()
    direct = Direct(application, ours.BASE_HOST, ours.ENDPOINTS)
    visitors = cycle(Population(SIZE).visitors())
    with application.app_context():
        engine = db.engine
    _walk(direct, visitors, 300)
    samples = _sampled(direct, visitors, flows)
    traffic = Traffic(engine)
    spent = {name: direct.spent[name] / direct.calls[name] * 1000 for name in direct.spent}
    _walk(direct, visitors, 1)
    direct.watch = traffic.watch
    _walk(direct, visitors, COUNTED)
    with database.connected(postgres, APPLICATION, "breakdown") as connection:
        ground = floors.measured(connection)
    return {
        "floors": ground,
        "endpoints": {
            name: {
                "cpu_ms": spent[name],
                "round_trips": traffic.round_trips[name] / COUNTED,
                "owners": {owner: share * spent[name] for owner, share in found.shares().items()},
                "functions": _in_ms(found.functions, spent[name] / found.owners.total()),
                "below": _in_ms(found.below, spent[name] / found.owners.total()),
            }
            for name, found in samples.items()
        },
    }


def _walk(direct: Direct, visitors: Iterator[Any], flows: int) -> None:
    for _, visitor in zip(range(flows), visitors, strict=False):
        tokens = direct.flow(visitor)
        if "refresh_token" in tokens:
            direct.refresh(visitor, tokens["refresh_token"])
        direct.document("discovery", visitor)
        direct.document("jwks", visitor)


def _sampled(direct: Direct, visitors: Iterator[Any], flows: int) -> dict[str, Samples]:
    """Looks by endpoint, while so many flows are walked."""
    found: dict[str, Samples] = {}
    whole = _Switch()

    @contextmanager
    def watch(name: str) -> Iterator[None]:
        whole.now = found.setdefault(name, Samples())
        whole.now.inside = True
        yield
        whole.now.inside = False

    direct.watch = watch
    direct.spent.clear()
    direct.calls.clear()
    with whole.looking():
        _walk(direct, visitors, flows)
    return found


def _in_ms(counts: Counter[str], each: float) -> list[tuple[str, float]]:
    return [(place, count * each) for place, count in counts.most_common()]


class _Switch(Samples):
    """Hands each look to the endpoint that is being asked."""

    now: Samples | None = None

    def _look(self, number: int, frame: Any) -> None:
        if self.now is not None:
            self.now._look(number, frame)


def _print(found: dict[str, Any], functions: int) -> None:
    print("\nOn this machine, ms of CPU: " + "; ".join(f"{name} {ms:.3f}" for name, ms in found["floors"].items()))
    for name, endpoint in found["endpoints"].items():
        print(f"\n{name}: {endpoint['cpu_ms']:.3f} ms of CPU, {endpoint['round_trips']:.1f} round trips to PostgreSQL")
        for owner, ms in endpoint["owners"].items():
            print(f"  {ms:7.3f}  {owner}")
        for title, kind in (("at work", "functions"), ("at work below", "below")):
            for place, ms in endpoint[kind][:functions]:
                print(f"    {title} {ms:7.3f}  {place}")


if __name__ == "__main__":
    main()
