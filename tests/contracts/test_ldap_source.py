"""Promises of the `ldap` kind alone: whom it believes, whom it tells a password; trouble is never a wrong password."""

import ssl
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from config.database import session
from config.settings import settings
from tenants.legacy import service as legacy
from tenants.legacy.connectors import breaker
from tenants.legacy.connectors.contract import SourceUnavailable
from tenants.legacy.connectors.ldap import ber, messages
from tenants.legacy.connectors.ldap.layout import escaped
from tenants.legacy.connectors.ldap.wire import Wire
from tenants.legacy.connectors.source import described, register_source
from tenants.legacy.models import LegacySource
from tenants.legacy.refusals import CannotReissue, UnusableSource
from tests.contracts.conftest import LAYOUT, InADirectory, in_a_directory
from tests.contracts.directory import HOST, PEOPLE, SERVICE_PASSWORD, Canned, Directory
from tests.tenants.legacy.examples import a_syndic

pytestmark = pytest.mark.slapd
RIGHT = "Lilas-2026"


def answer(number: int, kind: int, *contents: bytes) -> bytes:
    """One answer of a directory."""
    return messages.message(number, ber.element(kind, *contents))


def result(number: int, kind: int, code: int) -> bytes:
    """An answer that is only a result."""
    return answer(number, kind, ber.integer(code, ber.ENUMERATED), ber.octets(""), ber.octets("told"))


WELCOME = result(1, messages.BOUND, messages.SUCCESS)


def meeting(port: int, **changes: Any) -> InADirectory:
    """A syndic whose source is at this port."""
    made = in_a_directory(Directory(port, port, __file__), url=f"ldap://127.0.0.1:{port}", **changes)  # type: ignore[arg-type]  # no folder
    return replace(made, connector=replace(made.connector, timeout_s=0.3))


def found(**attributes: str) -> bytes:
    """An entry that a search finds."""
    pairs = (
        ber.element(ber.SEQUENCE, ber.octets(name), ber.element(ber.SET, ber.octets(value)))
        for name, value in attributes.items()
    )
    return answer(2, messages.ENTRY, ber.octets(f"uid=x,{PEOPLE}"), ber.element(ber.SEQUENCE, *pairs))


FAULTS: dict[str, tuple[bytes | None, ...]] = {
    "says nothing": (),
    "hangs up": (None,),
    "hangs up after our bind": (WELCOME, None),
    "speaks another protocol": (b"220 mail.example ESMTP\r\n",),
    "answers another question": (result(7, messages.BOUND, 0),),
    "answers a bind with a search's end": (result(1, messages.FOUND, 0),),
    "does not know our account": (result(1, messages.BOUND, messages.INVALID_CREDENTIALS),),
    "is busy": (result(1, messages.BOUND, 51),),
    "says goodbye": (result(0, messages.EXTENDED_ANSWER, 52),),
    "cut short": (WELCOME[:-3], None),
    "a length without end": (b"\x30\x80",),
    "a length too long": (b"\x30\x85\x01\x00\x00\x00\x00",),
    "much too large": (b"\x30\x84\x7f\xff\xff\xff",),
    "nonsense within": (b"\x30\x03\x02\x05\x01",),
    "a result without a code": (answer(1, messages.BOUND, ber.octets("")),),
    "refers elsewhere": (WELCOME, result(2, messages.FOUND, messages.REFERRAL)),
    "no such base": (WELCOME, result(2, messages.FOUND, messages.NO_OBJECT)),
    "a search without end": (WELCOME, found(uid="AB10042") * 100),
    "a name that is no text": (WELCOME, answer(2, messages.ENTRY, ber.octets(b"\xff"), ber.element(ber.SEQUENCE))),
    "an entry without attributes": (WELCOME, answer(2, messages.ENTRY, ber.octets("uid=x"))),
    "control characters": (
        WELCOME,
        found(uid="AB10042", cn="Zo\u0001é") + result(2, messages.FOUND, 0),
        result(3, messages.BOUND, 0),
    ),
    "busy when asked": (
        WELCOME,
        found(uid="AB10042", cn="Zoé") + result(2, messages.FOUND, 0),
        result(3, messages.BOUND, 51),
    ),
}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("answers", FAULTS.values(), ids=FAULTS.keys())
def test_a_directory_in_trouble_is_unavailable_and_nobodys_password_is_wrong(answers: tuple[bytes | None, ...]) -> None:
    with Canned(*answers) as troubled, pytest.raises(SourceUnavailable) as refused:
        meeting(troubled.port).connector.verify("AB10042", RIGHT)
    assert refused.value.public == "Le service de votre syndic ne répond pas. Réessayez dans quelques minutes."
    assert refused.value.private, "the log needs a reason"
    assert RIGHT not in refused.value.private
    assert SERVICE_PASSWORD not in refused.value.private


def test_a_reference_to_another_server_is_passed_over(directory: Directory) -> None:
    elsewhere = answer(2, messages.ELSEWHERE, ber.octets("ldap://127.0.0.1:1/"))
    said = (elsewhere + found(uid="AB10042", cn="Zoé") + result(2, messages.FOUND, 0), result(3, messages.BOUND, 0))
    with Canned(WELCOME, *said) as referring:
        told = meeting(referring.port).connector.verify("AB10042", RIGHT)
    assert told is not None
    assert told.holder == "Zoé"
    assert directory.port != referring.port


