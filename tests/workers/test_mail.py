"""Mail: it waits while nobody takes it, leaves once, and says afterwards what became of it."""

import re
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest

from config import clock
from config.settings import SettingsError
from tests.workers.conftest import the_promise
from tests.workers.mails import letter, mail, promise_mail
from tests.workers.post_office import PostOffice
from workers import outbox
from workers.mail import kinds, relay, sending
from workers.mail.rendering import compose, render


def part(message: EmailMessage, form: str) -> str:
    body = message.get_body((form,))
    assert body is not None, f"the mail lacks its {form} form"
    return str(body.get_content())


def test_a_promised_mail_arrives_and_its_record_holds_the_servers_answer(
    office: PostOffice, minted: list[UUID]
) -> None:
    mail_id = promise_mail()
    outbox.drain("mail.send")
    (arrived,) = office.messages
    assert arrived["Subject"] == "Confirmez votre adresse e-mail"
    assert office.recipients == ["a.martin@example.org"]
    assert (mail(mail_id).state, mail(mail_id).reply) == ("accepted", "250 2.0.0 OK")
    assert the_promise("mail.send").result == {"sent": True}
    assert len(minted) == 1


def test_while_smtp_is_down_the_mail_waits_without_any_link_made_and_goes_out_when_it_is_up(
    office: PostOffice, minted: list[UUID]
) -> None:
    office.close()
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert mail(mail_id).state == "deferred"
    assert "no answer" in (the_promise("mail.send").last_error or ""), "operators see why"
    assert minted == [], "no proof is made for a mail that cannot leave"
    office.open()
    assert outbox.drain("mail.send") == 0, "the next attempt has its time"
    clock.shift(timedelta(seconds=2))
    outbox.drain("mail.send")
    assert len(office.messages) == 1, "the mail went out once the server was up"
    assert mail(mail_id).state == "accepted"


@pytest.mark.parametrize("stage", ["to_recipient", "to_text"])
def test_a_temporary_refusal_defers_the_mail(office: PostOffice, minted: list[UUID], stage: str) -> None:
    setattr(office, stage, "450 4.2.0 greylisted")
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert (mail(mail_id).state, mail(mail_id).reply) == ("deferred", "450 4.2.0 greylisted")
    assert the_promise("mail.send").done_at is None
    setattr(office, stage, "")
    clock.shift(timedelta(seconds=2))
    outbox.drain("mail.send")
    assert mail(mail_id).state == "accepted"
    assert len(minted) == (1 if stage == "to_recipient" else 2), "no link is made before the recipient is taken"


@pytest.mark.parametrize("stage", ["to_recipient", "to_text"])
def test_a_final_refusal_ends_the_promise_and_is_kept(office: PostOffice, minted: list[UUID], stage: str) -> None:
    setattr(office, stage, "550 5.1.1 nobody here")
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert (mail(mail_id).state, mail(mail_id).reply) == ("refused", "550 5.1.1 nobody here")
    assert the_promise("mail.send").result == {"sent": False}
    assert len(minted) == (0 if stage == "to_recipient" else 1), "it is not tried again"


def test_a_refused_sender_is_our_own_mistake_and_the_mail_waits(office: PostOffice, minted: list[UUID]) -> None:
    office.to_sender = "550 5.7.1 not allowed to send from here"
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert mail(mail_id).state == "deferred", "a wrong setting must lose no mail"
    assert the_promise("mail.send").done_at is None
    assert not minted, "and no link has been made for it"


def test_a_conversation_that_breaks_off_defers_the_mail(office: PostOffice, minted: list[UUID]) -> None:
    office.to_recipient = "drop"
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert mail(mail_id).state == "deferred"
    office.to_recipient = ""
    clock.shift(timedelta(seconds=2))
    outbox.drain("mail.send")
    assert mail(mail_id).state == "accepted"
    assert minted


def test_a_refused_mail_does_not_hold_up_the_next_one(office: PostOffice, minted: list[UUID]) -> None:
    office.to_recipient = "550 5.1.1 nobody here"
    promise_mail(key="first")
    outbox.drain("mail.send")
    office.to_recipient = ""
    second = promise_mail(key="second")
    outbox.drain("mail.send")
    assert mail(second).state == "accepted"
    assert minted


def test_the_connection_is_kept_between_mails_and_replaced_at_once_when_it_dropped(
    office: PostOffice, minted: list[UUID]
) -> None:
    before = office.connections
    for number in range(3):
        promise_mail(key=f"kept-{number}")
    outbox.drain("mail.send")
    assert office.connections - before == 1, "three mails, one connection"
    office.hang_up()
    after = promise_mail(key="after the drop")
    outbox.drain("mail.send")
    assert mail(after).state == "accepted", "a dropped connection costs the mail no wait"
    assert len(minted) == 4


def test_a_mail_that_has_no_purpose_any_more_is_not_sent(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.KINDS, "test", lambda _subject_id, _recipient: None)
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert office.messages == []
    assert the_promise("mail.send").result == {"sent": False}
    assert mail(mail_id).state == "lapsed", "operators see that it waits no more"


