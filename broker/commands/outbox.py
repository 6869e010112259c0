"""Work that was promised and is not done yet."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from broker.terminal import application
from config.database import transaction

if TYPE_CHECKING:
    from config.backlog import Resting


@click.group()
def outbox() -> None:
    """Work that was promised and is not done yet: mails, retired codes, calls to extranets."""


@outbox.command("list")
@click.option("--stuck", is_flag=True, help="Only what is not tried any more before you say so.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="At most so many.")
def outbox_list(stuck: bool, limit: int) -> None:
    """How much waits of each topic, who is left alone, and the oldest promises with their last error."""
    from config import backlog
    from tenants.syndics import service as syndics

    with application(), transaction():
        topics, resting, rows = (
            backlog.by_topic(),
            backlog.resting(limit),
            backlog.listing(stuck_only=stuck, limit=limit),
        )
        slugs = syndics.slugs() if resting else {}
    for topic in topics:
        click.echo(
            f"{topic.topic}: {topic.waiting} waiting, the oldest for {topic.oldest_s:.0f} s; {topic.stuck} stuck"
        )
    if not topics:
        click.echo("Nothing waits.")
    for each in resting:
        click.echo(_left_alone(each, slugs))
    for row in rows:
        state = f"stuck since {row.stuck_at:%Y-%m-%d %H:%M}" if row.stuck_at else f"due {row.due_at:%Y-%m-%d %H:%M}"
        click.echo(f"{row.id}  {row.topic}  {state}  {row.attempts} attempts  {row.last_error or ''}".rstrip())


def _left_alone(resting: "Resting", slugs: dict[UUID, str]) -> str:
    """A destination in an operator's words: the lane's name has the syndic's id (`config.outbox.lane_to`)."""
    purpose, syndic_id, host = resting.lane.split(":", 2)
    whose = slugs.get(UUID(syndic_id), syndic_id)
    where = f"{purpose} of {whose}" + (f" at {host}" if host else "")
    return f"{where}: left alone until {resting.until:%H:%M:%S}, {resting.waiting} waiting: {resting.last_error or ''}"


@outbox.command("retry")
@click.argument("promises", nargs=-1, type=click.UUID)
@click.option("--topic", help="All that are stuck of this topic.")
def outbox_retry(promises: tuple[UUID, ...], topic: str | None) -> None:
    """Give stuck PROMISES all their attempts again, from now on."""
    from config import backlog

    if not promises and not topic:
        raise click.UsageError("Name promises (see `trousseau outbox list --stuck`), or a --topic.")
    with application(), transaction():
        for each in promises:
            backlog.retry(each)
        count = len(promises) + (backlog.retry_topic(topic) if topic else 0)
    click.echo(f"{count} will be tried again.")
