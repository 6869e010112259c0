"""The second codes of accounts that several persons hold."""

import click

from broker.terminal import application, show
from config.database import transaction

NOT_AT_THE_SOURCE = (
    "The broker verifies this code itself, at its own login page: "
    "the syndic's own service neither knows it nor needs to."
)


@click.command("second-code")
@click.argument("slug")
@click.argument("identifier")
@click.option("--for", "holder", default="", help="Whom it is for, as the letter names them: « Mme Jeanne Dupont ».")
@click.option("--days", type=click.IntRange(1, 366), help="How long it may be used. [default: 90, by the settings]")
def second_code(slug: str, identifier: str, holder: str, days: int | None) -> None:
    """Make a further printed code of an account, for one more of its holders. Shown once, as JSON."""
    from tenants.legacy import second_codes, service
    from tenants.legacy.connectors import source
    from tenants.syndics import service as syndics

    with application(), transaction():
        syndic = syndics.get(slug)
        account = service.find(syndic.id, identifier)
        if account is None:
            message = f"{slug} has no account {identifier} that is known here"
            raise click.ClickException(f"{message}: import it, or let it sign in once where its source is remote")
        row, code = second_codes.issue(account, holder, days)
        remote = (source.described(syndic.id) or {}).get("kind") != "imported"
        made = {
            "id": row.public_id,
            "identifier": account.identifier,
            "code": code,
            "for": row.holder or None,
            "expires_at": row.expires_at.isoformat(),
            "note": NOT_AT_THE_SOURCE if remote else None,
        }
    show(made)


@click.command("second-codes")
@click.argument("slug")
@click.argument("identifier", required=False)
def second_codes_listed(slug: str, identifier: str | None) -> None:
    """List a syndic's second codes, or one account's, as JSON; never the codes themselves."""
    from tenants.legacy import second_codes, service
    from tenants.syndics import service as syndics

    with application(), transaction():
        only = service.canonical_identifier(identifier) if identifier else None
        show(
            [
                {
                    "id": row.public_id,
                    "identifier": of,
                    "for": row.holder or None,
                    "state": row.state if row.state != "active" or second_codes.is_living(row) else "expired",
                    "created_at": row.created_at.isoformat(),
                    "expires_at": row.expires_at.isoformat(),
                    "ended_at": row.ended_at and row.ended_at.isoformat(),
                }
                for row, of in second_codes.listed(syndics.get(slug).id, only)
            ]
        )


@click.command("revoke-second-code")
@click.argument("slug")
@click.argument("code_id")
def revoke_second_code(slug: str, code_id: str) -> None:
    """End a second code: it opens nothing any more, and whoever is signed in by it is signed out."""
    import broker.sessions.ending  # noqa: F401 - it listens to codes: their end is their sign-ins' end
    from tenants.legacy import second_codes
    from tenants.syndics import service as syndics

    with application(), transaction():
        code = second_codes.by_public_id(syndics.get(slug).id, code_id)
        second_codes.revoke(code)
        show({"id": code.public_id, "state": code.state})


COMMANDS = (second_code, second_codes_listed, revoke_second_code)
