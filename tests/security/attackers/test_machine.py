"""Two attackers and a victim, at random: whatever they do, and in whatever order, the promises hold.

`make test` takes 500 steps, the same at every run; `make soak` takes 10,000 others (ATTACK_STEPS), from a seed that
it prints (ATTACK_SEED repeats it).
"""

import os
import random
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.security.attackers.machine import Attack
from tests.world import World

IN_AN_EXAMPLE, EXAMPLES = 50, 2
SOAK = "ATTACK_STEPS" in os.environ
STEPS = int(os.environ.get("ATTACK_STEPS", "500"))
FIRST = int(os.environ.get("ATTACK_SEED", random.SystemRandom().randrange(10**6) if SOAK else 1))
HAPPENS = {
    "mail promised", "confirmed by link", "confirmed by code", "link refused", "password reset", "signed in by e-mail",
    "logged out", "redeemed", "token refused", "code refused", "address corrected",
}  # fmt: skip


def attack(world: World, steps: int, *, shrink: bool = False) -> Counter[str]:
    """Play at least that many steps. Returns how often what happened; raises what a promise was broken by."""
    met: Counter[str] = Counter()
    number = FIRST
    while met["steps"] < steps or (met["steps"] < 3 * steps and not met.keys() >= HAPPENS):
        machine = type("Attack", (Attack,), {"world": world, "met": met})
        options = settings(
            max_examples=EXAMPLES,
            stateful_step_count=IN_AN_EXAMPLE,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(seed(number)(machine), settings=options)
        number += 1
    return met


def test_two_attackers_and_a_victim_at_random(world: World) -> None:
    print(f"ATTACK_SEED={FIRST}")  # noqa: T201 - repeats a soak
    met = attack(world, STEPS, shrink=SOAK)
    print(met)  # noqa: T201 - what was played
    assert met.keys() >= HAPPENS, f"nothing was found, but nothing was tried either: no {HAPPENS - met.keys()}"
