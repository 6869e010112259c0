"""What single things cost on this machine: the ground that every flow stands on."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from flask import Flask

from bench.requests import Direct
from bench.target import Endpoints
from bench.visitors import Visitor

TURNS = 500
TEXT = b"x" * 400


def measured(connection: psycopg.Connection[Any]) -> dict[str, float]:
    """CPU milliseconds of this process by what was done."""
    rsa_key, ec_key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    signature = ec_key.sign(TEXT, ec.ECDSA(hashes.SHA256()))
    return {
        "a bare Flask answer": _flask(),
        "one prepared SELECT": _turns(
            lambda: connection.execute("SELECT 1 WHERE %s", (True,), prepare=True).fetchone()
        ),
        "RS256 signature": _turns(lambda: rsa_key.sign(TEXT, padding.PKCS1v15(), hashes.SHA256())),
        "ES256 signature": _turns(lambda: ec_key.sign(TEXT, ec.ECDSA(hashes.SHA256()))),
        "ES256 verification": _turns(lambda: ec_key.public_key().verify(signature, TEXT, ec.ECDSA(hashes.SHA256()))),
    }


def _flask() -> float:
    app = Flask("hello")
    app.add_url_rule("/hello", "hello", lambda: "hello")
    paths = Endpoints(*["/hello"] * 6)
    direct = Direct(app, "localhost", paths)
    visitor = Visitor("", "", "", "", "")
    for _ in range(TURNS):
        direct.document("jwks", visitor)
    return direct.spent["jwks"] / direct.calls["jwks"] * 1000


def _turns(act: Callable[[], object]) -> float:
    act()
    before = time.thread_time()
    for _ in range(TURNS):
        act()
    return (time.thread_time() - before) / TURNS * 1000
