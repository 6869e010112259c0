"""Retiring a legacy secret: at its source, once a link asked for it, until the source has said so."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from config import clock, secrets
from config.database import session, transaction
from tenants.legacy import service
from tenants.legacy.connectors.source import register_source
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic
from tests.serving import up
from tests.workers.conftest import the_promise
from workers import outbox

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'"


class Source(ThreadingHTTPServer):
    """A syndic's own service, as far as `disable` goes: it notes the keys, and what our database held meanwhile."""

    daemon_threads = True

    def __init__(self, app: Flask) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.app = app
        self.keys: list[str | None] = []
        self.open_transactions: list[int] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Source

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        with self.server.app.app_context():
            self.server.open_transactions.append(session().scalar(text(WAITING)) or 0)
        body = json.dumps({"receipt": "r-1", "disabled_at": "2026-11-22T10:00:00+00:00"}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def source(app: Flask) -> Iterator[Source]:
    server = Source(app)
    with up(server):
        yield server


def confirmed_account(base_url: str | None) -> LegacyAccount:
    """An account whose association has just been confirmed at a syndic that disables: the promise is made."""
    with transaction() as work:
        syndic = Syndic(
            slug=f"s-{secrets.digits(12)}",
            name="Lilas",
            legal_name="Lilas SAS",
            siren="732829320",
            status="active",
            colour="#224466",
            contact={},
            locale="fr",
            association_policy="optional",
            legacy_disable="after_confirmation",
            pairwise_salt=secrets.random_bytes(16),
            created_at=clock.now(),
        )
        work.add(syndic)
        work.flush()
        register_source(syndic, "http" if base_url else "imported", base_url)
        facts = {"holder": "Mme Petit", "label": "Appt 3", "email": None, "imported_at": clock.now()}
        account = LegacyAccount(syndic_id=syndic.id, identifier="10042317", **facts)
        work.add(account)
        work.flush()
        service.mark_pending(account)
        service.confirm(account, disable=True)
    return account


@pytest.mark.parametrize("kind", ["imported", "http"])
def test_a_confirmed_accounts_secret_is_disabled_at_its_source_with_the_receipt_kept(source: Source, kind: str) -> None:
    account = confirmed_account(source.url if kind == "http" else None)
    outbox.drain("legacy.disable")
    session().expire_all()
    assert account.state == "disabled"
    assert account.receipt is not None
    done = the_promise("legacy.disable")
    assert done.result == {"disabled": True, "receipt": account.receipt["receipt"]}
    assert source.keys == ([account.disable_key] if kind == "http" else [])


def test_no_transaction_is_open_while_the_source_is_asked(source: Source) -> None:
    confirmed_account(source.url)
    outbox.drain("legacy.disable")
    assert source.open_transactions == [0], "a slow source must not hold locks or connections of ours"


def test_a_source_that_fails_is_asked_again_with_the_same_key_until_it_says_so(source: Source) -> None:
    account = confirmed_account(source.url)
    source.status = 500
    outbox.drain("legacy.disable")
    session().expire_all()
    assert account.state == "disable_requested", "nothing is disabled before the source has said so"
    assert "500" in (the_promise("legacy.disable").last_error or ""), "operators see why"
    source.status = 200
    clock.shift(timedelta(seconds=2))
    outbox.drain("legacy.disable")
    session().expire_all()
    assert account.state == "disabled"
    assert source.keys == [account.disable_key] * 2, "the source can tell a repetition from a second wish"


@pytest.mark.parametrize("state", ["active", "linked", "disabled"])
def test_an_account_that_no_longer_waits_for_it_is_left_alone(source: Source, state: str) -> None:
    account = confirmed_account(source.url)
    with transaction():
        account.state = state
    outbox.drain("legacy.disable")
    assert source.keys == [], "nothing is disabled but what a confirmed link asked for"
    assert the_promise("legacy.disable").result == {"disabled": False}
    session().expire_all()
    assert account.state == state
