"""`python -m workers worker` and `python -m workers beat`: the two processes, with the flags that they need."""

import sys

from config.settings import SettingsError, settings
from workers.celery_app import app

ARGUMENTS = {
    # The workers have nothing to tell one another: the outbox in PostgreSQL is where they meet.
    "worker": ["worker", "--without-gossip", "--without-mingle", "--without-heartbeat"],
    "beat": ["beat"],
}


def main(arguments: list[str]) -> None:
    """Run one of the two until it is told to stop (SIGTERM: what has begun is finished first)."""
    if len(arguments) != 1 or arguments[0] not in ARGUMENTS:
        sys.exit("usage: python -m workers worker|beat")
    try:
        settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")
    app.start(ARGUMENTS[arguments[0]])


if __name__ == "__main__":
    main(sys.argv[1:])
