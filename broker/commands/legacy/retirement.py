"""The end of accounts and of their secrets, as far as operators take part in it."""

from typing import TYPE_CHECKING

import click

from broker.terminal import application, show
from config.database import transaction

if TYPE_CHECKING:
    from tenants.legacy.models import LegacyAccount


@click.command("close")
@click.argument("slug")
@click.argument("identifier")
@click.option(
    "--because",
    type=click.Choice(["sale", "death", "reused"]),
    required=True,
    help="reused: its number is another's now.",
)
@click.confirmation_option(prompt="Nobody will open this account any more, for good. Close it?")
def close(slug: str, identifier: str, because: str) -> None:
    """Close an account: sold, its owner dead, or its number given to somebody else. Who held it is told."""
    import broker.sessions.ending  # noqa: F401 - it listens to accounts: their end is their sign-ins' end
    from broker.association import closing

    with application(), transaction():
        account = _found(slug, identifier)
        ended = closing.close(account, because)
        show({"identifier": account.identifier, "state": account.state, "because": because, "links_ended": ended})


@click.command("returned")
@click.argument("slug", required=False)
def returned(slug: str | None) -> None:
    """List accounts that their source let in again after it had disabled them, as JSON, the newest first."""
    from tenants.legacy import returns

    with application(), transaction():
        rows = [{**vars(each), "returned_at": each.returned_at.isoformat()} for each in returns.listed(slug)]
    show(rows)


@click.command("disable-again")
@click.argument("slug")
@click.argument("identifier")
def disable_again(slug: str, identifier: str) -> None:
    """Disable an account again that came back too often, once its syndic knows why it did."""
    from tenants.legacy import returns

    with application(), transaction():
        account = _found(slug, identifier)
        returns.fight_on(account)
        show({"identifier": account.identifier, "state": account.state})


@click.command("reissued")
@click.argument("slug")
@click.argument("identifier")
@click.confirmation_option(
    prompt="Has the syndic itself made a new secret for this account, other than the former one?"
)
def reissued(slug: str, identifier: str) -> None:
    """Say that a syndic has made an account's new secret by hand, where its source cannot be asked to."""
    import broker.sessions.ending  # noqa: F401 - as above
    from tenants.legacy import lifecycle

    with application(), transaction():
        account = _found(slug, identifier)
        lifecycle.record_reissued_by_hand(account)
        show({"identifier": account.identifier, "state": account.state})


def _found(slug: str, identifier: str) -> "LegacyAccount":
    from tenants.legacy import service
    from tenants.syndics import service as syndics

    account = service.find(syndics.get(slug).id, identifier)
    if account is None:
        raise click.ClickException(f"{slug} has no living account {identifier} that is known here")
    return account


COMMANDS = (close, returned, disable_again, reissued)
