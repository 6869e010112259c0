"""Which syndic trusts which: loading, listing, explaining, and denials."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.trust import agreements, circles
from broker.commands.trust.words import INSTANT, id_of, with_examples
from broker.terminal import FILE, application, show
from config.database import transaction

if TYPE_CHECKING:
    from tenants.trust.service import Ground


@click.group()
def trust() -> None:
    """Which syndic trusts which.

    An agreement binds two syndics, a circle all its members, and a denial forbids at once whatever was agreed. What
    each means, and how to bring a partner in or end a partnership: docs/trust.md.
    """


for command in agreements.COMMANDS:
    trust.add_command(command)
trust.add_command(circles.circle)


@trust.command("load")
@click.argument("file", type=FILE)
@with_examples("load partners.toml")
def trust_load(file: Path) -> None:
    """Load circles, agreements and denials from a TOML file; twice changes nothing."""
    from tenants.trust.loading import load

    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not TOML: {error}") from error
    with application(), transaction():
        click.echo(str(load(content)))


@trust.command("list")
@click.option("--syndic", "slug", help="What concerns this one only.")
@click.option("--all", "over", is_flag=True, help="What has ended, too.")
@with_examples("list", "list --syndic agence-du-port --all")
def trust_list(slug: str | None, *, over: bool) -> None:
    """Show agreements, circles with their members, and denials, as JSON."""
    from tenants.trust import listing

    with application(), transaction():
        show(listing.everything(id_of(slug) if slug else None, over=over))


@trust.command("untold")
@with_examples("untold")
def trust_untold() -> None:
    """Show, as JSON, the members whom no mail could tell of an admission: tell them otherwise."""
    from tenants.trust import listing

    with application(), transaction():
        show(listing.untold())


@trust.command("explain")
@click.argument("one")
@click.argument("other")
@click.option("--at", type=INSTANT, help="As it stood at that instant (now).")
@with_examples("explain agence-du-port cabinet-mercier", "explain agence-du-port cabinet-mercier --at 2026-12-31")
def trust_explain(one: str, other: str, at: datetime | None) -> None:
    """Show what ONE and OTHER grant each other, and every ground for and against it, in force or not, as JSON."""
    from config import clock
    from tenants.trust import service as registry
    from tenants.trust.models import PURPOSES

    moment = at or clock.now()
    with application(), transaction():
        sides = {one: id_of(one), other: id_of(other)}
        decisions = []
        for there, back in ((one, other), (other, one)):
            for purpose in PURPOSES:
                answer = registry.decide(sides[there], sides[back], purpose, moment)  # type: ignore[arg-type]  # a purpose
                what = {"from": there, "to": back, "purpose": purpose, "allowed": answer.allowed}
                decisions.append({**what, "reason": answer.reason, "because": answer.because})
        grounds = [_ground(each) for each in registry.explain(sides[one], sides[other], moment)]
    show({"at": moment.isoformat(), "decisions": decisions, "grounds": grounds})


def _ground(ground: "Ground") -> dict[str, Any]:
    told = {"kind": ground.kind, "reference": ground.reference, "state": ground.standing}
    dates = {what: when.isoformat() for what, when in ground.dates}
    return {**told, "there": ground.there, "back": ground.back, "dates": dates, "reason": ground.reason}


@trust.command("deny")
@click.argument("denier")
@click.argument("denied")
@with_examples("deny agence-du-port cabinet-mercier")
def trust_deny(denier: str, denied: str) -> None:
    """Let DENIER refuse DENIED: no trust between the two, at once, both ways, whatever was agreed."""
    from tenants.trust import service as registry

    with application(), transaction():
        registry.deny(id_of(denier), id_of(denied))
    show({"by": denier, "against": denied, "denied": True})


@trust.command("lift")
@click.argument("denier")
@click.argument("denied")
@with_examples("lift agence-du-port cabinet-mercier")
def trust_lift(denier: str, denied: str) -> None:
    """Take DENIER's denial of DENIED back. What was agreed holds again, unless DENIED denies DENIER."""
    from tenants.trust import service as registry

    with application(), transaction():
        registry.lift_denial(id_of(denier), id_of(denied))
    show({"by": denier, "against": denied, "denied": False})
