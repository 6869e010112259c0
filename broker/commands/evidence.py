"""The keys that sign proof files."""

import click

from broker.terminal import application, show
from config.database import transaction


@click.group()
def evidence() -> None:
    """The keys that sign proof files."""


@evidence.command("keys")
def evidence_keys() -> None:
    """Show the keys as JSON, the newest first; the one that signs is told."""
    from tenants.evidence import keys

    with application(), transaction():
        show(
            [
                {
                    "kid": key.kid,
                    "created_at": key.created_at.isoformat(),
                    "signs": key.private_key is not None,
                    "ledger_sequence": key.ledger_sequence,
                }
                for key in keys.every()
            ]
        )


@evidence.command("rotate")
def evidence_rotate() -> None:
    """Make the next key, which signs from now on; the public half of the one before stays published for ever."""
    from tenants.evidence import keys

    with application(), transaction():
        show({"kid": keys.rotate().kid})
