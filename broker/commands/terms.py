"""General terms."""

from pathlib import Path

import click

from broker.terminal import FILE, application, show
from config.database import transaction


@click.group()
def terms() -> None:
    """General terms."""


@terms.command("publish")
@click.option("--version", required=True, help="A name that no text of this language bears yet.")
@click.option("--locale", required=True, type=click.Choice(("fr", "en")), help="The French text comes first.")
@click.option("--syndic", "slug", help="A syndic's own terms; without it, the platform's.")
@click.option("--material", is_flag=True, help="Everybody whom it binds is asked to accept it at the next sign-in.")
@click.argument("file", type=FILE)
def terms_publish(version: str, locale: str, slug: str | None, *, material: bool, file: Path) -> None:
    """Publish FILE (restricted Markdown, UTF-8) as terms. A published text never changes; the same again is nothing."""
    from tenants.syndics import service as syndics
    from tenants.terms import service

    try:
        text = file.read_text(encoding="utf-8")
    except ValueError as error:
        raise click.ClickException(f"{file} is not UTF-8: {error}") from error
    with application(), transaction():
        owner = syndics.get(slug).id if slug else None
        made = service.publish(version, locale, text, owner, material=material)
        show({"version": made.version, "locale": made.locale, "sha256": made.sha256, "material": made.material})


@terms.command("list")
def terms_list() -> None:
    """Show every published text as JSON, without the texts themselves; `syndic` null: the platform's."""
    from tenants.syndics import service as syndics
    from tenants.terms import service

    with application(), transaction():
        slugs = syndics.slugs()
        show(
            [
                {
                    "syndic": slugs[text.syndic_id] if text.syndic_id else None,
                    "version": text.version,
                    "locale": text.locale,
                    "material": text.material,
                    "published_at": text.published_at.isoformat(),
                    "sha256": text.sha256,
                }
                for text in service.published()
            ]
        )
