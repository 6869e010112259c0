"""How long a fault lasts: short in `make test`, long in `make faults`, decided by two settings."""

import os

SECONDS = float(os.environ.get("FAULT_SECONDS", "4"))
SEED = int(os.environ.get("FAULT_SEED", "20261122"))
REALLY_WAITS = SECONDS >= 30
"""In the long form nothing moves the clock: leases and timeouts are waited for."""
EVERY_S = 4.0 if REALLY_WAITS else 1.2
"""How often something is struck."""
OWNERS = 8 if REALLY_WAITS else 4
"""At the same time."""
EFFECTS = 1000 if REALLY_WAITS else 60
