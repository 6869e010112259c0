"""Log lines of a request bear its id and its endpoint: found only when a line is written."""

import re
import uuid
from collections.abc import MutableMapping
from typing import Any

from flask import g, has_request_context, request

from config.settings import settings

Entry = MutableMapping[str, Any]
OF_OUR_PROXY = re.compile(r"[0-9a-f]{32}")


def identify(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Add `request_id` and `endpoint` to a log entry (a structlog processor)."""
    if has_request_context():
        if "request_id" not in g:
            g.request_id = _from_proxy() or uuid.uuid4().hex
        entry.setdefault("request_id", g.request_id)
        entry.setdefault("endpoint", request.endpoint)
    return entry


def _from_proxy() -> str | None:
    """The id under which our own proxy logs this request: it overwrites what a visitor sends (deploy/nginx.conf).

    Without a proxy there is none: what a visitor sends may be anything, or somebody else's.
    """
    sent = request.headers.get("X-Request-Id", "") if settings().trusted_proxies else ""
    return sent if OF_OUR_PROXY.fullmatch(sent) else None
