"""Members of a circle are told whom it admits: soon, once, at most once an hour, and never of an owner."""

import pytest
from sqlalchemy import text

from config.database import session, transaction
from config.mail.models import Mail
from config.settings import settings
from demo.mailbox import Mail as Arrived
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic
from tenants.trust import listing, service
from tests.world import TestSyndic, World
from workers import leases, outbox


def circle(world: World, *members: TestSyndic) -> str:
    """A circle with these members."""
    world.trust(*(member.slug for member in members))
    listed = listing.everything(syndics.get(members[0].slug).id)["circles"]
    return str(listed[-1]["name"])


def admit(name: str, newcomer: TestSyndic) -> None:
    with transaction():
        found = session().execute(text("SELECT id FROM trust_circles WHERE name = :name"), {"name": name}).scalar_one()
        one = syndics.get(newcomer.slug).id
        service.join(found, one)
        service.admit(found, one)


def address(syndic: TestSyndic) -> str:
    return f"contact@{syndic.slug}.example"


def told(world: World, syndic: TestSyndic) -> list[Arrived]:
    outbox.drain()
    return [mail for mail in world.mails_to(address(syndic)) if "admis" in mail.subject]


def test_the_members_are_told_who_has_come_and_founders_are_not(world: World) -> None:
    one, other, newcomer = (world.syndic(accounts=0) for _ in range(3))
    name = circle(world, one, other)
    assert told(world, one) == [], "those who are listed together know one another"
    admit(name, newcomer)
    for member in (one, other):
        (mail,) = told(world, member)
        assert newcomer.name in mail.text
        assert name in mail.text
        assert "vous y opposez" in mail.text, "it says what to do against it"
        assert "n° 4, " in mail.text, "and how long the circle's chain was, with its last hash"


def test_several_who_come_within_an_hour_are_one_more_mail(world: World) -> None:
    member, *newcomers = (world.syndic(accounts=0) for _ in range(4))
    name = circle(world, member)
    admit(name, newcomers[0])
    assert len(told(world, member)) == 1
    for newcomer in newcomers[1:]:
        admit(name, newcomer)
    assert len(told(world, member)) == 1, "an agency's mailbox is not flooded"
    world.later(hours=1)
    second, _ = told(world, member)
    assert all(newcomer.name in second.text for newcomer in newcomers[1:]), "the next mail names all the others"
    assert newcomers[0].name not in second.text, "and nobody twice"


def test_whoever_has_gone_again_is_not_announced(world: World) -> None:
    member, newcomer = (world.syndic(accounts=0) for _ in range(2))
    name = circle(world, member)
    admit(name, newcomer)
    with transaction():
        found = session().execute(text("SELECT id FROM trust_circles WHERE name = :name"), {"name": name}).scalar_one()
        service.leave(found, syndics.get(newcomer.slug).id)
    assert told(world, member) == []


def test_a_member_without_an_address_is_shown_as_untold(world: World) -> None:
    silent, newcomer = (world.syndic(accounts=0) for _ in range(2))
    with transaction():
        session().get_one(Syndic, syndics.get(silent.slug).id).contact = {"phone": "", "email": "", "hours": ""}
    name = circle(world, silent)
    admit(name, newcomer)
    outbox.drain()
    (shown,) = [each for each in listing.untold() if each["circle"] == name and each["syndic"] == silent.slug]
    assert shown["why"] == "no_address"


def test_a_member_whose_mailbox_refuses_is_shown_as_untold(world: World) -> None:
    member, newcomer = (world.syndic(accounts=0) for _ in range(2))
    name = circle(world, member)
    admit(name, newcomer)
    outbox.drain()
    with transaction() as work:
        work.query(Mail).filter_by(recipient=address(member), kind="circle_admission").one().state = "bounced"
    assert [each["why"] for each in listing.untold() if each["syndic"] == member.slug] == ["bounced"]


def test_a_capped_mailbox_is_shown_as_untold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    member, *newcomers = (world.syndic(accounts=0) for _ in range(3))
    name = circle(world, member)
    monkeypatch.setenv("TROUSSEAU_MAILS_PER_ADDRESS", "1")
    settings.cache_clear()
    for newcomer in newcomers:
        admit(name, newcomer)
        outbox.drain()
        world.later(hours=1)
    outbox.drain()
    assert len(told(world, member)) == 1, "one mail is what it may get"
    assert [each["why"] for each in listing.untold() if each["syndic"] == member.slug] == ["mail_cap"]


def test_where_each_member_consents_nobody_needs_to_be_told(world: World) -> None:
    one, newcomer = (syndics.get(world.syndic(accounts=0).slug).id for _ in range(2))
    with transaction():
        made = service.create_circle(f"Consentants {one}", "C", "each-member", ["list"]).id
        service.admit(made, one, consents=[one])
        service.admit(made, newcomer, consents=[one, newcomer])
    assert "trust.tell" not in leases.due_topics(), "they have said yes themselves"
