"""A mail is tried as long as it is of use, whatever the server says meanwhile, and no longer."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from uuid import UUID

import pytest
from sqlalchemy import select

from config import clock
from config.database import session, transaction
from config.mail import suppression
from config.mail.models import STATES, Mail
from config.outbox import Promise
from tests.workers.conftest import the_promise
from tests.workers.mails import mail, promise_mail
from tests.workers.post_office import PostOffice
from workers import outbox
from workers.mail import kinds, usefulness
from workers.mail.replies import Meaning, Step, meaning

BUSY = "451 4.3.0 try again later"


def work_until(hours: float, every_minutes: float = 20) -> None:
    """Let the workers keep what is due, again and again, until so many hours have passed."""
    passed = timedelta()
    while passed < timedelta(hours=hours):
        passed += timedelta(minutes=every_minutes)
        clock.shift(passed)
        outbox.drain("mail.send")


def test_a_mail_outlives_an_outage_of_a_day_and_leaves_once(office: PostOffice, minted: list[UUID]) -> None:
    office.close()
    mail_id = promise_mail()
    work_until(hours=24)
    assert the_promise("mail.send").stuck_at is None, "nobody has to push it by hand"
    assert mail(mail_id).state == "deferred"
    office.open()
    work_until(hours=25)
    assert mail(mail_id).state == "accepted"
    assert len(office.messages) == len(minted) == 1


@pytest.mark.parametrize(
    ("kind", "hours"),
    [
        ("password_reset", 1),
        ("password_reset_unknown", 1),
        ("address_confirm", 1),
        ("address_changed", 7 * 24),
        ("association_confirm", 7 * 24),
        ("association_told", 7 * 24),
        ("account_notice", 7 * 24),
    ],
)
def test_each_kind_is_tried_as_long_as_what_it_carries_is_good(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, kind: str, hours: int
) -> None:
    monkeypatch.setitem(kinds.KINDS, kind, lambda _id, _recipient: None)
    office.to_recipient = BUSY
    mail_id = promise_mail(kind)
    clock.shift(timedelta(hours=hours, minutes=-1))
    outbox.drain("mail.send")
    assert mail(mail_id).state == "deferred", "still of use"
    clock.shift(timedelta(hours=hours, minutes=20))
    asked = len(office.recipients)
    outbox.drain("mail.send")
    assert mail(mail_id).state == "lapsed"
    assert BUSY in (mail(mail_id).reply or ""), "operators see what was answered last"
    assert len(office.recipients) == asked, "no server is asked any more"
    assert the_promise("mail.send").result == {"sent": False}


def test_no_kind_is_tried_for_longer_than_a_week() -> None:
    now = clock.now()
    for kind in kinds.KINDS:
        assert usefulness.ends_at(kind, now) - now <= timedelta(days=7), kind


def test_of_thirty_mails_through_a_moody_server_each_arrives_once(office: PostOffice, minted: list[UUID]) -> None:
    office.to_recipient = cycle(["", BUSY, "", "drop", "", "", "421 4.3.2 closing", "", "", BUSY])
    office.to_text = cycle(["", "", "450 4.7.1 greylisted", "", "", "552 5.2.2 full", "", "", ""])
    office.to_sender = cycle(["", "", "", "", "", "", "", "451 4.4.5 busy"])
    mails = [promise_mail(key=f"moody-{number}", to=f"owner-{number}@example.org") for number in range(30)]
    office_refuses = promise_mail(key="nobody", to="nobody@example.org")
    work_until(hours=6, every_minutes=10)
    assert [mail(each).state for each in (*mails, office_refuses)] == ["accepted"] * 31
    arrived = sorted(message["To"] for message in office.messages)
    assert arrived == sorted([*(f"owner-{number}@example.org" for number in range(30)), "nobody@example.org"])
    assert len(minted) >= 31


def test_a_lost_answer_sends_the_same_mail_again_and_never_none(office: PostOffice, minted: list[UUID]) -> None:
    office.to_text = iter(["lose"])
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert mail(mail_id).state == "deferred", "nobody has said that it was taken"
    work_until(hours=0.5)
    assert mail(mail_id).state == "accepted"
    first, second = office.messages
    assert first["Message-ID"] == second["Message-ID"], "a mailbox may drop the copy"
    assert minted


def test_a_mail_that_was_taken_is_not_sent_again_when_its_promise_comes_back(
    office: PostOffice, minted: list[UUID]
) -> None:
    promise_mail()
    outbox.drain("mail.send")
    with transaction() as work:
        kept = work.scalars(select(Promise).where(Promise.topic == "mail.send")).one()
        kept.done_at = kept.result = kept.leased_until = None
    outbox.drain("mail.send")
    assert the_promise("mail.send").result == {"sent": True}
    assert len(office.messages) == len(minted) == 1


def test_a_spared_address_gets_nothing_until_it_is_allowed(office: PostOffice, minted: list[UUID]) -> None:
    to = "spared@example.org"
    with transaction():
        suppression.suppress(to, "bounce")
    refused = promise_mail(key="spared", to=to)
    outbox.drain("mail.send")
    assert mail(refused).state == "refused"
    assert (mail(refused).reply or "").startswith("not tried until")
    assert not office.recipients + minted, "no server was asked, and no link made"
    with transaction():
        assert suppression.lift(to)
        assert not suppression.lift(to), "once"
    sent = promise_mail(key="allowed", to=to)
    outbox.drain("mail.send")
    assert mail(sent).state == "accepted"


def test_each_mail_leaves_with_a_return_path_of_its_own_that_names_nobody(
    office: PostOffice, minted: list[UUID]
) -> None:
    for number in range(2):
        promise_mail(key=f"path-{number}")
    outbox.drain("mail.send")
    assert len(set(office.senders)) == len(minted) == 2
    for sender in office.senders:
        assert sender.startswith("bounces+")
        assert "martin" not in sender
    assert all("ne-pas-repondre@" in message["From"] for message in office.messages), "readers see the sender"


def test_without_an_address_for_notices_the_sender_is_the_return_path(
    office: PostOffice, minted: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    from config.settings import settings

    monkeypatch.delenv("TROUSSEAU_MAIL_BOUNCE")
    settings.cache_clear()
    promise_mail()
    outbox.drain("mail.send")
    assert office.senders == ["ne-pas-repondre@trousseau.example"]
    assert minted


@pytest.mark.parametrize(
    ("step", "reply", "expected"),
    [
        (Step.RECIPIENT, "250 2.1.5 OK", Meaning.TAKEN),
        (Step.RECIPIENT, "251 will forward", Meaning.TAKEN),
        (Step.RECIPIENT, "450 4.2.0 greylisted", Meaning.LATER),
        (Step.RECIPIENT, "421 4.3.2 closing", Meaning.LATER),
        (Step.TEXT, "421 4.3.2 closing", Meaning.LATER),
        (Step.TEXT, "451 4.7.1 later", Meaning.LATER),
        (Step.RECIPIENT, "550 5.1.1 nobody here", Meaning.NEVER),
        (Step.RECIPIENT, "550 nobody here", Meaning.NEVER),
        (Step.RECIPIENT, "501 5.1.3 bad address", Meaning.NEVER),
        (Step.RECIPIENT, "553 5.1.3 bad address", Meaning.NEVER),
        (Step.RECIPIENT, "550 5.2.1 mailbox disabled", Meaning.NEVER),
        (Step.RECIPIENT, "556 5.1.10 takes no mail", Meaning.NEVER),
        (Step.RECIPIENT, "552 too many recipients", Meaning.LATER),
        (Step.RECIPIENT, "552 5.2.2 mailbox full", Meaning.LATER),
        (Step.RECIPIENT, "550 5.2.2 mailbox full", Meaning.LATER),
        (Step.TEXT, "552 5.2.2 mailbox full", Meaning.LATER),
        (Step.RECIPIENT, "530 5.7.0 authentication required", Meaning.LATER),
        (Step.RECIPIENT, "554 5.7.1 relay access denied", Meaning.LATER),
        (Step.RECIPIENT, "550 5.1.8 sender's domain not found", Meaning.LATER),
        (Step.RECIPIENT, "503 5.5.1 bad sequence", Meaning.LATER),
        (Step.RECIPIENT, "550 5.3.2 system not accepting", Meaning.LATER),
        (Step.TEXT, "554 5.7.1 looks like spam", Meaning.NEVER),
        (Step.TEXT, "550 5.1.1 nobody here", Meaning.NEVER),
        (Step.TEXT, "554 no valid recipients", Meaning.NEVER),
        (Step.TEXT, "354 go on", Meaning.LATER),
    ],
)
def test_what_each_reply_means(step: Step, reply: str, expected: Meaning) -> None:
    code, _, text = reply.partition(" ")
    assert meaning(step, int(code), text) is expected


@pytest.fixture(autouse=True)
def no_record_is_in_no_state() -> Iterator[None]:
    """After each test every record stands where the table of states knows it."""
    yield
    found = set(session().scalars(select(Mail.state).distinct()))
    assert found <= set(STATES)
