"""How a secret may stand in a log: as it is, in an address, in JSON, in base64; and as people read codes."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SHORTEST = 4


def written(secret: str) -> Iterator[str]:
    """Every way in which it would be found by who looks for it."""
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield from _in_base64(secret.encode())
    if secret.isdecimal() and len(secret) == 8:
        yield f"{secret[:4]} {secret[4:]}"


def _in_base64(raw: bytes) -> Iterator[str]:
    """Its letters wherever it begins in what was encoded: the first and last ones depend on its neighbours."""
    for offset in range(3):
        padded = b"\0" * offset + raw
        encoded = base64.b64encode(padded).decode().rstrip("=")
        inner = encoded[(offset * 4 + 2) // 3 : len(encoded) - 1]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def found(secrets: dict[str, str], text: str) -> list[str]:
    """The names of those that stand there in any form."""
    assert all(len(secret) >= SHORTEST for secret in secrets.values()), "what is too short would be found anywhere"
    return sorted(name for name, secret in secrets.items() if any(form in text for form in set(written(secret))))
