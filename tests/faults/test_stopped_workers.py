"""Workers stopped (SIGSTOP) beyond every timeout, and resumed: others took over meanwhile, by the same keys."""

from config import clock
from config.database import session, transaction
from tenants.legacy import lifecycle
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.faults.deployment import Deployment
from tests.faults.lengths import EFFECTS, REALLY_WAITS
from tests.faults.trial import trial
from tests.world import Account, TestSyndic

ENTRIES = """
SELECT count(*) AS entries, count(DISTINCT body->>'account') AS accounts FROM ledger
WHERE kind = 'legacy.disabled' AND chain = (SELECT id FROM syndics WHERE slug = %s)
"""
VISIBLE_S = 5 if not REALLY_WAITS else 10
"""Beyond the visibility timeout, the queue gives the stopped worker's messages to another one."""
TURNS = 2


def test_effects_of_stopped_and_resumed_workers_take_place_exactly_once(deployment: Deployment) -> None:
    source = deployment.extranet
    with trial(deployment, "workers stopped (SIGSTOP) and resumed") as load:
        bulk = deployment.syndic(EFFECTS, remote=True)
        people = [source.people[account.identifier] for account in bulk.accounts]
        asked = source.effects("disable")
        for turn in range(TURNS):
            _stop_a_caller(deployment, bulk, bulk.accounts[turn::TURNS])
        deployment.until("all effects have taken place", lambda: all(each.disabled for each in people), 180)
    assert [each.disablements for each in people] == [1] * EFFECTS, "each old code dies exactly once"
    assert source.effects("disable") - asked >= EFFECTS
    with deployment.database() as sql:
        told = sql.execute(ENTRIES, (bulk.slug,)).fetchone()
    assert told == {"entries": EFFECTS, "accounts": EFFECTS}, "each effect is told once in the ledger"
    assert load.history.outages.longest_s == 0, "no owner feels it"


def _stop_a_caller(deployment: Deployment, bulk: TestSyndic, accounts: list[Account]) -> None:
    """Stop the worker that has a call under way, until another one has made the same call; then let it go on."""
    source = deployment.extranet
    repeated = source.repeated("disable")
    held = source.hold_next([account.identifier for account in accounts[5:]])
    _ask_to_disable(deployment, bulk, accounts)
    deployment.until("a worker calls", lambda: held.port > 0)
    name = deployment.caller(held.port)
    deployment.freeze(name)
    held.let_go.set()
    deployment.outlive_leases()
    deployment.stay(VISIBLE_S)
    deployment.until("another worker makes the call again", lambda: source.repeated("disable") > repeated)
    deployment.thaw(name)


def _ask_to_disable(deployment: Deployment, bulk: TestSyndic, accounts: list[Account]) -> None:
    """As the confirmations of so many owners would, all at once."""
    with deployment.application.app_context(), transaction() as work:
        syndic = syndics.get(bulk.slug)
        for account in accounts:
            row = LegacyAccount(
                syndic_id=syndic.id,
                identifier=account.identifier,
                holder=account.holder,
                label="",
                state="pending",
                epoch=0,
                imported_at=clock.now(),
            )
            work.add(row)
            session().flush()
            lifecycle.confirm(row, disable=True)
