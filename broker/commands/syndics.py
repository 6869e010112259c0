"""Syndics."""

from typing import Any

import click

from broker.commands.legacy.sources import DIRECTORY, read_directory
from broker.terminal import FILE, application, show
from config.database import transaction
from config.settings import settings


@click.group()
def syndic() -> None:
    """Syndics."""


@syndic.command("add")
@click.option("--slug", required=True, help="Part of its issuer's address.")
@click.option("--name", required=True, help="As owners know it.")
@click.option("--legal-name", required=True)
@click.option("--siren", required=True)
@click.option("--colour", default="#1f4e79", show_default=True)
@click.option("--logo", type=FILE, help="PNG, JPEG or WebP.")
@click.option("--contact-phone", default="")
@click.option("--contact-email", default="")
@click.option("--contact-hours", default="")
@click.option("--locale", default="fr", show_default=True)
@click.option("--association", "association_policy", default="optional", show_default=True)
@click.option("--deadline", "association_deadline", help="ISO 8601; with --association required.")
@click.option("--legacy-disable", default="after_confirmation", show_default=True)
@click.option("--session-idle", "session_idle_s", type=int, help="Seconds a kept session may idle (30 days at most).")
@click.option("--session-longest", "session_longest_s", type=int, help="Seconds it lasts in all (180 days at most).")
@click.option("--tombstone-days", type=int, help="So long a retired code is known again (1095; from 30 to 3650).")
@click.option("--connector", default="imported", show_default=True, help="imported, http or ldap.")
@click.option("--connector-url", help="Base address of the legacy source (http, ldap).")
@DIRECTORY
def syndic_add(**options: Any) -> None:
    """Register a syndic and its legacy source. Prints its slug and issuer as JSON."""
    from tenants.onboarding.registration import onboard

    logo, kind, url = options.pop("logo"), options.pop("connector"), options.pop("connector_url")
    directory = read_directory(options.pop("directory"))
    contact = {name: options.pop(f"contact_{name}") for name in ("phone", "email", "hours")}
    given = {name: value for name, value in options.items() if value is not None}
    with application(), transaction():
        slug = onboard({**given, "contact": contact}, logo, kind, url, directory).slug
    show({"slug": slug, "issuer": f"{settings().base_url}/t/{slug}"})


@syndic.command("show")
@click.argument("slug")
def syndicshow(slug: str) -> None:
    """Show a syndic as JSON."""
    from tenants.clients.keys import described
    from tenants.clients.registry import registered
    from tenants.legacy.connectors import source
    from tenants.syndics import service as syndics

    with application(), transaction():
        row = syndics.get(slug)
        picture = registered(slug)
        show(
            {
                "slug": row.slug,
                "name": row.name,
                "legal_name": row.legal_name,
                "siren": row.siren,
                "status": row.status,
                "issuer": f"{settings().base_url}/t/{row.slug}",
                "policy": {
                    "association": row.association_policy,
                    "deadline": row.association_deadline and row.association_deadline.isoformat(),
                    "legacy_disable": row.legacy_disable,
                },
                "connector": source.described(row.id),
                "clients": sorted(picture.clients) if picture else [],
                "keys": described(row.id),
            }
        )
