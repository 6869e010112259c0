"""« Mes comptes » of an owner with very many accounts: its statements, and the CPU that it costs us."""

import time
from collections.abc import Callable
from typing import Any

from bench.asking import Direct, Request
from bench.failures import BenchError
from bench.figures import figure
from bench.trust.statements import counted

PATH = "/account/accounts"
WARM, ROUNDS = 5, 30


def measured(
    application: Callable[..., Any], headers: dict[str, str], cookie: str, accounts: int, rounds: int = ROUNDS
) -> dict[str, Any]:
    """`{"statements", "cpu_ms", "ms", "kib"}`: the most statements of any visit, the others as figures.

    Raises:
        BenchError: the page does not show all accounts.
    """
    direct = Direct(application, headers)
    wanted = Request("accounts", PATH, headers={"Cookie": cookie})
    for _ in range(WARM):
        body = direct.ask(wanted)
    if body.status != 200 or body.body.count(b"Appartement ") < accounts - 1:
        raise BenchError(f"« Mes comptes » does not show {accounts} accounts: {body.status} {body.body[:300]!r}")
    most, cpu, clocks = 0, [], []
    for _ in range(rounds):
        direct.reset()
        before = time.perf_counter()
        with counted() as sent:
            direct.ask(wanted)
        clocks.append((time.perf_counter() - before) * 1000)
        cpu.append(direct.mean_ms()["accounts"])
        most = max(most, len(sent))
    return {
        "statements": most,
        "cpu_ms": vars(figure(cpu)),
        "ms": vars(figure(clocks)),
        "kib": round(len(body.body) / 1024, 1),
    }
