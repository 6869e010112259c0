"""Registering endpoints: addresses that we may call, a few a syndic, each act in the evidence."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from config.database import session, transaction
from config.errors import NotFound
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tenants.webhooks import deliveries, endpoints, service
from tenants.webhooks.refusals import BadEndpoint, TooManyEndpoints, UnknownEndpoint
from tests.workers.webhooks.conftest import Listening, listen
from tests.workers.webhooks.consumer import Consumer
from tests.world import World

UNUSABLE = {
    "http://extranet.example/hook": "https",
    "ftp://extranet.example/hook": "https",
    "https://": "host",
    "https://169.254.169.254/latest": "no address that may be called",
    "https://10.0.0.7/hook": "no address that may be called",
    "https://[::1]/hook": "no address that may be called",
    "https://user:secret@extranet.example/hook": "user",
    "https://extranet.example/hook?key=1": "query",
    "https://extranet.example/hook?": "query",
    "https://extranet.example/hook#x": "fragment",
    "https://extranet.example/ho ok": "spaces",
    "https://extranet.example:0/hook": "query",
    "https://Extranet.example/hook": "write it as https://extranet.example/hook",
    "https://extranet.example:443/hook": "write it as https://extranet.example/hook",
    "https://extranet.example": "write it as https://extranet.example/",
    "https://extranet.example/" + "a" * 500: "longer",
}


@pytest.mark.parametrize("url", UNUSABLE)
def test_an_address_that_we_may_not_call_or_could_not_sign_is_refused_with_its_reason(world: World, url: str) -> None:
    syndic = world.syndic(accounts=0)
    with pytest.raises(BadEndpoint, match=UNUSABLE[url]), transaction():
        endpoints.add(syndics.get(syndic.slug).id, "Extranet", url)


@pytest.mark.parametrize(
    ("name", "topics"),
    [("", ["link.ended"]), ("x" * 81, ["link.ended"]), ("a\nb", ["link.ended"]), ("ok", []), ("ok", ["mail.send"])],
)
def test_a_nameless_endpoint_and_an_unknown_topic_are_refused(world: World, name: str, topics: list[str]) -> None:
    syndic = world.syndic(accounts=0)
    with pytest.raises(BadEndpoint), transaction():
        endpoints.add(syndics.get(syndic.slug).id, name, "https://extranet.example/hook", topics)


def test_a_syndic_has_five_at_most_even_when_two_register_at_once(world: World, app: Flask) -> None:
    syndic_id = syndics.get(world.syndic(accounts=0).slug).id
    refused: list[Exception] = []

    def register(number: int) -> None:
        with app.app_context():
            try:
                with transaction():
                    endpoints.add(syndic_id, "Extranet", f"https://extranet.example/{number}")
            except TooManyEndpoints as error:
                refused.append(error)

    each = [threading.Thread(target=register, args=(number,)) for number in range(8)]
    for one in each:
        one.start()
    for one in each:
        one.join()
    assert (len(endpoints.every(syndic_id)), len(refused)) == (5, 3)


def test_the_same_address_is_registered_once(listening: Listening) -> None:
    with pytest.raises(BadEndpoint, match="already"), transaction():
        endpoints.add(listening.syndic_id, "Encore", listening.consumer.url)


def test_a_syndic_sees_and_changes_its_own_only(world: World, consumer: Consumer) -> None:
    here = listen(world, consumer)
    other = syndics.get(world.syndic(accounts=0).slug).id
    here.announce()
    assert endpoints.every(other) == []
    assert endpoints.described(other) == []
    assert deliveries.described(other) == []
    with pytest.raises(UnknownEndpoint):
        endpoints.get(other, here.webhook)
    with pytest.raises(NotFound):
        deliveries.retry(other, here.described()[0]["event"])


def test_a_test_event_comes_whatever_the_topics(world: World, consumer: Consumer) -> None:
    here = listen(world, consumer, None, "legacy.disabled")
    with transaction():
        event = service.test(endpoints.get(here.syndic_id, here.webhook))
    here.deliver()
    assert [(each["id"], each["type"], each["data"]) for each in consumer.events] == [(event, "webhook.test", {})]
    assert here.described()[0]["event"] == event


def test_each_act_is_in_the_syndics_evidence(listening: Listening) -> None:
    with transaction():
        endpoints.disable(endpoints.get(listening.syndic_id, listening.webhook), "it answered 410")
        endpoints.enable(endpoints.get(listening.syndic_id, listening.webhook))
    listening.remove()
    wanted = select(LedgerEntry.kind).where(LedgerEntry.chain == listening.syndic_id, LedgerEntry.kind.like("webhook%"))
    kinds = session().scalars(wanted.order_by(LedgerEntry.sequence)).all()
    assert kinds == ["webhook_key.added", "webhook.added", "webhook.disabled", "webhook.enabled", "webhook.removed"]
