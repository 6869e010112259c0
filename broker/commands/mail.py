"""What became of mails, what came back, and the addresses that are spared."""

import sys
from typing import TYPE_CHECKING, Any

import click

from broker.terminal import application, show
from config.database import transaction

if TYPE_CHECKING:
    from broker.identities.emails import Address
    from config.mail.models import Mail

STATES = ("queued", "accepted", "deferred", "refused", "bounced", "lapsed")
TRY_AGAIN = 75
"""sysexits.h, EX_TEMPFAIL: the mail server keeps the notice, and hands it over again later."""


@click.group()
def mail() -> None:
    """Mails: what became of them, what came back, which addresses are spared."""


@mail.command("list")
@click.option("--state", type=click.Choice(STATES))
@click.option("--to", "typed", metavar="ADDRESS", help="Mails to this address only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
def mail_list(state: str | None, typed: str | None, limit: int) -> None:
    """Show the newest mails as JSON: kind, state, the server's reply. No texts: they are not kept."""
    from config.mail import service

    recipient = _address(typed).canonical if typed else None
    with application(), transaction():
        show([_line(row) for row in service.newest(state, recipient, limit)])


@mail.command("bounce")
@click.option("--to", "came_to", default="", envvar="ORIGINAL_RECIPIENT", help="The envelope's recipient.")
def mail_bounce(came_to: str) -> None:
    """Read one message on standard input, as it came to the return path, and count it if it tells of a bounce.

    Always ends well, whatever the message is, so that no server answers a notice; with 75 where it must come again.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from broker.bounces import notices, service
    from config import logging
    from config.errors import Refusal

    logging.configure()  # to standard error: a mail server may send back what a command says on the other one
    raw = sys.stdin.buffer.read(notices.LARGEST + 1)
    try:
        service.refuse_if_off()
        with application(), transaction():
            counted = service.take(raw, came_to)
    except (SQLAlchemyError, Refusal) as error:
        click.echo(f"Not counted yet: {getattr(error, 'private', '') or type(error).__name__}", err=True)
        sys.exit(TRY_AGAIN)
    click.echo("Counted." if counted else "Nothing that counts.")


@mail.command("suppressed")
@click.option("--to", "typed", metavar="ADDRESS", help="What stands about this address only.")
def mail_suppressed(typed: str | None) -> None:
    """Show the addresses to which nothing is tried now, as JSON. They are kept keyed: `name` tells them apart."""
    from config import clock
    from config.mail import suppression

    with application(), transaction():
        if typed:
            found = suppression.of_address(_address(typed).canonical)
            rows = [found] if found else []
        else:
            rows = suppression.living(clock.now())
        show(
            [
                {
                    "name": row.name.hex()[:16],
                    "reason": row.reason,
                    "since": row.since.isoformat(),
                    "until": row.until.isoformat(),
                }
                for row in rows
            ]
        )


@mail.command("allow")
@click.argument("address")
def mail_allow(address: str) -> None:
    """Send to ADDRESS again at once: its mailbox is known to take mail now. The act is in the ledger."""
    from config.mail import suppression
    from tenants.audit import service as audit
    from tenants.audit.models import PLATFORM

    canonical = _address(address).canonical
    with application(), transaction():
        lifted = suppression.lift(canonical)
        if lifted:
            audit.append(PLATFORM, "mail.allowed", {}, {"email": canonical})
    click.echo("Mails go out to it again." if lifted else "Nothing kept mails from it. Nothing was changed.")


def _address(typed: str) -> "Address":
    from broker.identities import emails

    found = emails.parsed(typed)
    if found is None:
        raise click.ClickException(f"{typed} is no e-mail address")
    return found


def _line(row: "Mail") -> dict[str, Any]:
    from broker.identities.emails import masked
    from config.logging import ADDRESS

    return {
        "id": str(row.id),
        "kind": row.kind,
        "to": masked(row.recipient),
        "state": row.state,
        "reply": ADDRESS.sub("…@…", row.reply) if row.reply else None,
        "promised_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "complained_at": row.complained_at.isoformat() if row.complained_at else None,
    }
