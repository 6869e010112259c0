"""The connection to the server: kept, ended when idle, over TLS or not at all, and no password in any word of it."""

import ssl
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import settings
from tests.conformance.tls import certificate
from tests.workers.mails import letter, mail, promise_mail
from tests.workers.post_office import PostOffice
from workers import outbox
from workers.mail import transport
from workers.mail.relay import server
from workers.mail.rendering import compose
from workers.mail.transport import Answer, Courier, Deferred

PASSWORD = "a-password/with:marks@in-it"
FROM, TO = "bounces@trousseau.example", "a.martin@example.org"
PATIENCE_S = 30


def write() -> EmailMessage:
    return compose(letter(), "key", f"X <{FROM}>")


def eventually(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not in {PATIENCE_S} s: {what}"
        time.sleep(0.01)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for 127.0.0.1 that this process trusts."""
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def _speaks(made: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    return context


@pytest.fixture
def secured(authority: Path) -> Iterator[PostOffice]:
    """A server that takes mail over TLS only, and from whoever knows the password."""
    with PostOffice(tls=_speaks(authority), password=PASSWORD) as opened:
        yield opened


def _url(office: PostOffice, password: str = PASSWORD, host: str = "127.0.0.1", query: str = "?starttls=1") -> str:
    quoted = password.replace("/", "%2F").replace(":", "%3A").replace("@", "%40")
    return f"smtp://trousseau:{quoted}@{host}:{office.port}{query}"


def test_starttls_and_authentication_take_the_mail_and_nothing_of_it_is_read_on_the_way(secured: PostOffice) -> None:
    courier = Courier(server(_url(secured)))
    answer = courier.send(FROM, TO, write)
    courier.close()
    assert answer == Answer(accepted=True, reply="250 2.0.0 OK")
    assert secured.recipients == [TO]
    in_clear = b"".join(secured.said)
    assert b"STARTTLS" in in_clear
    for secret in (b"AUTH", b"RCPT", TO.encode(), b"Subject"):
        assert secret not in in_clear, f"{secret!r} went over the line in clear"


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for() -> None:
    with PostOffice() as plain:
        courier = Courier(server(_url(plain)))
        with pytest.raises(Deferred, match="no STARTTLS"):
            courier.send(FROM, TO, write)
        assert not plain.recipients
        assert b"AUTH" not in b"".join(plain.said), "no fallback to clear text"


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with PostOffice(tls=_speaks(certificate(tmp_path)), password=PASSWORD) as stranger:
        with pytest.raises(Deferred, match="certificate"):
            Courier(server(_url(stranger))).send(FROM, TO, write)
        assert not stranger.recipients


def test_a_certificate_of_another_name_gets_nothing(secured: PostOffice) -> None:
    with pytest.raises(Deferred, match="certificate"):
        Courier(server(_url(secured, host="localhost"))).send(FROM, TO, write)
    assert not secured.recipients


@pytest.mark.usefixtures("outbox_of_its_own")
def test_a_refused_password_defers_the_mail_is_seen_by_operators_and_stands_nowhere(
    secured: PostOffice, minted: list[UUID], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = "hunter2-hunter2"
    monkeypatch.setenv("TROUSSEAU_SMTP_URL", _url(secured, wrong))
    settings.cache_clear()
    mail_id = promise_mail()
    outbox.drain("mail.send")
    assert mail(mail_id).state == "deferred"
    assert (mail(mail_id).reply or "").startswith("535")
    assert not minted
    everything = f"{mail(mail_id).reply} {''.join(capfd.readouterr())}"
    assert "535" in everything
    assert wrong not in everything, "no log and no record holds the password, even if the server repeats it"


def test_an_idle_connection_is_ended_and_the_next_mail_opens_another() -> None:
    with PostOffice() as office:
        courier, before = Courier(server(office.url), idle_s=0.05), office.connections
        for _ in range(2):
            assert courier.send(FROM, TO, write) is not None
            eventually("nobody keeps a line that is not used", lambda: office.talking == 0)
        assert office.connections - before == 2
        courier.close()
        courier.close()


def test_a_connection_in_use_is_not_ended() -> None:
    with PostOffice() as office:
        courier, before = Courier(server(office.url), idle_s=30), office.connections
        for _ in range(3):
            courier.send(FROM, TO, write)
        assert office.connections - before == 1
        courier.close()
        eventually("it ends when it is told to", lambda: office.talking == 0)


def test_a_mail_that_cannot_be_written_after_all_leaves_the_line_clean_for_the_next() -> None:
    with PostOffice() as office:
        courier = Courier(server(office.url))

        def fails() -> EmailMessage:
            raise LookupError("a template is missing")

        with pytest.raises(LookupError):
            courier.send(FROM, TO, fails)
        assert courier.send(FROM, TO, lambda: None) is None
        assert courier.send(FROM, TO, write) is not None
        assert len(office.messages) == 1
        courier.close()


def test_the_settings_courier_is_one_per_process() -> None:
    assert transport.courier("smtp://127.0.0.1:9") is transport.courier("smtp://127.0.0.1:9")
