"""Webhooks: which of a syndic's servers are told what happens at it."""

import click

from broker.terminal import application, show
from config.database import transaction
from tenants.webhooks.models import TOPICS


@click.group()
def webhook() -> None:
    """Webhooks: which of a syndic's servers are told what happens at it."""


@webhook.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="What operators call it.")
@click.option("--url", required=True, help="https, without query; http on loopback only.")
@click.option("--topic", "topics", type=click.Choice(TOPICS), multiple=True, default=TOPICS, show_default=True)
def webhook_add(slug: str, name: str, url: str, topics: tuple[str, ...]) -> None:
    """Tell the address of what happens at the syndic SLUG from now on. Prints its id, and where the keys are."""
    from config.settings import settings
    from tenants.syndics import service as syndics
    from tenants.webhooks import endpoints

    with application(), transaction():
        made = endpoints.add(syndics.get(slug).id, name, url, topics)
        told = {"id": made.public_id, "url": made.url, "topics": made.topics}
    show(told | {"jwks": f"{settings().base_url}/t/{slug}/webhooks/jwks"})


@webhook.command("list")
@click.argument("slug")
def webhook_list(slug: str) -> None:
    """Show a syndic's webhooks as JSON, disabled ones and those whose host gives no answer too."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import endpoints

    with application(), transaction():
        show(endpoints.described(syndics.get(slug).id))


@webhook.command("remove")
@click.argument("slug")
@click.argument("webhook_id")
def webhook_remove(slug: str, webhook_id: str) -> None:
    """Forget a webhook, with whatever it was still to be told."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import endpoints

    with application(), transaction():
        endpoints.remove(endpoints.get(syndics.get(slug).id, webhook_id))
    click.echo("The webhook is removed.")


@webhook.command("enable")
@click.argument("slug")
@click.argument("webhook_id")
def webhook_enable(slug: str, webhook_id: str) -> None:
    """Tell a webhook again that was disabled by its answer 410. What is stuck is sent by `webhook retry`."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import endpoints

    with application(), transaction():
        endpoints.enable(endpoints.get(syndics.get(slug).id, webhook_id))
    click.echo("The webhook is enabled.")


@webhook.command("test")
@click.argument("slug")
@click.argument("webhook_id")
def webhook_test(slug: str, webhook_id: str) -> None:
    """Send an event of the type webhook.test. Prints its id; `webhook deliveries` shows what becomes of it."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import endpoints, service

    with application(), transaction():
        show({"event": service.test(endpoints.get(syndics.get(slug).id, webhook_id))})


@webhook.command("deliveries")
@click.argument("slug")
@click.option("--limit", default=100, show_default=True)
def webhook_deliveries(slug: str, limit: int) -> None:
    """Show what was told and what waits or is stuck, newest first, as JSON."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import deliveries

    with application(), transaction():
        show(deliveries.described(syndics.get(slug).id, limit))


@webhook.command("retry")
@click.argument("slug")
@click.option("--event", help="This event only.")
def webhook_retry(slug: str, event: str | None) -> None:
    """Send again what is stuck."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import deliveries

    with application(), transaction():
        count = deliveries.retry(syndics.get(slug).id, event)
    click.echo(f"Sent again: {count}.")


@webhook.command("keys")
@click.argument("slug")
def webhook_keys(slug: str) -> None:
    """Show the keys that sign a syndic's webhooks as JSON."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import keys

    with application(), transaction():
        show(keys.described(syndics.get(slug).id))


@webhook.command("rotate")
@click.argument("slug")
@click.option("--compromised", is_flag=True, help="Withdraw the former keys at once.")
def webhook_rotate(slug: str, compromised: bool) -> None:
    """Make the next key: published now, it signs in ten minutes; with --compromised, at once."""
    from tenants.syndics import service as syndics
    from tenants.webhooks import keys

    with application(), transaction():
        owner = syndics.get(slug).id
        made = keys.replace(owner) if compromised else keys.rotate(owner)
        show({"kid": made.kid, "signs_from": made.signs_from.isoformat()})
