"""`trousseau`: the operators' command line. Commands translate, services decide, and each commits once."""

import json
import sys
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from broker.embedded import addresses
from broker.models import metadata
from broker.terminal import application, progress, scratch
from config.database import transaction
from config.embedded.errors import EmbeddedServerError
from config.errors import Refusal
from config.settings import SettingsError, settings

ALGORITHMS = click.Choice(["RS256", "ES256"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def cli() -> None:
    """Trousseau: one e-mail and one password open every property manager's extranet."""


def main() -> None:
    """Run a command; whatever is refused is one clear line and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Refusal as error:
        _fail(error.private or error.public)
    except (SettingsError, EmbeddedServerError) as error:
        _fail(str(error))
    except (OperationalError, PermissionError) as error:
        _fail(f"the database does not serve: {str(getattr(error, 'orig', error)).splitlines()[0]}")
    except ProgrammingError as error:
        _fail(f"the database's schema is not current (trousseau db upgrade): {str(error.orig).splitlines()[0]}")


@cli.group("db")
def database() -> None:
    """The schema."""


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the newest revision, and publish the terms that ship with it."""
    from config import schema  # Alembic: every other command does without its second

    where = addresses(settings())
    if where.owner is None:
        raise SettingsError("TROUSSEAU_MIGRATION_DATABASE_URL is needed beside TROUSSEAU_DATABASE_URL")
    schema.upgrade(where.owner, where.application, metadata)
    with application(where), transaction():
        from tenants.terms import service as terms

        terms.publish_shipped()
    click.echo("The schema is at its newest revision.")


@database.command("check")
def db_check() -> None:
    """Fail where the models say something that no revision does (on a database of its own, made and removed)."""
    from config import schema  # Alembic: every other command does without its second

    with scratch() as owner_and_application:
        owner, application = owner_and_application
        schema.upgrade(owner, application, metadata)
        missing = schema.differences(owner, metadata)
    if missing:
        raise click.ClickException("the models have no revision for: " + "; ".join(map(str, missing)))
    click.echo("The migrations match the models.")


@database.command("revise")
@click.argument("message")
def db_revise(message: str) -> None:
    """Write a new revision from what the models say (for developers)."""
    from config import schema  # Alembic: every other command does without its second

    with scratch() as owner_and_application:
        owner, application = owner_and_application
        schema.upgrade(owner, application, metadata)
        schema.revise(owner, metadata, message)


@cli.group()
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
@click.option("--connector", default="imported", show_default=True, help="imported or http.")
@click.option("--connector-url", help="Base address of the legacy source (http).")
def syndic_add(**options: Any) -> None:
    """Register a syndic and its legacy source. Prints its slug and issuer as JSON."""
    from tenants.onboarding.registration import onboard

    logo, kind, url = options.pop("logo"), options.pop("connector"), options.pop("connector_url")
    contact = {name: options.pop(f"contact_{name}") for name in ("phone", "email", "hours")}
    with application(), transaction():
        slug = onboard({**options, "contact": contact}, logo, kind, url).slug
    _show({"slug": slug, "issuer": f"{settings().base_url}/t/{slug}"})


@syndic.command("show")
@click.argument("slug")
def syndic_show(slug: str) -> None:
    """Show a syndic as JSON."""
    from tenants.clients.registry import registered
    from tenants.legacy.connectors import source
    from tenants.syndics import service as syndics

    with application(), transaction():
        row = syndics.get(slug)
        picture = registered(slug)
        _show(
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
                "keys": [{"kid": key.kid, "alg": key.alg, "state": key.state} for key in picture.keys]
                if picture
                else [],
            }
        )


@cli.group()
def client() -> None:
    """Relying parties."""


@client.command("add")
@click.option("--syndic", "slug", required=True)
@click.option("--name", "client_name", required=True)
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True)
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--initiate-login-uri")
@click.option("--backchannel-logout-uri")
@click.option("--auth-method", "token_endpoint_auth_method", default="client_secret_basic", show_default=True)
@click.option("--id-token-alg", "id_token_signed_response_alg", default="RS256", show_default=True)
def client_add(slug: str, **options: Any) -> None:
    """Register a relying party. Prints its client_id and client_secret as JSON: the secret is shown this once."""
    from tenants.clients import service as clients
    from tenants.syndics import service as syndics

    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    with application(), transaction():
        made, secret = clients.add_client(syndics.get(slug), lists)
        _show({"client_id": made.client_id, "client_secret": secret})


@cli.group()
def keys() -> None:
    """Signing keys."""


@keys.command("add")
@click.option("--syndic", "slug", required=True)
@click.option("--alg", "algorithms", type=ALGORITHMS, multiple=True, default=("RS256", "ES256"), show_default=True)
def keys_add(slug: str, algorithms: tuple[str, ...]) -> None:
    """Make a syndic's signing keys."""
    from tenants.clients import service as clients
    from tenants.syndics import service as syndics

    with application(), transaction():
        owner = syndics.get(slug)
        _show([{"kid": clients.add_key(owner, alg).kid, "alg": alg} for alg in algorithms])


@cli.group()
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


@cli.group()
def trust() -> None:
    """Which syndic trusts which."""


@trust.command("load")
@click.argument("file", type=FILE)
def trust_load(file: Path) -> None:
    """Load circles, agreements and denials from a TOML file; twice changes nothing."""
    from tenants.trust.loading import load

    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not TOML: {error}") from error
    with application(), transaction():
        click.echo(str(load(content)))


@trust.command("explain")
@click.argument("one")
@click.argument("other")
def trust_explain(one: str, other: str) -> None:
    """Show what ONE and OTHER grant each other now, and why."""
    from tenants.syndics import service as syndics
    from tenants.trust import service as registry

    with application(), transaction():
        for row in registry.explain(syndics.get(one).id, syndics.get(other).id, datetime.now(UTC)):
            click.echo(str(row))


@cli.group()
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


def _show(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _fail(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)
