"""When something that we depend on is gone: a calm page, and nothing that tells an attacker anything."""

import os

import httpx2
import pytest
import redis
from flask import Flask

from broker.app import create_app
from broker.embedded import Addresses
from config.database import db
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.settings import settings
from tests.browser import Browser
from tests.journeys.steps import confirm_by_code, legacy_sign_in, until_waiting
from tests.world import World

NOBODY = "postgresql+psycopg://trousseau_app@127.0.0.1:9/trousseau?connect_timeout=1"


def _without_database() -> Flask:
    return create_app(settings(), Addresses(NOBODY, None, "redis://127.0.0.1:9/0"))


@pytest.mark.parametrize("path", ["/t/some-agency/login", "/t/some-agency/jwks", "/readyz"])
def test_without_the_database_a_plain_503_says_when_to_come_back(path: str) -> None:
    answer = _without_database().test_client().get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "psycopg" not in answer.text


def test_ready_names_the_database_that_does_not_answer_and_nothing_of_where_it_is() -> None:
    answer = _without_database().test_client().get("/readyz")
    assert answer.json == {"status": "not ready", "database": "unreachable"}


def test_alive_needs_no_database() -> None:
    assert _without_database().test_client().get("/healthz").status_code == 200


def test_every_page_bears_the_security_headers(world: World) -> None:
    headers = Browser().get(f"{world.base}/login").response.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_a_form_without_its_token_changes_nothing(world: World) -> None:
    page = Browser().post(f"{world.base}/login", {"username": "a@b.example", "password": "x"})
    assert page.status == 400
    assert "restée ouverte trop longtemps" in page.text


def test_a_body_of_a_megabyte_is_refused(world: World) -> None:
    assert Browser().post(f"{world.base}/login", {"username": "x" * 1_000_000}).status == 413


def test_with_the_queue_dead_signing_in_and_associating_go_on(
    world: World, postgres: EmbeddedPostgres, database: str
) -> None:
    dead = Addresses(postgres.url(APPLICATION, database), None, "redis://127.0.0.1:9/0")
    lonely, browser = create_app(settings(), dead), Browser()
    browser.http = httpx2.Client(transport=httpx2.WSGITransport(app=lonely))
    syndic = world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    email = f"sans-file@{syndic.slug}.example"
    party, page = legacy_sign_in(browser, syndic, syndic.accounts[0])
    waiting = until_waiting(page, email)
    assert party.complete(waiting.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy"
    assert confirm_by_code(world, waiting, email).heading == "Ce compte est associé"
    with lonely.app_context():
        db.engine.dispose()


def test_a_promise_is_hinted_to_the_queue_right_after_its_commit(world: World) -> None:
    queue = redis.Redis.from_url(os.environ["TROUSSEAU_TEST_REDIS"])
    before = queue.llen("celery")  # nobody takes messages off this queue: it only grows
    syndic = world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    until_waiting(page, f"vite@{syndic.slug}.example")
    after = queue.llen("celery")
    queue.close()
    assert int(after) > int(before), "the worker is told at once, and need not wait for the sweep"
