"""What a consumer can check, with nothing of ours but the published keys."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from joserfc.jwk import ECKey

from config import clock
from tenants.webhooks.signatures import signature_base
from tests.workers.webhooks.conftest import Listening
from tests.workers.webhooks.consumer import Arrived, keys_of, verify

B_2_6_KEY = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"
B_2_6_SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def _told(listening: Listening) -> Arrived:
    listening.announce()
    listening.deliver()
    assert len(listening.consumer.arrived) == 1
    return listening.consumer.arrived[0]


def _check(listening: Listening, came: Arrived, url: str = "") -> None:
    verify(came, url or listening.consumer.url, keys_of(listening.syndic.issuer), clock.now().timestamp())


def test_our_signature_base_is_the_one_of_the_rfcs_own_example() -> None:
    """RFC 9421 appendix B.2.6: the published signature fits what we would have signed."""
    components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    base = signature_base(components, ';created=1618884473;keyid="test-key-ed25519"')
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(B_2_6_KEY + "="))
    key.verify(base64.b64decode(B_2_6_SIGNATURE), base)


def test_what_arrives_verifies_by_the_published_keys(listening: Listening) -> None:
    came = _told(listening)
    _check(listening, came)
    assert came.parameters.keys() == {"created", "expires", "keyid", "nonce"}
    age = datetime.now(UTC).timestamp() - int(came.parameters["created"])
    assert -1 <= age < 60, "signed when it was sent"
    assert int(came.parameters["expires"]) - int(came.parameters["created"]) == 300


@pytest.mark.parametrize("what", ["body", "body and digest", "method", "type", "expiry", "nonce", "key"])
def test_whatever_is_changed_on_the_way_is_noticed(listening: Listening, what: str) -> None:
    came = _told(listening)
    _check(listening, came)
    changed = came.body.replace(b"sub-1", b"sub-2")
    assert changed != came.body
    headers = dict(came.headers)
    given = headers["signature-input"]
    forged = {
        "body": replace(came, body=changed),
        "body and digest": replace(came, body=changed, headers=headers | _digest_of(changed)),
        "method": replace(came, method="PUT"),
        "type": replace(came, headers=headers | {"content-type": "application/json"}),
        "expiry": replace(came, headers=headers | {"signature-input": _later(came, given)}),
        "nonce": replace(came, headers=headers | {"signature-input": given.replace('nonce="', 'nonce="x')}),
        "key": replace(came, headers=headers | {"signature-input": given.replace('keyid="', 'keyid="x')}),
    }[what]
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's own words do not matter
        _check(listening, forged)


def _digest_of(body: bytes) -> dict[str, str]:
    import hashlib

    return {"content-digest": f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"}


def _later(came: Arrived, given: str) -> str:
    return given.replace(came.parameters["expires"], str(int(came.parameters["expires"]) + 10**6))


def test_what_was_for_one_address_is_good_at_no_other(listening: Listening) -> None:
    came = _told(listening)
    with pytest.raises(ValueError, match="signature"):
        _check(listening, came, f"{listening.consumer.base}/other")


def test_it_is_not_good_later(listening: Listening) -> None:
    came = _told(listening)
    listening.wait(minutes=6)
    with pytest.raises(ValueError, match="not of today"):
        _check(listening, came)


def test_each_send_is_signed_anew_and_says_the_same(listening: Listening) -> None:
    listening.consumer.answers = [(500, {})]
    listening.announce()
    listening.deliver()
    listening.wait(seconds=2)
    listening.deliver()
    first, second = listening.consumer.arrived
    assert first.body == second.body, "the same event, to the letter: `id` tells that it is the same"
    assert first.parameters["nonce"] != second.parameters["nonce"]
    for came in (first, second):
        _check(listening, came)


def test_an_event_is_a_cloud_event_with_ids_and_nothing_personal(listening: Listening) -> None:
    came = _told(listening)
    assert came.headers["content-type"] == "application/cloudevents+json"
    event = came.event
    assert event["specversion"] == "1.0"
    assert event["source"] == listening.syndic.issuer
    assert event["type"] == "association.confirmed"
    assert event["subject"] == event["data"]["account"] == "account-1"
    assert abs(datetime.fromisoformat(event["time"]).timestamp() - clock.now().timestamp()) < 60
    assert len(event["id"]) >= 32, "it tells nothing and cannot be guessed"
    assert set(event) == {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "data"}
    assert json.loads(came.body) == event


class _Published(HTTPSignatureKeyResolver):
    """Somebody else's library finds the key as a consumer would."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def resolve_public_key(self, key_id: str) -> Any:
        """The key of that id."""
        (jwk,) = [key for key in keys_of(self._issuer)["keys"] if key["kid"] == key_id]
        return ECKey.import_key(jwk).public_key


def test_another_implementation_of_the_rfc_takes_it_too(listening: Listening) -> None:
    came = _told(listening)
    request = httpx2.Request("POST", listening.consumer.url, headers=came.headers, content=came.body)
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_Published(listening.syndic.issuer)
    )
    (verified,) = verifier.verify(request, body=came.body, max_age=timedelta(minutes=5))
    assert verified.label == "trousseau"
    changed = httpx2.Request("POST", f"{listening.consumer.url}/x", headers=came.headers, content=came.body)
    with pytest.raises(InvalidSignature):
        verifier.verify(changed, body=came.body, max_age=timedelta(minutes=5))
