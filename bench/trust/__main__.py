"""`make bench-trust`: decisions among 5,000 syndics in circles of up to 2,000, and « Mes comptes » of 200 accounts."""

import argparse
import os
import signal
import sys
from typing import Any

import psycopg

from bench import cores, database, machine, ours, results, tables
from bench.failures import BenchError
from bench.population.copying import copy
from bench.population.filling import Population, Size
from bench.trust import accounts_page, deciding, owner, page
from bench.trust.network import LARGEST, Network
from config import clock
from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.settings import settings

NAME = "trust"
ACCOUNTS, OF_SYNDICS = 200, 20


def main() -> int:
    """Measure, print, keep. Exit status 1 where it cannot be done, or where a goal is missed."""
    options = argparse.ArgumentParser(prog="python -m bench.trust", description=__doc__)
    options.add_argument("--syndics", type=int, default=5_000)
    options.add_argument("--keep", action=argparse.BooleanOptionalAction, default=True, help="add to the record")
    chosen = options.parse_args()
    if chosen.syndics < OF_SYNDICS:
        options.error(f"at least {OF_SYNDICS} syndics")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything that was started is ended
    try:
        result = _measured(chosen.syndics)
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


def _measured(syndics: int) -> dict[str, Any]:
    where = cores.split()
    with database.servers(where) as (postgres, valkey):
        ours.adopt_settings(valkey)
        cookie = populated(postgres, syndics)
        os.environ["TROUSSEAU_DATABASE_URL"] = postgres.url(APPLICATION, NAME)
        settings.cache_clear()
        with cores.on(where.servers):
            found = _figures(syndics, cookie)
    return {"machine": machine.described(), "syndics": syndics, **found}


def populated(postgres: EmbeddedPostgres, syndics: int) -> str:
    """Fill a database with syndics, their trust, and the owner; returns the cookie of the owner's session."""
    database.migrated(postgres, NAME)
    with database.connected(postgres, APPLICATION, NAME) as connection:
        cookie = fill(connection, syndics)
    database.settle(postgres, NAME)
    return cookie


def fill(connection: "psycopg.Connection[Any]", syndics: int) -> str:
    """Fill a migrated, empty database; returns the cookie of the owner's session."""
    now = clock.now()
    population = Population(Size(syndics, identities=syndics, sessions=1), now)
    population.fill(connection, lambda line: print(f"  {line}", flush=True))
    with connection.transaction():
        for table in (*Network(syndics, now).tables(), *owner.tables(ACCOUNTS, OF_SYNDICS, now)):
            print(f"  {table.name}: {copy(connection, table):,} rows", flush=True)
    return next(population.visitors()).cookie


def _figures(syndics: int, cookie: str) -> dict[str, Any]:
    from broker.app import create_app
    from config.database import db

    application = create_app()
    asked = deciding.questions(syndics)
    with application.app_context():
        found = {
            "memory": deciding.from_memory(asked),
            "menu": deciding.of_a_menu(asked),
            "sql": deciding.in_sql(asked),
            "picture": deciding.drawing_it(),
        }
    found["page"] = accounts_page.measured(application, dict(ours.HEADERS), cookie, ACCOUNTS)
    with application.app_context():
        found["change"] = deciding.changing_it(syndics, min(LARGEST, syndics - 1))
        db.session.remove()
        db.engine.dispose()
    return found


if __name__ == "__main__":
    sys.exit(main())
