"""A journey of each kind, so that every table that rows refer to has one."""

import pytest

from tests.journeys.steps import associate
from tests.workers.housekeeping.rows import References, real
from tests.world import World

REFERRED = (
    "syndics", "clients", "identities", "legacy_accounts", "links", "login_sessions", "associations",
)  # fmt: skip


@pytest.fixture
def references(world: World) -> References:
    """The keys of one owner's rows, who has just associated an account."""
    syndic = world.syndic()
    associate(world, syndic, syndic.accounts[0], f"proprietaire@{syndic.slug}.example")
    return real(REFERRED)
