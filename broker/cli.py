"""`trousseau`: the operators' command line. Commands translate, services decide, and each commits once."""

import sys
from logging import WARNING

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from broker.commands.clients import client
from broker.commands.database import database
from broker.commands.evidence import evidence
from broker.commands.identities import identity
from broker.commands.keys import keys
from broker.commands.ledger import ledger
from broker.commands.legacy.group import legacy
from broker.commands.mail import mail
from broker.commands.outbox import outbox
from broker.commands.syndics import syndic
from broker.commands.terms import terms
from broker.commands.trust.group import trust
from broker.commands.webhooks import webhook
from config.embedded.errors import EmbeddedServerError
from config.errors import Refusal
from config.logging import configure
from config.settings import SettingsError


@click.group()
def cli() -> None:
    """Trousseau: one e-mail and one password open every property manager's extranet."""


def main() -> None:
    """Run a command; whatever is refused is one clear line and exit code 1."""
    configure(level=WARNING)  # to standard error: what a command prints is read by programs, too
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


for group in (database, syndic, client, keys, identity, legacy, trust, terms, mail, outbox, ledger, evidence, webhook):
    cli.add_command(group)


def _fail(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)
