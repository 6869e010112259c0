"""A worker as in production, that also keeps promises to do nothing: `python -m bench.relay.worker`."""

from typing import Any

from workers import handlers
from workers.__main__ import main

TOPIC = "bench.nothing"


def nothing(_payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Do nothing, with success."""
    return {}


handlers.register(TOPIC, nothing, limit=5)

if __name__ == "__main__":
    main(["worker"])
