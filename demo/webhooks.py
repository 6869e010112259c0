"""Where the broker tells the extranet what happened (the broker's docs/webhooks.md), and a page that shows the last.

Everything is checked before the body is read: the signature (RFC 9421), the digest (RFC 9530), the time.
"""

import base64
import binascii
import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from demo.extranet_config import Config
from demo.published_keys import KeysUnavailableError, PublishedKeys

PATH = "/webhooks"
KEPT = 20
LONGEST = 64_000  # bytes of a call
AHEAD = 60  # seconds that the broker's clock may go before ours
COVERED = ("@method", "@target-uri", "content-type", "content-digest")
INPUT = re.compile(
    r"trousseau=(?P<signed>\((?P<names>[^)]*)\);created=(?P<created>\d+);expires=(?P<expires>\d+)"
    r';keyid="(?P<keyid>[\w-]+)";nonce="[\w-]+")'
)
SIGNATURE = re.compile(r"trousseau=:([\w+/=]+):")


def webhooks(config: Config, url: str) -> Blueprint:
    """`POST /webhooks` takes events for the extranet at `url`, and `GET /events` shows the last twenty."""
    taking = Blueprint("webhooks", __name__)
    keys = PublishedKeys(f"{config.issuer}/webhooks/jwks")
    taken: OrderedDict[str, dict[str, Any]] = OrderedDict()

    @taking.post(PATH)
    def take() -> ResponseReturnValue:
        request.max_content_length = LONGEST
        body = request.get_data()
        try:
            check({name.lower(): value for name, value in request.headers.items()}, body, url + PATH, keys)
            event = json.loads(body)
        except (ValueError, JoseError):
            return "", 401
        except KeysUnavailableError:
            return "", 503
        if event["source"] != config.issuer:
            return "", 401
        taken.setdefault(event["id"], event)  # what comes twice is the same
        while len(taken) > KEPT:
            taken.popitem(last=False)
        return "", 204

    @taking.get("/events")
    def events() -> str:
        return render_template("extranet/events.html", events=list(reversed(taken.values())))

    return taking


def check(headers: Mapping[str, str], body: bytes, url: str, keys: PublishedKeys) -> None:
    """Accept a POST to `url` that the broker signed a moment ago.

    Raises:
        ValueError, JoseError: it did not.
        KeysUnavailableError: nobody can tell now.
    """
    given = INPUT.fullmatch(headers.get("signature-input", ""))
    signature = SIGNATURE.fullmatch(headers.get("signature", ""))
    if given is None or signature is None or given["names"] != " ".join(f'"{name}"' for name in COVERED):
        raise ValueError("not signed as it should be")
    if not int(given["created"]) - AHEAD <= time.time() <= int(given["expires"]):
        raise ValueError("too old, or not yet")
    if headers.get("content-digest") != f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:":
        raise ValueError("another body")
    values = {**headers, "@method": "POST", "@target-uri": url}
    lines = [f'"{name}": {values.get(name, "")}' for name in COVERED]
    base = "\n".join([*lines, f'"@signature-params": {given["signed"]}'])
    _verify(keys.named(given["keyid"]), signature[1], base.encode())


def _verify(key: object, signature: str, base: bytes) -> None:
    try:
        raw = base64.b64decode(signature, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(raw) != 64 or not isinstance(key, ECKey):
        raise ValueError("not of ES256")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.public_key.verify(der, base, ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ValueError("not by that key") from error
