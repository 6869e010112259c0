"""Legacy accounts."""

from pathlib import Path

import click

from broker.terminal import FILE, application, progress
from config.database import transaction


@click.group()
def legacy() -> None:
    """Legacy accounts."""


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