@pytest.mark.usefixtures("app")
def test_a_directory_that_never_answers_is_left_alone_after_a_few_calls() -> None:
    with Canned() as silent:
        asked = meeting(silent.port)
        asked = replace(asked, connector=replace(asked.connector, timeout_s=0.05))
        for _ in range(breaker.FAILURES + 3):
            with pytest.raises(SourceUnavailable):
                asked.connector.verify("AB10042", RIGHT)
        assert silent.calls == breaker.FAILURES


def test_wrong_secrets_never_open_the_breaker(directory: Directory) -> None:
    asked = in_a_directory(directory)
    asked.add("AB10042", RIGHT, None)
    for _ in range(breaker.FAILURES + 1):
        assert asked.connector.verify("AB10042", "wrong") is None
    assert asked.connector.verify("AB10042", RIGHT) is not None


def test_an_empty_password_is_never_sent_to_a_directory_that_would_take_it(directory: Directory) -> None:
    asked = in_a_directory(directory)
    asked.add("AB10042", RIGHT, None)
    taken = messages.bind(directory.names("AB10042")[0], "")
    with Wire.to("127.0.0.1", directory.port) as wire:
        assert wire._result(taken, messages.BOUND) == messages.SUCCESS, "as anonymous visitors come in, by RFC 4513"
    assert asked.connector.verify("AB10042", "") is None


def test_of_two_entries_that_say_they_are_an_account_neither_signs_in(directory: Directory) -> None:
    asked = in_a_directory(directory)
    asked.add("AB10042", RIGHT, None)
    asked.add("AB10042", "another", None)
    assert asked.connector.verify("AB10042", RIGHT) is None
    assert asked.connector.verify("AB10042", "another") is None


def test_an_account_without_a_password_is_nobodys(directory: Directory) -> None:
    asked = in_a_directory(directory)
    asked.add("AB10042", "", None)
    assert asked.connector.verify("AB10042", RIGHT) is None


def test_where_names_are_made_of_identifiers_nothing_is_searched(directory: Directory) -> None:
    asked = in_a_directory(
        directory, base=None, dn=f"employeeNumber={{identifier}},{PEOPLE}", identifier="employeeNumber"
    )
    directory.add("ignored", RIGHT)
    number = directory.read("ignored", "employeeNumber")[0]
    assert asked.connector.verify(number.upper(), RIGHT) is not None
    assert asked.connector.verify(number.upper(), "wrong") is None
    assert asked.connector.verify("1,CN=ADMIN", RIGHT) is None
    assert escaped('é,+"') == "\\c3\\a9\\2c\\2b\\22"


def test_a_lock_of_the_directorys_own_policy_can_be_the_mark(directory: Directory) -> None:
    asked = in_a_directory(directory, disable={"attribute": "pwdAccountLockedTime", "value": "000001010000Z"})
    asked.add("AB10042", RIGHT, None)
    asked.connector.disable("AB10042", "key-1")
    assert not directory.opens("AB10042", RIGHT), "the directory itself refuses it for every program"
    assert asked.connector.status("AB10042") == "disabled"
    directory.change("AB10042", "pwdAccountLockedTime", None)
    assert asked.connector.status("AB10042") == "active", "whoever opens it again is seen"


def test_a_password_that_somebody_set_again_is_seen(directory: Directory) -> None:
    asked = in_a_directory(directory, disable=None)
    asked.add("AB10042", RIGHT, None)
    asked.connector.disable("AB10042", "key-1")
    assert not directory.opens("AB10042", RIGHT)
    directory.change("AB10042", "userPassword", RIGHT)
    assert asked.connector.status("AB10042") == "active"


def test_a_receipt_tells_when_the_directory_made_the_change(directory: Directory) -> None:
    asked = in_a_directory(directory)
    asked.add("AB10042", RIGHT, None)
    first = asked.connector.disable("AB10042", "key-1")
    assert first.receipt == "ldap:key-1"
    assert asked.connector.disable("AB10042", "key-1") == first


def test_without_a_channel_for_new_secrets_the_source_says_so(directory: Directory) -> None:
    asked = in_a_directory(directory, reissue=None)
    asked.add("AB10042", RIGHT, None)
    with pytest.raises(CannotReissue):
        asked.connector.reissue("AB10042", "key-1")


def test_an_owner_signs_in_and_is_recorded(directory: Directory) -> None:
    asked = in_a_directory(directory)
    asked.add("AB10042", RIGHT, "zoe@exemple.fr")
    verified = legacy.verify(asked.syndic, "ab 10042", RIGHT, wait=lambda _: None)
    assert verified is not None
    assert (verified.account.identifier, verified.account.email) == ("AB10042", "zoe@exemple.fr")
    assert legacy.verify(asked.syndic, "AB10042", "wrong", wait=lambda _: None) is None


