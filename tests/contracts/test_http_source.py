"""Promises of the `http` kind alone: how its calls are signed, and that a faulty source is never a wrong password."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import cast

import pytest

from config import clock
from config.database import session
from config.outgoing import transport
from config.settings import settings
from tenants.legacy import service as legacy
from tenants.legacy.connectors import answers, breaker
from tenants.legacy.connectors.contract import SourceUnavailable
from tenants.legacy.connectors.http import HttpConnector
from tenants.legacy.connectors.source import connector_for, public_jwks, register_source
from tenants.legacy.models import LegacySource
from tenants.legacy.refusals import UnusableSource
from tests.contracts.conftest import Remote
from tests.contracts.syndic_service import SyndicService, respond
from tests.tenants.legacy.examples import a_syndic, an_account

RIGHT = "Lilas-2026"
PROFILE = {"identifier": "AB10042", "holder": "Zoé", "email": None, "label": ""}


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """The answer is lost on its way."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def saying(status: int, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: respond(handler, status, body, **headers)


def profile(**changes: object) -> Callable[[BaseHTTPRequestHandler], None]:
    return saying(200, json.dumps(PROFILE | changes).encode())


FAULTS = {
    "hangs up": hang_up,
    "500": saying(500, b"{}"),
    "503": saying(503, b""),
    "404 to a verification": saying(404, b"{}"),
    "201": saying(201, json.dumps(PROFILE).encode()),
    "a redirect": saying(307, b"", Location="/legacy/verify"),
    "a page": saying(200, b"<html>Maintenance</html>", Content_Type="text/html"),
    "a list": saying(200, b"[]"),
    "nested without end": saying(200, b"[" * 60_000),
    "no UTF-8": saying(200, b'{"identifier": "\xff"}'),
    "nothing": saying(200, b""),
    "compressed": saying(200, b"\x1f\x8b\x08\x00\x00", Content_Encoding="gzip"),
    "too much": saying(200, json.dumps(PROFILE | {"more": "x" * 70_000}).encode()),
    "another account": profile(identifier="AB10043"),
    "no holder": profile(holder=None),
    "a number for a name": profile(holder=12),
    "an endless name": profile(holder="x" * 5000),
    "control characters": profile(holder="Zo\u0000é"),
    "a wrong length": lambda handler: respond(handler, 200, b"{", Content_Length="10"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_what_is_not_the_contract_is_said_as_unavailable_and_never_as_a_wrong_secret(
    remote: Remote, fault: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    remote.add("AB10042", RIGHT, None)
    remote.service.fault = fault
    with pytest.raises(SourceUnavailable) as refused:
        remote.connector.verify("AB10042", RIGHT)
    assert refused.value.public == "Le service de votre syndic ne répond pas. Réessayez dans quelques minutes."
    assert refused.value.private, "the log needs a reason"
    assert RIGHT not in refused.value.private
    assert len(remote.service.requests) == 1, "neither redirect nor retry: one sign-in is one call"


def test_a_source_that_takes_the_call_and_never_answers_is_given_up(remote: Remote) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, transport.make_client(timeout_s=0.2) as impatient:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        waiting = replace(cast("HttpConnector", remote.connector), base_url=base, client=impatient)
        with pytest.raises(SourceUnavailable, match="Timeout"):
            waiting.verify("AB10042", RIGHT)


@pytest.mark.usefixtures("app")
def test_an_unreachable_source_is_said_to_the_one_who_signs_in() -> None:
    syndic = a_syndic("http", "http://127.0.0.1:9/legacy")
    an_account(syndic, "AB10042", None)
    with pytest.raises(SourceUnavailable):
        legacy.verify(syndic, "AB10042", RIGHT, wait=lambda _: None)


@pytest.mark.parametrize(
    "address", ["no address", "@", "a@b", "zoe@" + "x" * 300 + ".fr", "zoe @exemple.fr", "zoe@exemple.fr, a@b.fr"]
)
def test_an_address_that_is_none_is_left_out_and_the_sign_in_goes_on(address: str) -> None:
    told = answers.profile(json.dumps(PROFILE | {"email": address[:300]}).encode(), "AB10042")
    assert told.email is None


def test_every_call_is_signed_for_one_source_one_body_and_one_use(remote: Remote) -> None:
    remote.add("AB10042", RIGHT, None)
    remote.connector.verify("AB10042", RIGHT)
    remote.connector.status("AB10042")
    remote.connector.disable("AB10042", "key-1")
    assert remote.service.refusals == [], "a strict source must accept our tokens"
    source = session().query(LegacySource).filter_by(base_url=remote.service.base_url).one()
    for token in remote.service.tokens:
        assert token["header"] == {"alg": "ES256", "kid": source.key_id, "typ": "JWT"}
        assert token["iss"].startswith(f"{settings().base_url}/t/s"), "the issuer is ours"
        assert token["exp"] - token["iat"] == 60
    assert len({token["jti"] for token in remote.service.tokens}) == 3
    assert remote.service.headers[2]["idempotency-key"] == "key-1"


def test_a_source_that_does_not_know_our_key_is_unavailable_and_nobodys_password_is_wrong(remote: Remote) -> None:
    remote.add("AB10042", RIGHT, None)
    remote.service.trusts = public_jwks(a_syndic().id)
    with pytest.raises(SourceUnavailable, match="403"):
        remote.connector.verify("AB10042", RIGHT)


@pytest.mark.usefixtures("app")
def test_the_published_key_is_public_only_and_no_other_syndics() -> None:
    one, other = public_jwks(a_syndic().id), public_jwks(a_syndic().id)
    assert "d" not in one["keys"][0], "the private half must never be published"
    assert {key["kid"] for key in one["keys"]}.isdisjoint(key["kid"] for key in other["keys"])
    assert one["keys"][0]["alg"] == "ES256"


def test_a_lost_answer_is_asked_for_again_and_disables_once(remote: Remote) -> None:
    remote.add("AB10042", RIGHT, None)
    remote.service.fault = hang_up
    with pytest.raises(SourceUnavailable):
        remote.connector.disable("AB10042", "key-1")
    remote.service.fault = None
    receipt = remote.connector.disable("AB10042", "key-1")
    assert receipt.receipt == "disable-0", "the receipt is that of the first, effective call"
    assert remote.effective_disablements("AB10042") == 1


@pytest.mark.parametrize(
    "answer",
    [
        b'{"receipt": "r"}',
        b'{"receipt": "r", "disabled_at": "hier"}',
        b'{"receipt": "", "disabled_at": "2026-11-22T10:00Z"}',
        b'{"receipt": "r", "disabled_at": "2026-11-22T10:00:00"}',
    ],
)
def test_a_receipt_that_proves_nothing_is_none(remote: Remote, answer: bytes) -> None:
    remote.add("AB10042", RIGHT, None)
    remote.service.fault = saying(200, answer)
    with pytest.raises(SourceUnavailable):
        remote.connector.disable("AB10042", "key-1")


@pytest.fixture
def still_clock() -> Iterator[None]:
    """The clock is as it was after the test."""
    yield
    clock.shift(timedelta())


@pytest.mark.usefixtures("still_clock")
def test_a_source_that_fails_again_and_again_is_left_alone_then_tried_once(remote: Remote) -> None:
    remote.add("AB10042", RIGHT, None)
    remote.service.fault = saying(500, b"")
    for _ in range(breaker.FAILURES + 3):
        with pytest.raises(SourceUnavailable):
            remote.connector.verify("AB10042", RIGHT)
    assert len(remote.service.requests) == breaker.FAILURES, "an open breaker must spare the source and the caller"
    clock.shift(breaker.OPEN_FOR)
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            remote.connector.verify("AB10042", RIGHT)
    assert len(remote.service.requests) == breaker.FAILURES + 1, "one trial, then the wait begins anew"
    remote.service.fault = None
    clock.shift(2 * breaker.OPEN_FOR)
    assert remote.connector.verify("AB10042", RIGHT) is not None
    assert remote.connector.verify("AB10042", RIGHT) is not None, "a success closes the breaker"


@pytest.mark.usefixtures("still_clock")
def test_while_one_caller_tries_a_failed_source_the_others_do_not_wait_for_it() -> None:
    watched = breaker.Breaker()
    for _ in range(breaker.FAILURES):
        watched.failed()
    assert not watched.lets_through()
    clock.shift(breaker.OPEN_FOR)
    assert watched.lets_through(), "after the pause one may try"
    assert not watched.lets_through(), "the others must be answered at once while the trial lasts"


def test_wrong_secrets_never_open_the_breaker(remote: Remote) -> None:
    remote.add("AB10042", RIGHT, None)
    for _ in range(breaker.FAILURES + 1):
        assert remote.connector.verify("AB10042", "wrong") is None
    assert remote.connector.verify("AB10042", RIGHT) is not None


def test_one_syndics_broken_source_leaves_the_others_signing_in(remote: Remote) -> None:
    remote.add("AB10042", RIGHT, None)
    broken = connector_for(a_syndic("http", "http://127.0.0.1:9").id)
    for _ in range(breaker.FAILURES + 1):
        with pytest.raises(SourceUnavailable):
            broken.verify("AB10042", RIGHT)
    assert remote.connector.verify("AB10042", RIGHT) is not None


def test_the_first_sign_in_of_an_account_that_we_did_not_know_records_it(
    service: SyndicService, remote: Remote
) -> None:
    syndic = a_syndic("http", service.base_url)
    service.trusts = public_jwks(syndic.id)
    remote.add("AB10042", RIGHT, "zoe@exemple.fr")
    first = legacy.verify(syndic, "ab 10042", RIGHT, wait=lambda _: None)
    again = legacy.verify(syndic, "AB10042", RIGHT, wait=lambda _: None)
    assert first is not None
    assert again is not None
    assert again.account.id == first.account.id
    assert (first.account.identifier, first.account.email, first.account.state) == (
        "AB10042",
        "zoe@exemple.fr",
        "active",
    )
    service.people["AB10042"].holder = "Mme Lefèvre"
    renamed = legacy.verify(syndic, "AB10042", RIGHT, wait=lambda _: None)
    assert renamed is not None
    assert renamed.account.holder == "Mme Lefèvre", "the source is the one that knows its account"


def test_the_holder_of_a_remote_account_is_told_after_its_end(service: SyndicService, remote: Remote) -> None:
    syndic = a_syndic("http", service.base_url)
    service.trusts = public_jwks(syndic.id)
    remote.add("AB10042", RIGHT, None)
    verified = legacy.verify(syndic, "AB10042", RIGHT, wait=lambda _: None)
    assert verified is not None
    account = verified.account
    legacy.mark_pending(account)
    legacy.confirm(account, disable=True)
    assert account.disable_key is not None
    legacy.record_disabled(account, connector_for(syndic.id).disable(account.identifier, account.disable_key))
    told = legacy.verify(syndic, "AB10042", RIGHT, wait=lambda _: None)
    assert told == legacy.Verified(account, retired=True)
    assert legacy.verify(syndic, "AB10042", "wrong", wait=lambda _: None) is None


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("ldap", None),
        ("http", None),
        ("http", "http://syndic.example/legacy"),
        ("http", "ftp://syndic.example"),
        ("http", "https://"),
        ("http", "https://user:pass@syndic.example"),
        ("http", "https://syndic.example/?a=b"),
        ("http", "https://syndic.example/#a"),
        ("http", "https://10.0.0.1/legacy"),
        ("http", "https://[::1]/legacy"),
        ("http", "https://169.254.169.254"),
        ("http", "https://syndic.example:99999"),
        ("http", "https://syndic.exämple"),
        ("http", "https://[::1"),
        ("imported", "https://syndic.example"),
    ],
)
def test_a_source_that_could_never_be_called_is_refused_at_registration(kind: str, address: str | None) -> None:
    syndic = a_syndic()
    with pytest.raises(UnusableSource) as refused:
        register_source(syndic, kind, address)
    assert refused.value.private


@pytest.mark.usefixtures("app")
def test_registering_again_moves_the_source_and_keeps_its_key() -> None:
    syndic = a_syndic()
    key = public_jwks(syndic.id)
    register_source(syndic, "http", "https://syndic.example/legacy/")
    assert public_jwks(syndic.id) == key, "the syndic has our key: it must not change under it"
    assert register_source(syndic, "http", "https://syndic.example/legacy").base_url == "https://syndic.example/legacy"
