"""Which messages tell of one of our mails: those with a rightly signed return path, and of those few."""

import os
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.bounces import notices
from broker.bounces.notices import Bounce, Complaint
from config.database import new_id
from config.mail import return_path
from tests.broker.bounces.reports import complaint, failed, plain


def _path(mail_id: uuid.UUID) -> str:
    address = return_path.of_mail(mail_id)
    assert address is not None, "the settings of the tests name an address for notices"
    return address


MAIL = new_id()
FUZZED = st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))


def test_a_permanent_failure_tells_which_mail_and_why_and_names_no_address() -> None:
    told = notices.read(failed(_path(MAIL)))
    assert isinstance(told, Bounce)
    assert told.mail_id == MAIL
    assert told.mailbox, "5.1.1: there is no such mailbox"
    assert told.said.startswith("5.1.1 smtp; 550 5.1.1")
    assert "a.martin" not in told.said, "what operators see of it holds no address"


def test_a_return_path_fits_into_an_address_and_survives_another_case_and_the_envelope_alone() -> None:
    local, _, domain = _path(MAIL).partition("@")
    assert len(local) <= 64, "RFC 5321 §4.5.3.1.1"
    assert domain == "trousseau.example"
    assert notices.read(failed(_path(MAIL).upper())) is not None, "some servers change the case of addresses"
    assert notices.read(failed("undisclosed-recipients:;"), _path(MAIL)) is not None, (
        "the mailbox knows to whom it came"
    )
    assert notices.read(failed("undisclosed-recipients:;")) is None


@pytest.mark.parametrize(
    ("status", "diagnostic", "mailbox"),
    [
        ("5.1.1", "", True),
        ("5.1.2", "", True),
        ("5.1.10", "", True),
        ("5.2.1", "", True),
        ("5.4.4", "smtp; host not found", True),
        ("5.0.0", "smtp; 550 unknown user", True),
        ("5.0.0", "smtp; 550 5.1.1 unknown user", True),
        ("5.0.0", "smtp; 550 5.7.1 blocked by our list", False),
        ("5.2.2", "smtp; 552 5.2.2 mailbox full", False),
        ("5.2.3", "", False),
        ("5.3.0", "", False),
        ("5.6.1", "", False),
        ("5.7.1", "smtp; 554 5.7.1 looks like spam", False),
        ("5.1.1 (bad destination mailbox address)", "", True),
    ],
)
def test_only_what_is_about_the_mailbox_is_held_against_it(status: str, diagnostic: str, *, mailbox: bool) -> None:
    told = notices.read(failed(_path(MAIL), status=status, diagnostic=diagnostic))
    assert isinstance(told, Bounce), "the mail has not arrived, whatever the reason"
    assert told.mailbox is mailbox, f"{status} {diagnostic}"


@pytest.mark.parametrize(
    "raw",
    [
        failed(_path(MAIL), action="delayed", status="4.4.1"),
        failed(_path(MAIL), action="delayed", status="5.4.1"),
        failed(_path(MAIL), action="failed", status="4.4.7"),
        failed(_path(MAIL), action="delivered", status="2.0.0"),
        failed(_path(MAIL), action="relayed", status="5.1.1"),
        failed(_path(MAIL), status="550"),
        failed(_path(MAIL), status="5.1"),
        failed(_path(MAIL), status="15.1.1"),
        failed(_path(MAIL), groups=[("failed", "5.1.1"), ("delivered", "2.1.5")]),
        failed(_path(MAIL), report_type="disposition-notification").replace(b"delivery-status", b"disposition"),
        failed(_path(MAIL)).replace(b"multipart/report", b"multipart/mixed"),
        plain(_path(MAIL), "Absence du bureau", "Je suis absent jusqu'au 4. Action: failed Status: 5.1.1"),
        plain(_path(MAIL), "Confirm that you are a person", "https://challenge.example/1"),
        plain(_path(MAIL), "Fwd: Undelivered", failed(_path(MAIL)).decode()),
        complaint(_path(MAIL), kind="not-spam"),
        complaint(_path(MAIL), kind="auth-failure"),
        b"",
        b"\x00" * 1000,
        failed(_path(MAIL)) + b" " * notices.LARGEST,
    ],
)
def test_a_delay_an_answer_a_challenge_a_quotation_and_rubbish_tell_nothing(raw: bytes) -> None:
    assert notices.read(raw) is None, raw[:600].decode("utf-8", "replace")


def test_a_notice_is_nothing_without_a_rightly_signed_return_path() -> None:
    other, right = new_id(), _path(MAIL)
    local, _, domain = right.partition("@")
    forged = [
        "bounces@trousseau.example",
        right.replace(local[-1] + "@", ("a" if local[-1] != "a" else "b") + "@").replace(local[-3], "z"),
        f"bounces+{_path(other).partition('@')[0][8:34]}{local[34:]}@{domain}",
        f"bounces+{'a' * 42}@{domain}",
        f"{right}, {_path(other)}",
    ]
    for address in forged:
        assert notices.read(failed(address)) is None, f"{address} is no return path of one mail"


def test_the_key_of_another_house_signs_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    from config.settings import settings as read_settings

    right = _path(MAIL)
    monkeypatch.setenv("TROUSSEAU_ROOT_SECRET", "kGkzY0m6zJq1cS2q3ZTn4l1vB4JcR7m8J0p5n6w7xYA=")
    read_settings.cache_clear()
    try:
        assert notices.read(failed(right)) is None
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
    assert notices.read(failed(right)) is not None


def test_a_complaint_is_known_by_the_senders_path_that_it_names() -> None:
    assert notices.read(complaint("abuse@trousseau.example", mailed_from=_path(MAIL))) == Complaint(MAIL)
    assert notices.read(complaint(_path(MAIL))) == Complaint(MAIL)
    assert notices.read(complaint("abuse@trousseau.example", mailed_from="somebody@example.org")) is None


@given(head=FUZZED, cut=st.integers(0, 900), put=FUZZED, tail=FUZZED)
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_the_reader_fail_and_none_without_the_signature_count(
    head: bytes, cut: int, put: bytes, tail: bytes
) -> None:
    whole = failed("bounces@trousseau.example")
    for raw in (head, head + whole, whole[:cut] + put + whole[cut:], whole[:cut] + put, whole + tail):
        assert notices.read(raw) is None, "without a signed return path nothing counts"


@given(cut=st.integers(0, 1200), put=FUZZED, length=st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_a_damaged_notice_is_read_or_not_and_never_for_another_mail(cut: int, put: bytes, length: int) -> None:
    whole = failed(_path(MAIL))
    told = notices.read(whole[:cut] + put + whole[cut + length :])
    assert told is None or told.mail_id == MAIL


def test_without_an_address_for_notices_mails_have_no_return_path(monkeypatch: pytest.MonkeyPatch) -> None:
    from config.settings import settings as read_settings

    monkeypatch.delenv("TROUSSEAU_MAIL_BOUNCE")
    read_settings.cache_clear()
    try:
        assert return_path.of_mail(MAIL) is None
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
    assert os.environ["TROUSSEAU_MAIL_BOUNCE"]
