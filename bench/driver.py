"""One reading: wrk drives one operation of one server for some seconds, and we look at what that cost."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import cores
from bench.failures import BenchError
from bench.flow import SCOPE
from bench.places import DRIVER
from bench.running import HOST
from bench.target import Target

CONNECTIONS = 4


@dataclass(frozen=True)
class Load:
    """What to drive: an operation of `driver.lua`, with the visitors of a file from the `first` on."""

    operation: str
    visitors: Path
    first: int
    seconds: float
    core: int
    refreshes: bool


@dataclass(frozen=True)
class Reading:
    """What one visit of the driver showed. A flow is one passage of the operation."""

    flows: int
    per_s: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float
    busy: float
    """The share of its core that the server used."""
    memory_mib: float


def drive(target: Target, load: Load) -> Reading:
    """Let the driver visit a server.

    Raises:
        BenchError: an answer was not what it should have been: a faster wrong answer is no result.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".plan", encoding="utf-8") as plan:
        plan.write(_plan(target, load))
        plan.flush()
        server, database = target.cpu_ms()
        flows, duration_s, p50, p99 = _wrk(target, load, plan.name)
        server_after, database_after = target.cpu_ms()
    spent = server_after - server
    return Reading(
        flows=flows,
        per_s=flows / duration_s,
        p50_ms=p50,
        p99_ms=p99,
        server_cpu_ms=spent / flows,
        database_cpu_ms=(database_after - database) / flows,
        busy=spent / (duration_s * 1000),
        memory_mib=target.resident_mib(),
    )


def _plan(target: Target, load: Load) -> str:
    values = {
        **vars(target.endpoints),
        "operation": load.operation,
        "host": target.host,
        "scope": SCOPE,
        "visitors": load.visitors,
        "connections": CONNECTIONS,
        "refreshes": int(load.refreshes),
        "first": load.first,
    }
    return "".join(f"{name}\t{value}\n" for name, value in values.items())


def _wrk(target: Target, load: Load, plan: str) -> tuple[int, float, float, float]:
    """Flows, seconds, p50 and p99 in ms."""
    sizes = ["-t", str(CONNECTIONS), "-c", str(CONNECTIONS), "-d", f"{load.seconds:g}s", "--timeout", "20s"]
    words = ["wrk", *sizes, "-s", str(DRIVER), f"http://{HOST}:{target.port}", "--", plan]
    with cores.on(load.core):
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    line = next((text for text in done.stdout.splitlines() if text.startswith("BENCH\t")), None)
    if line is None:
        raise BenchError(f"wrk gave no result for {load.operation}:\n{done.stdout[-800:]}{done.stderr[-800:]}")
    _, flows, failures, duration_s, p50, p99, failure = line.split("\t")
    if int(failures) or not int(flows):
        raise BenchError(f"{target.name}: {failures} answers to {load.operation} were wrong; the first: {failure}")
    return int(flows), float(duration_s), float(p50), float(p99)
