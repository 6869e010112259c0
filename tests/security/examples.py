"""How far the hostile tests look.

`HOSTILE_EXAMPLES=30` looks thirty times as far as a run in CI does.
"""

import os

from hypothesis import HealthCheck, settings

FURTHER = int(os.environ.get("HOSTILE_EXAMPLES", "1"))


def examples(count: int) -> settings:
    """Settings of a property: what an example costs says nothing on a shared machine."""
    return settings(max_examples=count * FURTHER, deadline=None, suppress_health_check=list(HealthCheck))
