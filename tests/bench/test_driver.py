"""The load driver against a real server: it counts right answers, and takes no other."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.driver import Load, drive
from bench.failures import BenchError
from bench.ours import ENDPOINTS
from bench.rounds import OPERATIONS, Rounds, offered
from bench.target import Target
from bench.visitors import Visitor, basic, read, write
from config.embedded.postgres import EmbeddedPostgres
from demo.serving import WebServer
from tests.bench.conftest import Populated

pytestmark = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is missing: apt-get install wrk")
CORE = min(os.sched_getaffinity(0))


@pytest.fixture
def target(populated: Populated, postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Target]:
    """A running server on the small population."""
    file = tmp_path / "visitors"
    write(file, populated.visitors)
    with WebServer(lambda _: populated.application, 0) as server:
        port = int(server.url.rpartition(":")[2])
        pid = os.getpid()
        yield Target("ours", port, "localhost", ENDPOINTS, file, len(populated.visitors), pid, postgres.pid, (pid,))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_driven_and_counted(target: Target, operation: str) -> None:
    assert operation in offered(target)
    reading = Rounds(1, 1.0, CORE).visit(target, operation, 1.0)
    assert reading.flows > 0
    assert 0 < reading.p50_ms <= reading.p99_ms
    assert reading.server_cpu_ms > 0


def test_a_flow_leaves_a_grant_that_was_redeemed(target: Target, populated: Populated) -> None:
    redeemed = "SELECT count(*) FROM grants WHERE code_used_at IS NOT NULL"
    before = populated.count(redeemed)
    reading = Rounds(1, 1.0, CORE).visit(target, "flow", 1.0, first=0)
    assert populated.count(redeemed) - before >= reading.flows, "what is counted has happened"


@pytest.mark.parametrize(
    "changed",
    [
        {"cookie": "trousseau_session=nobody"},
        {"basic": basic("agence-00000-extranet", "wrong")},
        {"redirect_uri": "https://rp.example.org/other"},
        {"prefix": "/t/nowhere"},
    ],
)
def test_one_wrong_answer_and_there_is_no_result(target: Target, tmp_path: Path, changed: dict[str, str]) -> None:
    wrong = tmp_path / "wrong"
    visitors: list[Visitor] = read(target.visitors)
    write(wrong, [*visitors[1:4], replace(visitors[0], **changed)])
    with pytest.raises(BenchError, match="were wrong"):
        drive(target, Load("flow", wrong, 0, 1.0, CORE, refreshes=True))
