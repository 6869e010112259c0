"""What single things cost on this machine: the ground that every flow stands on."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from flask import Flask

from bench.asking import Direct, Request

TURNS = 500
TEXT = b"x" * 400


def measured(connection: psycopg.Connection[Any]) -> dict[str, float]:
    """CPU milliseconds of this process by what was done."""
    rsa_key, ec_key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    public, digest = ec_key.public_key(), hashes.SHA256()
    signature = ec_key.sign(TEXT, ec.ECDSA(digest))
    hello = Direct(_hello(), {})
    return {
        "a bare Flask answer": _turns(lambda: hello.ask(Request("hello", "/hello"))),
        "one prepared SELECT": _turns(
            lambda: connection.execute("SELECT 1 WHERE %s", (True,), prepare=True).fetchone()
        ),
        "RS256 signature": _turns(lambda: rsa_key.sign(TEXT, padding.PKCS1v15(), digest)),
        "ES256 signature": _turns(lambda: ec_key.sign(TEXT, ec.ECDSA(digest))),
        "ES256 verification": _turns(lambda: public.verify(signature, TEXT, ec.ECDSA(digest))),
    }


def _hello() -> Flask:
    app = Flask("hello")
    app.add_url_rule("/hello", "hello", lambda: "hello")
    return app


def _turns(act: Callable[[], object]) -> float:
    for _ in range(TURNS // 10):
        act()
    before = time.thread_time()
    for _ in range(TURNS):
        act()
    return (time.thread_time() - before) / TURNS * 1000
