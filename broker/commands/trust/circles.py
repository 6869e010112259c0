"""Circles: named networks with a charter, whose members trust one another."""

from datetime import datetime

import click

from broker.commands.trust.words import INSTANT, PURPOSE, id_of, ids_of, with_examples
from broker.terminal import application, show
from config.database import transaction


@click.group()
def circle() -> None:
    """Circles of syndics that trust one another."""


@circle.command("create")
@click.argument("name")
@click.option("--charter", required=True, help="Reference of the charter's document.")
@click.option(
    "--admission",
    required=True,
    type=click.Choice(("operator", "each-member")),
    help="operator: you admit, members are told and may object. each-member: every member must consent.",
)
@click.option("--purpose", "purposes", type=PURPOSE, multiple=True, required=True)
@with_examples(
    "circle create 'Agences du littoral' --charter 'Charte v1' --admission operator --purpose link --purpose switch"
)
def create(name: str, charter: str, admission: str, purposes: tuple[str, ...]) -> None:
    """Found the circle NAME, without members."""
    from tenants.trust import service as registry

    with application(), transaction():
        made = registry.create_circle(name, charter, admission, purposes)
        told = {"name": made.name, "charter": made.charter, "admission": made.admission, "purposes": made.purposes}
    show(told)


@circle.command("join")
@click.argument("name")
@click.argument("syndic")
@with_examples("circle join 'Agences du littoral' agence-du-port")
def join(name: str, syndic: str) -> None:
    """Ask for SYNDIC's membership of the circle NAME, in its name: it has accepted the charter."""
    from tenants.trust import circles
    from tenants.trust import service as registry

    with application(), transaction():
        registry.join(circles.named(name).id, id_of(syndic))
    show({"circle": name, "syndic": syndic, "state": "asking"})


@circle.command("admit")
@click.argument("name")
@click.argument("syndic")
@click.option(
    "--consent", "consents", multiple=True, help="A syndic that agreed to it; SYNDIC itself, if it never asked."
)
@click.option("--from", "valid_from", type=INSTANT, help="When the membership begins (now).")
@click.option("--until", "valid_until", type=INSTANT, help="When it ends by itself (never).")
@with_examples(
    "circle admit 'Agences du littoral' agence-du-port",
    "circle admit 'Entre voisins' agence-du-port --consent cabinet-mercier --consent regie-du-lac --from 2027-01-01",
)
def admit(
    name: str, syndic: str, consents: tuple[str, ...], valid_from: datetime | None, valid_until: datetime | None
) -> None:
    """Admit SYNDIC, which has asked to join, to the circle NAME.

    Where the operator admits, the members are told by mail within the hour (see: trousseau trust untold).
    """
    from tenants.trust import circles
    from tenants.trust import service as registry

    with application(), transaction():
        period = {"valid_from": valid_from, "valid_until": valid_until}
        made = registry.admit(circles.named(name).id, id_of(syndic), consents=ids_of(consents), **period)
        told = {"circle": name, "syndic": syndic, "state": "admitted", "from": made.valid_from.isoformat()}
    show({**told, "until": valid_until and valid_until.isoformat()})


@circle.command("object")
@click.argument("name")
@click.argument("syndic")
@click.option("--against", required=True, help="The member that SYNDIC does not want to trust.")
@click.option("--reason", required=True, help="Evidence, which both sides can read: name no owner.")
@with_examples("circle object 'Agences du littoral' agence-du-port --against regie-du-lac --reason 'Litige en cours'")
def object_to(name: str, syndic: str, against: str, reason: str) -> None:
    """Record SYNDIC's objection to another member: no trust between the two, at once, both ways."""
    from tenants.trust import circles
    from tenants.trust import service as registry

    with application(), transaction():
        registry.object_to(circles.named(name).id, id_of(syndic), id_of(against), reason)
    show({"circle": name, "by": syndic, "against": against, "state": "objects"})


@circle.command("withdraw")
@click.argument("name")
@click.argument("syndic")
@click.option("--against", required=True, help="The member whom SYNDIC objected to.")
@with_examples("circle withdraw 'Agences du littoral' agence-du-port --against regie-du-lac")
def withdraw(name: str, syndic: str, against: str) -> None:
    """Take SYNDIC's objection back: the two trust each other as the circle's members do."""
    from tenants.trust import circles
    from tenants.trust import service as registry

    with application(), transaction():
        registry.withdraw_objection(circles.named(name).id, id_of(syndic), id_of(against))
    show({"circle": name, "by": syndic, "against": against, "state": "withdrawn"})


@circle.command("leave")
@click.argument("name")
@click.argument("syndic")
@with_examples("circle leave 'Agences du littoral' agence-du-port")
def leave(name: str, syndic: str) -> None:
    """End SYNDIC's membership of the circle NAME at once, or take its request to join back."""
    from tenants.trust import circles
    from tenants.trust import service as registry

    with application(), transaction():
        registry.leave(circles.named(name).id, id_of(syndic))
    show({"circle": name, "syndic": syndic, "state": "left"})
