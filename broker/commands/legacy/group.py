"""Legacy accounts: the group, and the import of an export."""

from pathlib import Path

import click

from broker.commands.legacy import retirement, second_codes, sources
from broker.terminal import FILE, application, progress
from config.database import transaction


@click.group()
def legacy() -> None:
    """Legacy accounts.

    Where their secrets are verified, how they are retired, and what to do when one comes back: docs/legacy.md.
    """


for command in (*second_codes.COMMANDS, *sources.COMMANDS, *retirement.COMMANDS):
    legacy.add_command(command)


@legacy.command("import")
@click.option("--syndic", "slug", required=True)
@click.argument("file", type=FILE)
def legacy_import(slug: str, file: Path) -> None:
    """Import a syndic's export of accounts. Bad lines are reported and the good ones kept; twice changes nothing."""
    from tenants.onboarding.service import import_export
    from tenants.syndics import service as syndics

    with application(), transaction(), progress(f"{slug}: {file.name}") as advance:
        report = import_export(syndics.get(slug), file, advance)
    click.echo(report.summary())
