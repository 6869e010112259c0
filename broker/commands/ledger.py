"""The evidence ledger."""

import uuid

import click

from broker.terminal import application
from config.database import transaction


@click.group()
def ledger() -> None:
    """The evidence ledger."""


@ledger.command("verify")
@click.option("--syndic", "slug", help="One syndic's chain only.")
def ledger_verify(slug: str | None) -> None:
    """Recompute every chain; name each entry that was changed, removed, added or moved, and exit 1 then."""
    from tenants.audit import service as audit
    from tenants.syndics import service as syndics

    with application(), transaction():
        chain: uuid.UUID | None = syndics.get(slug).id if slug else None
        faults = list(audit.verify(chain))
        heads = list(audit.heads())
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        raise click.ClickException(f"{len(faults)} faults in the ledger")
    click.echo(f"The ledger is whole: {len(heads)} chains, {sum(head.sequence for head in heads)} entries.")
