"""What a syndic is told when something happens to a person: of itself, in time, and nothing of anybody else."""

from datetime import datetime, timedelta
from typing import Any

from config import clock
from tests.broker.account.test_erasure import _ask, _turn
from tests.browser import Browser
from tests.journeys.association.beginnings import contest_link, known_address
from tests.journeys.owner import owner, signed_in
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty, Tokens
from tests.workers.webhooks.conftest import Listening, listen
from tests.workers.webhooks.consumer import Consumer, consuming
from tests.world import TestSyndic, World
from workers import leases


def _enter(syndic: TestSyndic, email: str) -> Tokens:
    party = RelyingParty(syndic)
    return party.complete(sign_in(party.begin(Browser()), email, PASSWORD))


def _of(consumer: Consumer, topic: str) -> list[dict[str, Any]]:
    return [event for event in consumer.events if event["type"] == topic]


def test_a_confirmed_association_is_told_by_ids_and_then_the_end_of_the_printed_codes(
    listening: Listening,
) -> None:
    world, syndic, consumer = listening.world, listening.syndic, listening.consumer
    email = f"marie@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    world.work()
    tokens = _enter(syndic, email)
    account = tokens.userinfo["account"]["id"]
    assert [event["type"] for event in consumer.events] == ["association.confirmed", "legacy.disabled"]
    confirmed, disabled = consumer.events
    assert confirmed["data"] == {"account": account, "sub": tokens.id_claims["sub"]}, "the ids that the extranet knows"
    assert disabled["data"].keys() == {"account", "receipt", "disabled_at"}
    assert disabled["data"]["account"] == confirmed["subject"] == disabled["subject"] == account
    for came in consumer.arrived:
        for personal in (email, syndic.accounts[0].identifier, "Dupont", syndic.accounts[0].email or "-"):
            assert personal.encode() not in came.body, "no personal value travels"


def test_another_syndic_of_the_same_person_hears_nothing_of_it(world: World, consumer: Consumer) -> None:
    here = listen(world, consumer)
    with consuming() as other:
        there = listen(world, other)
        world.trust(here.syndic.slug, there.syndic.slug)
        email = f"paul@{here.syndic.slug}.example"
        associate(world, here.syndic, here.syndic.accounts[0], email)
        world.work()
        associate(world, there.syndic, there.syndic.accounts[0], email)
        world.work()
        mine, theirs = [_of(each, "association.confirmed") for each in (consumer, other)]
        assert (len(mine), len(theirs)) == (1, 1), "each hears of its own"
        assert not set(mine[0]["data"].values()) & set(theirs[0]["data"].values()), "and no id is the same at both"
        assert mine[0]["id"] != theirs[0]["id"]


def test_a_link_that_ends_after_a_contest_is_told_before_the_new_one(listening: Listening) -> None:
    world, syndic, consumer = listening.world, listening.syndic, listening.consumer
    account, email = syndic.accounts[0], f"revenue@{syndic.slug}.example"
    associate(world, syndic, account, email)
    world.work()
    first = _of(consumer, "association.confirmed")[0]
    page = Browser().get(contest_link(world, known_address(account)))
    page = page.submit("Continuer", **{"Code reçu par e-mail": world.mailed_code(known_address(account))})
    assert page.submit("Ce n'est pas moi").heading == "L'accès est suspendu"
    world.work()
    account.password = "nouveau-code-imprime"
    world.import_accounts(syndic)
    associate(world, syndic, account, email)
    world.work()
    (ended,) = _of(consumer, "link.ended")
    assert ended["data"] == {"account": first["subject"], "sub": first["data"]["sub"], "reason": "contest"}
    types = [event["type"] for event in consumer.events]
    assert types.index("link.ended") < len(types) - 1 - types[::-1].index("association.confirmed")


def _erased(world: World, one: Listening, other: Listening) -> datetime:
    """A person with an account at both is erased. Returns when every access ended."""
    world.trust(one.syndic.slug, other.syndic.slug)
    email, _, _ = owner(world, "adieu", one.syndic)
    associate(world, other.syndic, other.syndic.accounts[0], email)
    world.work()
    browser, _ = signed_in(world, email)
    _ask(world, browser)
    world.work()
    _turn(world, days=31)
    return clock.now()


def test_an_erasure_is_told_to_each_syndic_at_an_instant_of_its_own(world: World, consumer: Consumer) -> None:
    one = listen(world, consumer)
    with consuming() as second:
        other = listen(world, second)
        ended = _erased(world, one, other)
        before = [len(each.arrived) for each in (consumer, second)]
        world.work()
        told = [len(_of(each, "identity.erased")) for each in (consumer, second)]
        assert told == [0, 0], "not at the moment when both would hear of it"
        _turn(world, days=2)
        world.later(days=2)
        world.work()
        times = []
        for each, here, known in zip((consumer, second), (one, other), before, strict=True):
            confirmed = _of(each, "association.confirmed")[0]
            (gone,) = _of(each, "link.ended")
            (erased,) = _of(each, "identity.erased")
            assert gone["data"] == confirmed["data"] | {"reason": "erasure"}
            assert erased["data"] == {"subjects": [confirmed["data"]["sub"]]}, "its own subjects, and no other's"
            assert "subject" not in erased
            assert [event["type"] for event in each.events[known:]] == ["link.ended", "identity.erased"], here
            times.append(datetime.fromisoformat(gone["time"]))
        assert times[0] != times[1], "nothing in the clock says that the two are one person"
        assert all(timedelta(seconds=-1) <= moment - ended <= timedelta(days=3) for moment in times), (
            "within three days"
        )


def test_where_nobody_listens_an_erasure_is_kept_as_well(world: World) -> None:
    syndic = world.syndic()
    email, _, _ = owner(world, "seule", syndic)
    browser, _ = signed_in(world, email)
    _ask(world, browser)
    _turn(world, days=31)
    world.later(days=4)
    world.work()
    assert "identity.erased" not in leases.due_topics(), "there is nobody to tell, and nothing is left waiting"
