"""`make bench-oracle`: whether the time of an answer tells which names exist, page by page."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from math import isfinite
from statistics import median
from typing import Any

from bench import cores, database, machine, ours, results, tables
from bench.failures import BenchError
from bench.oracle import page
from bench.oracle.classifier import GOAL, Block, judged
from bench.oracle.people import NAME, House, house
from bench.oracle.stopwatch import Stopwatch
from bench.oracle.walks import PAGES
from config.embedded.errors import EmbeddedServerError
from config.settings import settings

WARM = 20
"""Names of each class that go first, so that every path of the server has been walked."""
UNHINDERED = {
    "TROUSSEAU_RESEND_S": "0",  # « Renvoyer le mail » at once, not after a minute
    "TROUSSEAU_MAILS_PER_SYNDIC": str(10**9),
}
"""All the names of a measurement are one syndic's, and each gets two mails."""


def main() -> int:
    """Measure, print, keep. Exit status 1 where it cannot be done, or where a name is told."""
    options = argparse.ArgumentParser(prog="python -m bench.oracle", description=__doc__)
    options.add_argument("--names", type=int, default=2_000, help="known ones, and as many unknown ones, each page")
    options.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything that was started is ended
    try:
        result = _measured(chosen.names, chosen.pages)
    except (BenchError, EmbeddedServerError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\n" + tables.plain(page.rows([result])))
    page.draw(results.every(page.RESULTS))
    return _verdict(result)


def _measured(names: int, pages: Sequence[str]) -> dict[str, Any]:
    where, told = cores.split(), {"machine": machine.described(), "names": names}
    found: dict[str, Any] = {}
    with database.servers(where) as (postgres, valkey):
        ours.adopt_settings(valkey)
        os.environ |= UNHINDERED
        settings.cache_clear()
        with house(postgres) as made, ours.running(postgres, NAME, where.servers) as port, cores.on(where.rest):
            stopwatch = Stopwatch(port, ours.HEADERS)
            for each in pages:
                of_page = _page(made, stopwatch, each, names)
                results.append(
                    {**told, "pages": of_page}, page.RESULTS
                )  # at once: what follows takes long, and may fail
                found |= of_page
    return {**told, "pages": found}


def _page(made: House, stopwatch: Stopwatch, name: str, names: int) -> dict[str, Any]:
    """Make the names of a page, and ask about all of them."""
    stopwatch.warm(PAGES[name](made, WARM))
    walks = PAGES[name](made, names)
    gc.collect()
    gc.disable()
    try:
        taken = stopwatch.blocks(walks)
    finally:
        gc.enable()
    found = {step: _told(blocks) for step, blocks in taken.items()}
    for step, each in found.items():
        print(f"{step}: AUC {each['auc']:.3f} [{each['low']:.3f}..{each['high']:.3f}]", flush=True)
    return found


def _told(blocks: Sequence[Block]) -> dict[str, Any]:
    judgement = judged(blocks)
    middles = {
        key: median(time for block in blocks for time in block[side])
        for side, key in enumerate(("known_ms", "unknown_ms"))
    }
    shown = {name: round(value, 4) for name, value in (vars(judgement) | middles).items() if isfinite(value)}
    return shown | {"tells": judgement.tells}


def _verdict(result: dict[str, Any]) -> int:
    over = [name for name, found in result["pages"].items() if found["tells"]]
    for name in over:
        print(f"{name}: the time of an answer tells known names from unknown ones (goal: AUC {GOAL} at most)")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
