"""A process that is asked about trust: `python -m tests.tenants.trust.asking DATABASE-URL A B`.

For each line on its standard input it answers one of JSON: when it was asked (`time.monotonic`), and whether B trusts
A for `switch`, from its own picture.
"""

import json
import subprocess
import sys
import time
import uuid
from types import TracebackType
from typing import Self

from flask import Flask

from config.database import db, engine_options
from tenants.trust import service


class Asked:
    """Such a process, seen from outside."""

    def __init__(self, url: str, a: uuid.UUID, b: uuid.UUID) -> None:
        words = [sys.executable, "-m", __name__, url, str(a), str(b)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words

    def ask(self) -> tuple[float, bool]:
        """When it was asked, and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        asked_at, allowed = json.loads(self._process.stdout.readline())
        return asked_at, allowed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def main() -> None:
    """Answer until the input ends."""
    url, a, b = sys.argv[1:]
    flask = Flask("asking")
    flask.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options())
    db.init_app(flask)
    with flask.app_context():
        for _ in sys.stdin:
            asked_at = time.monotonic()
            allowed = service.glance(uuid.UUID(a), uuid.UUID(b), "switch").allowed
            print(json.dumps([asked_at, allowed]), flush=True)  # noqa: T201 - it is what it is there for
        db.engine.dispose()


if __name__ == "__main__":
    main()
