"""`make bench`: our broker and the reference provider side by side, two sizes of ours, and where the time goes."""

import argparse
import signal
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench import breakdown, cores, database, machine, needs, ours, page, reference, results, scale, tables
from bench.failures import BenchError
from bench.population.filling import Size
from bench.rounds import OPERATIONS, Rounds, offered, told
from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import EmbeddedPostgres

SIZE = Size(syndics=4, identities=1_000, sessions=1_000)
SIGNED_IN_AT_REFERENCE = 64


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    rounds: int
    seconds: float
    operations: tuple[str, ...]
    syndics: int
    identities: int
    flows: int


def main() -> int:
    """Measure, print, keep. Exit status 1 where it cannot be done."""
    plan = _plan()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything that was started is ended
    try:
        result = _measured(plan)
    except (BenchError, EmbeddedServerError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    for rows in (tables.figures(result), tables.ratios(result)):
        print("\n" + tables.plain(rows))
    if "scale" in result:
        print("\n" + tables.plain(tables.scale(result["scale"])))
    results.append(result)
    page.draw(result)
    return 0


def _plan() -> Plan:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5, help="visits to each server")
    options.add_argument("--seconds", type=float, default=6.0, help="length of a visit")
    options.add_argument("--operations", nargs="+", choices=OPERATIONS, default=OPERATIONS)
    options.add_argument("--syndics", type=int, default=5_000, help="of the large database; 0 leaves it out")
    options.add_argument("--identities", type=int, default=1_000_000, help="of the large database")
    options.add_argument("--flows", type=int, default=3_000, help="of the breakdown; 0 leaves it out")
    chosen = options.parse_args()
    return Plan(**{**vars(chosen), "operations": tuple(chosen.operations)})


def _measured(plan: Plan) -> dict[str, Any]:
    needs.check("wrk", "node", "npm")
    needs.install_reference()
    where = cores.split()
    rounds = Rounds(plan.rounds, plan.seconds, where.rest)
    result: dict[str, Any] = {
        "machine": machine.described(),
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "apart": where.apart,
    }
    with database.servers(where) as (postgres, valkey):
        ours.adopt_settings(valkey)
        result["operations"] = _compared(postgres, rounds, where, plan.operations)
        if plan.flows:
            with cores.on(where.servers):
                result["breakdown"] = breakdown.measured(postgres, plan.flows)
            breakdown.report(result["breakdown"], functions=0)
        if plan.syndics:
            result["scale"] = scale.measured(postgres, rounds, where, plan.syndics, plan.identities)
    return result


def _compared(
    postgres: EmbeddedPostgres, rounds: Rounds, where: cores.Cores, operations: tuple[str, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ours.populated(postgres, "small", SIZE)
    with ExitStack() as stack:
        theirs = stack.enter_context(reference.serving(postgres, SIGNED_IN_AT_REFERENCE, where.servers))
        mine = stack.enter_context(ours.serving(postgres, "small", SIZE, where.servers))
        possible = offered(theirs) & offered(mine)
        for operation in operations:
            if operation not in possible:
                print(f"{operation}: left out, because one of the two does not offer it")
                continue
            found[operation] = told(rounds.pairs(operation, theirs, mine))
            ratio = found[operation]["ratio"]["server_cpu"]
            print(f"{operation}: reference / ours, CPU of the server: {ratio['median']:.2f}", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
