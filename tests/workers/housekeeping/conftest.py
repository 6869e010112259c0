"""One journey, so that every table that rows refer to has one."""

import pytest
from sqlalchemy import select

from broker.identities.models import Identity, Link
from config.database import session
from tests.journeys.steps import associate
from tests.workers.housekeeping.rows import References, of_link
from tests.world import World


@pytest.fixture
def references(world: World) -> References:
    """The keys of one owner's rows, who has just associated an account."""
    syndic = world.syndic()
    email = f"proprietaire@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    theirs = select(Link).join(Identity, Identity.id == Link.identity_id).where(Identity.email == email)
    return of_link(session().scalars(theirs).one())
