"""`python -m bench.population --syndics 5000 --identities 1000000`: fills a migrated, empty database by COPY.

Which one: that of the settings (TROUSSEAU_DATABASE_URL, or the embedded one of TROUSSEAU_HOME).
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bench.population.filling import Population, Size
from bench.visitors import write
from broker.embedded import addresses
from config.embedded.errors import EmbeddedServerError
from config.settings import SettingsError, settings


def main() -> int:
    """Fill. Exit status 1 where it cannot be done; the database is as before then."""
    options = argparse.ArgumentParser(prog="python -m bench.population", description=__doc__)
    options.add_argument("--syndics", type=int, default=5_000)
    options.add_argument("--identities", type=int, default=1_000_000)
    options.add_argument("--sessions", type=int, default=20_000, help="living login sessions")
    options.add_argument("--visitors", type=Path, help="where to write the sessions for the driver (they are secrets)")
    chosen = options.parse_args()
    if not 0 < chosen.syndics <= chosen.identities or not 0 <= chosen.sessions <= chosen.identities:
        options.error("there must be a syndic, and at least as many identities as syndics and as sessions")
    try:
        _fill(Size(chosen.syndics, chosen.identities, chosen.sessions), chosen.visitors)
    except (EmbeddedServerError, SettingsError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except psycopg.Error as error:
        print(f"Error: the database took nothing: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def _fill(size: Size, visitors: Path | None) -> None:
    began = time.monotonic()
    population = Population(size)
    where = addresses(settings())
    with _connected(where.application) as connection:
        population.fill(connection, lambda line: print(line, flush=True))
    if where.owner is not None:  # without it PostgreSQL finds out by itself, some minutes later
        with _connected(where.owner) as connection:
            connection.execute("ANALYZE")
    if visitors is not None:
        write(visitors, population.visitors())
    print(f"filled in {time.monotonic() - began:.0f} s")


def _connected(address: str) -> psycopg.Connection[Any]:
    url = make_url(address).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


if __name__ == "__main__":
    sys.exit(main())
