"""What an operator and a holder do with second codes."""

from dataclasses import dataclass

from config.database import transaction
from tenants.legacy import second_codes, service
from tenants.syndics import service as syndics
from tests.world import Account, TestSyndic, World


@dataclass
class Issued:
    """A second code, as the operator knows it: its id, and the account under which it is typed."""

    public_id: str
    account: Account


def issue(world: World, syndic: TestSyndic, number: int = 0, holder: str = "", days: int | None = None) -> Issued:
    """Make a second code of an account."""
    first = syndic.accounts[number]
    with world.application.app_context(), transaction():
        account = service.find(syndics.get(syndic.slug).id, first.identifier)
        assert account is not None
        row, code = second_codes.issue(account, holder, days)
        return Issued(row.public_id, Account(first.identifier, code, holder, None))


def revoke(world: World, syndic: TestSyndic, issued: Issued) -> None:
    """Take it back."""
    with world.application.app_context(), transaction():
        second_codes.revoke(second_codes.by_public_id(syndics.get(syndic.slug).id, issued.public_id))


def state(world: World, syndic: TestSyndic, issued: Issued) -> str:
    """What has become of it."""
    with world.application.app_context(), transaction():
        return second_codes.by_public_id(syndics.get(syndic.slug).id, issued.public_id).state
