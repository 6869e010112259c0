"""All journeys that are walked. A new one is a function under `@journey`, in one of these files."""

from tests.journeys.effort import associating, signing_in
from tests.journeys.effort.steps import WALKS

__all__ = ["WALKS", "associating", "signing_in"]
