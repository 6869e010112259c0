"""The inbox, over real SMTP and HTTP."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import requests

from demo.inbox import Inbox
from demo.mailbox import KEPT, Mailbox


@pytest.fixture(name="inbox")
def _inbox() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


def letter(subject: str, to: str = "aime@courriel.example", *, html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Trousseau <noreply@trousseau.example>", to, subject
    message.set_content("Bonjour,\n\nvotre code : 12345678. À bientôt.\n")
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def send(inbox: Inbox, *messages: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.smtp_port, timeout=10) as server:
        for message in messages:
            server.send_message(message)


def test_a_message_sent_by_smtp_is_read_back_with_its_accents_text_and_html(inbox: Inbox) -> None:
    send(inbox, letter("Accès confirmé — « clé » nº 1", html="<p>Votre code : <b>12345678</b>. À bientôt.</p>"))
    [read] = requests.get(f"{inbox.http_url}/api/messages", timeout=10).json()
    assert set(read) == {"id", "to", "subject", "text", "html", "received_at"}, "the documented keys, no others"
    assert read["subject"] == "Accès confirmé — « clé » nº 1", "an encoded subject is shown decoded"
    assert read["to"] == "aime@courriel.example", "`to` is the address that the server was given"
    assert "À bientôt." in read["text"], "the text part keeps its accents"
    assert read["html"].strip() == "<p>Votre code : <b>12345678</b>. À bientôt.</p>", "the HTML part is kept"
    received = datetime.fromisoformat(read["received_at"])
    assert received.utcoffset() == timedelta(0), "times are ISO 8601 in UTC"
    assert abs(datetime.now(UTC) - received) < timedelta(minutes=5), "the time is that of the reception"


def test_a_message_without_html_says_null(inbox: Inbox) -> None:
    send(inbox, letter("Texte seul"))
    [read] = requests.get(f"{inbox.http_url}/api/messages", timeout=10).json()
    assert read["html"] is None, "a message without an HTML part has null there"


def test_messages_are_listed_newest_first_and_delete_empties_the_box(inbox: Inbox) -> None:
    send(inbox, letter("premier"), letter("deuxième"), letter("troisième"))
    address = f"{inbox.http_url}/api/messages"
    subjects = [read["subject"] for read in requests.get(address, timeout=10).json()]
    assert subjects == ["troisième", "deuxième", "premier"], "the newest message comes first"
    assert requests.delete(address, timeout=10).ok, "DELETE is accepted"
    assert requests.get(address, timeout=10).json() == [], "DELETE leaves nothing"
    assert inbox.messages() == [], "what is deleted over HTTP is gone for tests too"


def test_waiting_for_an_address_ignores_the_mail_of_others(inbox: Inbox) -> None:
    send(inbox, letter("pour un autre", "zoe@boite.example"), letter("pour lui"))
    assert [mail.subject for mail in inbox.wait_for(to="aime@courriel.example")] == ["pour lui"]
    with pytest.raises(TimeoutError, match=r"2 messages to zoe@.* were awaited, 1 came"):
        inbox.wait_for(2, to="zoe@boite.example", timeout=0)


def test_the_page_of_a_message_shows_its_html_where_it_can_run_nothing(inbox: Inbox) -> None:
    send(inbox, letter("Piégé", html="<script>parent.document.title='pris'</script><p>corps</p>"))
    [mail] = inbox.messages()
    page = requests.get(f"{inbox.http_url}/messages/{mail.id}", timeout=10).text
    assert "<script>" not in page, "a message's HTML never stands in the inbox's own page"
    assert '<iframe title="Message mis en forme" sandbox="' in page, "the HTML part is shown in a sandboxed frame"
    assert "allow-scripts" not in page, "the frame's sandbox lets no script run"
    policy = requests.get(f"{inbox.http_url}/messages/{mail.id}/html", timeout=10).headers["Content-Security-Policy"]
    assert "sandbox" in policy, "opened by itself, the HTML part is sandboxed too"
    assert "default-src 'none'" in policy, "a message loads nothing from elsewhere"


def test_a_message_with_an_unknown_charset_or_no_form_at_all_is_still_kept(inbox: Inbox) -> None:
    strange = b"Subject: etrange\r\nContent-Type: text/plain; charset=klingon\r\n\r\nd\xc3\xa9j\xc3\xa0\r\n"
    with smtplib.SMTP("127.0.0.1", inbox.smtp_port, timeout=10) as server:
        server.sendmail("a@poste.example", ["b@poste.example", "c@poste.example"], strange)
        server.sendmail("a@poste.example", ["b@poste.example"], b"\xff\xfe rien")
    bare, odd = requests.get(f"{inbox.http_url}/api/messages", timeout=10).json()
    assert "déjà" in odd["text"], "an unknown charset is read as far as possible"
    assert odd["to"] == "b@poste.example, c@poste.example", "several recipients are one string"
    assert bare["subject"] == "", "a message without a subject has an empty one"


def test_a_full_box_lets_the_oldest_go() -> None:
    mailbox = Mailbox()
    for number in range(KEPT + 1):
        mailbox.receive("a@poste.example", ["b@poste.example"], f"Subject: {number}\r\n\r\n".encode())
    kept = [mail.subject for mail in mailbox.messages()]
    assert len(kept) == KEPT, "a box has an end"
    assert (kept[0], kept[-1]) == (str(KEPT), "1"), "the newest stay, the oldest go"


def test_the_inbox_listens_on_loopback_only_and_frees_its_ports_even_while_someone_talks() -> None:
    with Inbox() as inbox:
        port = inbox.smtp_port
        talk = smtplib.SMTP("127.0.0.1", port, timeout=10)
        talk.noop()
        assert all(bound.getsockname()[0] == "127.0.0.1" for bound in inbox._smtp.sockets)
    talk.close()
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_taken_port_is_said_and_leaves_nothing_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Inbox(smtp_port=taken.getsockname()[1])
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Inbox(http_port=taken.getsockname()[1])
