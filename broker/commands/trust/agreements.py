"""Agreements: proposed by one syndic, accepted by the other, suspended or ended by either or by the platform."""

import uuid
from collections.abc import Callable
from datetime import datetime

import click

from broker.commands.trust.words import INSTANT, PURPOSE, actor, id_of, with_examples
from broker.terminal import application, show
from config.database import transaction

by = click.option("--by", required=True, help="Who acts: a syndic's slug, or « platform ».")


@click.command("propose")
@click.argument("proposer")
@click.argument("accepter")
@click.option("--forward", type=PURPOSE, multiple=True, help="What ACCEPTER opens to what comes from PROPOSER.")
@click.option("--backward", type=PURPOSE, multiple=True, help="What PROPOSER opens to what comes from ACCEPTER.")
@click.option("--document", required=True, help="Reference of the document that both signed, or will.")
@click.option("--from", "valid_from", type=INSTANT, help="When it begins (at its acceptance).")
@click.option("--until", "valid_until", type=INSTANT, help="When it ends by itself (never).")
@with_examples(
    "propose agence-du-port cabinet-mercier --document 'Convention 2027/01' "
    "--forward link --forward switch --backward link"
)
def propose(  # noqa: PLR0917 - click names them
    proposer: str,
    accepter: str,
    forward: tuple[str, ...],
    backward: tuple[str, ...],
    document: str,
    valid_from: datetime | None,
    valid_until: datetime | None,
) -> None:
    """Propose an agreement in PROPOSER's name; prints its id. Nothing holds until ACCEPTER accepts.

    link: one identity may hold accounts at both; it must stand both ways. switch: a sign-in at the one opens the
    other. list: the one's menu may show accounts at the other.
    """
    from tenants.trust import service as registry

    with application(), transaction():
        made = registry.propose(
            id_of(proposer),
            id_of(accepter),
            forward=forward,
            backward=backward,
            document=document,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        told = {"id": str(made.id), "proposer": proposer, "accepter": accepter}
    show({**told, "state": "not_accepted"})


@click.command("accept")
@click.argument("agreement", type=click.UUID)
@by
@with_examples("accept 0198c0de-0000-7000-8000-000000000001 --by cabinet-mercier")
def accept(agreement: uuid.UUID, by: str) -> None:
    """Accept AGREEMENT (its id) in the name of the side that did not propose it. It holds at once, from its date on."""
    from tenants.trust import service as registry

    _act(registry.accept, agreement, by, "accepted")


@click.command("suspend")
@click.argument("agreement", type=click.UUID)
@by
@with_examples("suspend 0198c0de-0000-7000-8000-000000000001 --by platform")
def suspend(agreement: uuid.UUID, by: str) -> None:
    """Suspend AGREEMENT at once. For trust to come back, both sides must make a new one."""
    from tenants.trust import service as registry

    _act(registry.suspend, agreement, by, "suspended")


@click.command("end")
@click.argument("agreement", type=click.UUID)
@by
@with_examples("end 0198c0de-0000-7000-8000-000000000001 --by agence-du-port")
def end(agreement: uuid.UUID, by: str) -> None:
    """End AGREEMENT at once, or withdraw a proposal. Owners keep every account, each at its own syndic."""
    from tenants.trust import service as registry

    _act(registry.end, agreement, by, "ended")


COMMANDS = (propose, accept, suspend, end)


def _act(change: Callable[[uuid.UUID, uuid.UUID], None], agreement: uuid.UUID, by: str, state: str) -> None:
    with application(), transaction():
        change(agreement, actor(by))
    show({"id": str(agreement), "state": state, "by": by})