def test_an_unknown_kind_is_left_to_a_newer_program_for_a_while_and_then_stuck_and_seen(office: PostOffice) -> None:
    promise_mail(kind="horoscope")
    for hours in range(sending.UPGRADE_TRIES):
        assert the_promise("mail.send").stuck_at is None, "a newer worker may be on its way"
        clock.shift(timedelta(hours=hours))
        outbox.drain("mail.send")
    assert the_promise("mail.send").stuck_at is not None
    assert office.messages == []


@pytest.mark.parametrize("address", ["rené@example.org", "nobody", "a b@example.org", "a@b\r\nBcc: c@example.org", "@"])
def test_an_address_that_no_mail_can_have_is_refused_and_seen(
    office: PostOffice, minted: list[UUID], address: str
) -> None:
    mail_id = promise_mail(to=address)
    outbox.drain("mail.send")
    assert mail(mail_id).state == "refused", "trying again would not help"
    assert mail(mail_id).reply == "no mail can be addressed to it"
    assert office.recipients == []
    assert not minted


def test_an_address_in_a_domain_with_accents_is_reached_by_its_ascii_form(
    office: PostOffice, minted: list[UUID]
) -> None:
    promise_mail(to="a.martin@résidence.example")
    outbox.drain("mail.send")
    assert office.recipients == ["a.martin@xn--rsidence-b1a.example"]
    assert minted


def test_no_secret_of_a_mail_is_kept_or_logged(
    office: PostOffice, minted: list[UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    office.to_text = "451 4.3.0 try later"
    mail_id = promise_mail()
    outbox.drain("mail.send")
    kept = the_promise("mail.send")
    everything = f"{kept.payload} {kept.last_error} {kept.result} {mail(mail_id).reply} {capsys.readouterr()}"
    assert minted
    for secret in ("t0k3n", "12345678", "1234 5678"):
        assert secret not in everything, "links and codes live in the mail alone"


def test_a_second_copy_has_the_same_message_id_and_another_mail_has_another() -> None:
    sender = "Mon compte immobilier <ne-pas-repondre@trousseau.example>"
    first, second, other = (compose(letter(), key, sender)["Message-ID"] for key in ("k1", "k1", "k2"))
    assert first == second, "a mailbox can drop the copy of a mail whose answer was lost"
    assert first != other
    assert re.fullmatch(r"<[0-9a-f]{40}@trousseau\.example>", first)


def test_a_mail_says_that_no_person_wrote_it_and_tracks_nobody() -> None:
    message = compose(letter(), "k", "X <x@trousseau.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] is not None
    html = part(message, "html")
    assert not re.search(r"<img|<link|<script|url\(|src=", html), "nothing in the mail is fetched when it is opened"
    assert "<style" not in html, "styles are inlined: mail programs drop style sheets"
    assert 'style="' in html


@pytest.mark.parametrize(
    ("locale", "until"), [("fr", "jusqu'au 7 décembre 2026 à 14:05"), ("en", "until 7 December 2026 at 14:05")]
)
def test_the_confirmation_has_its_code_in_two_halves_and_says_how_long_each_proof_is_valid(
    locale: str, until: str
) -> None:
    for form in ("txt", "html"):
        body = render(letter(locale=locale), locale, form)
        assert "1234 5678" in body
        assert body.count(until) == 2, "for the link and for the code"


def test_the_confirmation_names_no_building_syndic_or_identifier() -> None:
    for form in ("txt", "html"):
        body = render(letter(), "fr", form)
        for told in ("Durand", "4317", "01 23"):
            assert told not in body


def test_who_did_not_ask_is_told_whom_to_call_and_a_syndics_name_is_no_markup() -> None:
    html = render(letter("association_told"), "fr", "html")
    assert "Cabinet &lt;Durand&gt; &amp; Fils" in html
    text = render(letter("association_told"), "fr", "txt")
    for line in ("Cabinet <Durand> & Fils", "01 23 45 67 89", "agence@durand.example", "9 h à 17 h", "…4317"):
        assert line in text


def test_a_language_that_we_do_not_have_is_answered_in_french() -> None:
    assert compose(letter(locale="de"), "k", "X <x@trousseau.example>")["Content-Language"] == "fr"


def test_the_smtp_address_is_read_with_its_user_and_refused_when_malformed() -> None:
    to = relay.server("smtp://me%40x:p%2Fw@mail.example?starttls=1")
    assert (to.host, to.port, to.user, to.password, to.starttls) == ("mail.example", 587, "me@x", "p/w", True)
    assert relay.server("smtps://mail.example").port == 465
    assert "p/w" not in repr(to), "a password must not be shown with the settings"
    for wrong in ("http://mail.example", "smtp://", "smtp://mail.example:99999", "mail.example"):
        with pytest.raises(SettingsError, match="TROUSSEAU_SMTP_URL"):
            relay.server(wrong)


def test_a_password_crosses_no_network_in_clear() -> None:
    with pytest.raises(SettingsError, match="starttls=1"):
        relay.server("smtp://me:secret@mail.example")
    assert relay.server("smtp://me:secret@127.0.0.1").password == "secret", "within one machine there is none"
