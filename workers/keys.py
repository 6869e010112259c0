"""Lets syndics' signing keys follow one another: a bounded batch at each turn, since making RSA keys costs CPU."""

from config.database import transaction
from tenants.clients import keys, schedule
from workers.alone import KEYS, is_alone

ROTATED = 20
"""Syndics whose keys are followed in one turn: a few seconds of CPU, and 480 syndics a day."""
TIDIED = 200


def turn() -> int:
    """Make the next keys of syndics whose keys are past their age. Returns how many were made; twice makes no more."""
    with transaction():
        due = schedule.to_rotate(ROTATED)
    made = 0
    for syndic_id, algorithms in due:
        with transaction() as work:
            if not is_alone(work, KEYS):
                break
            made += sum(keys.rotate(syndic_id, alg).changed for alg in algorithms)
    return made


def tidy() -> int:
    """Erase what signs no more, and forget what serves no more. Returns how many keys changed."""
    with transaction():
        due = schedule.to_tidy(TIDIED)
    changed = 0
    for syndic_id in due:
        with transaction() as work:
            if not is_alone(work, KEYS):
                break
            changed += keys.tidy(syndic_id)
    return changed
