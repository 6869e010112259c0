"""Whether a flow costs more among 5,000 syndics and a million identities than among 4 and 1,000."""

import time
from contextlib import ExitStack
from typing import Any

from bench import cores, ours
from bench.population.filling import Size
from bench.rounds import Rounds, told
from config.embedded.postgres import EmbeddedPostgres

SMALL = Size(syndics=4, identities=1_000, sessions=1_000)
VISITORS = 20_000
WARM_AT_A_TIME_S = 5.0


def measured(
    postgres: EmbeddedPostgres, rounds: Rounds, where: cores.Cores, syndics: int, identities: int
) -> dict[str, Any]:
    """`{"small", "large", "fill_s", "flow": …}`: in `flow`, theirs is the small one, and a ratio under 1 is growth.

    Before it is measured, each server has been visited at every syndic: what a process keeps of a syndic, it keeps
    for days.
    """
    large = Size(syndics, identities, min(identities, VISITORS))
    ours.populated(postgres, "few", SMALL)
    began = time.monotonic()
    ours.populated(postgres, "many", large)
    fill_s = time.monotonic() - began
    with ExitStack() as stack:
        few = stack.enter_context(ours.serving(postgres, "few", SMALL, where.servers))
        many = stack.enter_context(ours.serving(postgres, "many", large, where.servers))
        _acquaint(rounds, many, syndics)
        pairs = rounds.pairs("flow", few, many)
    return {"small": vars(SMALL), "large": vars(large), "fill_s": round(fill_s, 1), "flow": told(pairs)}


def _acquaint(rounds: Rounds, target: Any, syndics: int) -> None:
    """Visit until every syndic has been met: neighbours in the file of visitors are of different syndics."""
    met = 0
    while met < syndics:
        met += rounds.visit(target, "flow", WARM_AT_A_TIME_S, first=met).flows