def secured(directory: Directory, scheme: str, host: str, *answers: str, **changes: Any) -> InADirectory:
    """The directory under a name, whose address is given."""
    port, queue = directory.tls_port if scheme == "ldaps" else directory.port, list(answers)
    made = in_a_directory(directory, url=f"{scheme}://{host}:{port}", **changes)
    return replace(made, connector=replace(made.connector, resolve=lambda _host, _port: [queue.pop(0)]))


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_beyond_this_machine_everything_goes_under_tls_with_whom_the_certificate_names(
    directory: Directory, scheme: str
) -> None:
    asked = secured(directory, scheme, HOST, "127.0.0.1", ca=directory.ca)
    asked.add("AB10042", RIGHT, None)
    assert asked.connector.verify("AB10042", RIGHT) is not None, "resolved once: a second answer would be missing"
    for host, ca in (("other.example", directory.ca), (HOST, None)):
        with pytest.raises(SourceUnavailable, match="certificate"):
            secured(directory, scheme, host, "127.0.0.1", ca=ca).connector.verify("AB10042", RIGHT)


@pytest.mark.usefixtures("app")
def test_a_directory_that_takes_no_tls_is_told_no_password() -> None:
    for code in (messages.SUCCESS, 2):
        with Canned(result(1, messages.EXTENDED_ANSWER, code), b"no TLS\n" * 50) as plain:
            asked = secured(Directory(plain.port, 0, __file__), "ldap", HOST, "127.0.0.1")  # type: ignore[arg-type]  # no folder
            asked = replace(asked, connector=replace(asked.connector, timeout_s=0.5))
            with pytest.raises(SourceUnavailable):
                asked.connector.verify("AB10042", RIGHT)
            assert messages.START_TLS.encode() in plain.heard
            assert SERVICE_PASSWORD.encode() not in plain.heard, "nothing is said in clear"


def test_a_name_that_leads_inside_is_never_called(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    with Canned() as inside:
        asked = secured(replace(directory, port=inside.port), "ldap", HOST, "127.0.0.1")
        monkeypatch.setenv("TROUSSEAU_OUTGOING_ALLOWED", "")
        settings.cache_clear()
        with pytest.raises(SourceUnavailable, match="no address that may be called"):
            asked.connector.verify("AB10042", RIGHT)
        monkeypatch.undo()
        settings.cache_clear()
        assert inside.calls == 0


def test_our_password_there_is_kept_encrypted_and_shown_to_nobody(directory: Directory) -> None:
    asked = in_a_directory(directory)
    row = session().scalars(select(LegacySource).where(LegacySource.syndic_id == asked.syndic.id)).one()
    assert SERVICE_PASSWORD not in str(row.layout)
    assert SERVICE_PASSWORD.encode() not in (row.credential or b"")
    assert SERVICE_PASSWORD not in str(described(asked.syndic.id))
    assert SERVICE_PASSWORD not in repr(asked.connector)


BAD: dict[str, dict[str, Any]] = {
    "no password": {"bind_password": ""},
    "no account": {"bind_dn": ""},
    "neither a base nor a name": {"base": None},
    "both": {"dn": "uid={identifier},dc=x"},
    "a name without the identifier": {"base": None, "dn": "uid=x,dc=x"},
    "no attribute's name": {"identifier": "uid)(cn=*"},
    "a wish that cannot be told from the last one": {"reissue": {"attribute": "pwdReset", "value": "TRUE"}},
    "a mark without a value": {"disable": {"attribute": "employeeType"}},
    "no certificate": {"ca": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"},
    "a field that nobody knows": {"filter": "(uid={identifier})"},
}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
def test_a_layout_that_could_never_work_is_refused_at_registration(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableSource) as refused:
        register_source(a_syndic(), "ldap", "ldaps://annuaire.example", {**LAYOUT, **changes})
    assert refused.value.private
    assert SERVICE_PASSWORD not in refused.value.private


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "address",
    [
        None,
        "https://annuaire.example",
        "ldaps://",
        "ldaps://10.0.0.1",
        "ldap://[::1]",
        "ldaps://a:b@annuaire.example",
        "ldaps://annuaire.example/dc=lilas",
        "ldaps://annuaire.example/?x",
        "ldaps://annuaire.exämple",
        "ldapi:///",
    ],
)
def test_a_directory_that_could_never_be_called_is_refused_at_registration(address: str | None) -> None:
    with pytest.raises(UnusableSource):
        register_source(a_syndic(), "ldap", address, LAYOUT)


def test_two_syndics_retired_passwords_are_not_alike(directory: Directory) -> None:
    one, other = in_a_directory(directory, disable=None), in_a_directory(directory, disable=None)
    one.add("AB10042", RIGHT, None)
    one.connector.disable("AB10042", "key-1")
    assert one.connector.status("AB10042") == "disabled"
    assert other.connector.status("AB10042") == "active", "what opens it is the first syndic's own"


def test_tls_below_1_2_is_not_spoken() -> None:
    from tenants.legacy.connectors.ldap import connector

    made = connector._tls(None)
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert made.verify_mode == ssl.CERT_REQUIRED
    assert made.check_hostname
