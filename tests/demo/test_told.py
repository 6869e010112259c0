"""What the broker tells an extranet: that a session has ended, and what happened; and what it does not believe."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt

from tenants.webhooks.signatures import Parameters, content_digest, signed
from tests.demo.broker_stand_in import new_key
from tests.demo.conftest import Running

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "application/cloudevents+json"


def _signed_in(running: Running, sid: str) -> requests.Session:
    running.broker.claims |= {"sid": sid}
    browser = requests.Session()
    assert "data-testid" in browser.get(f"{running.url}/login", timeout=10).text
    return browser


def _is_in(running: Running, browser: requests.Session) -> bool:
    return "data-testid" in browser.get(running.url, timeout=10).text


def _logout(running: Running, sid: str, **changed: Any) -> int:
    key = changed.pop("key", running.broker.key)
    claims = {
        "iss": running.broker.issuer,
        "aud": "extranet-1",
        "sid": sid,
        "exp": int(time.time()) + 60,
        "events": {EVENT: {}},
        **changed,
    }
    token = jwt.encode({"alg": "ES256", "kid": key.kid, "typ": "logout+jwt"}, claims, key)
    return requests.post(f"{running.url}/backchannel-logout", data={"logout_token": token}, timeout=10).status_code


def test_a_session_that_has_ended_elsewhere_ends_here_and_no_other(running: Running) -> None:
    one, other = _signed_in(running, "s-1"), _signed_in(running, "s-2")
    assert _logout(running, "s-1") == 200
    assert not _is_in(running, one)
    assert _is_in(running, other)
    assert _logout(running, "s-1") == 200, "told twice is told"


@pytest.mark.parametrize(
    "lie",
    [{"iss": "https://ailleurs.example"}, {"aud": "un-autre"}, {"exp": 1}, {"events": {}}, {"nonce": "n"}, {"key": 0}],
)
def test_a_false_logout_token_ends_nothing(running: Running, lie: dict[str, Any]) -> None:
    browser = _signed_in(running, "s-1")
    if "key" in lie:
        lie = {"key": new_key()}
    assert _logout(running, "s-1", **lie) == 400
    assert _is_in(running, browser)


def _told(running: Running, url: str = "", created: datetime | None = None, **changed: str) -> int:
    event = {"id": "e-1", "source": running.broker.issuer, "type": "link.ended", "data": {"sub": "titulaire-1"}}
    body = json.dumps({**event, **changed}).encode()
    headers = {"Content-Type": TYPE, "Content-Digest": content_digest(body)}
    covered = [("@method", "POST"), ("@target-uri", url or f"{running.url}/webhooks")]
    covered += [(name.lower(), value) for name, value in headers.items()]
    key = running.broker.key.private_key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    parameters = Parameters(created or datetime.now(UTC), str(running.broker.key.kid), "n" * 43)
    headers |= signed(covered, parameters, key)
    return requests.post(f"{running.url}/webhooks", data=body, headers=headers, timeout=10).status_code


def test_an_event_is_taken_once_and_shown(running: Running) -> None:
    assert _told(running) == 204
    assert _told(running) == 204, "a repetition is answered as the first was"
    page = requests.get(f"{running.url}/events", timeout=10).text
    assert page.count("<h2>link.ended</h2>") == 1


def test_what_is_not_signed_for_this_very_address_just_now_is_refused(running: Running) -> None:
    assert _told(running, url="https://ailleurs.example/webhooks") == 401
    assert _told(running, created=datetime.now(UTC) - timedelta(minutes=10)) == 401
    assert _told(running, source="https://ailleurs.example") == 401
    assert requests.post(f"{running.url}/webhooks", data=b"{}", timeout=10).status_code == 401
    assert "Aucun événement" in requests.get(f"{running.url}/events", timeout=10).text
