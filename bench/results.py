"""The record of all measurements: one JSON line each, the newest last."""

import json
from pathlib import Path
from typing import Any

from bench.failures import BenchError
from bench.places import RESULTS


def append(result: dict[str, Any], file: Path = RESULTS) -> None:
    """Add a measurement."""
    with file.open("a", encoding="utf-8") as out:
        print(json.dumps(result, ensure_ascii=False), file=out)


def newest(file: Path = RESULTS) -> dict[str, Any]:
    """The measurement that was added last.

    Raises:
        BenchError: there is none yet.
    """
    return every(file)[-1]


def every(file: Path = RESULTS) -> list[dict[str, Any]]:
    """All measurements, the newest last.

    Raises:
        BenchError: there is none yet.
    """
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if not lines:
        raise BenchError(f"{file} holds no measurement yet: make bench")
    return [json.loads(line) for line in lines]
