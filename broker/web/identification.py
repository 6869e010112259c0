"""Log lines of a request bear its id and its endpoint: found only when a line is written."""

import uuid
from collections.abc import MutableMapping
from typing import Any

from flask import g, has_request_context, request

Entry = MutableMapping[str, Any]


def identify(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Add `request_id` and `endpoint` to a log entry (a structlog processor)."""
    if has_request_context():
        if "request_id" not in g:
            g.request_id = uuid.uuid4().hex  # ours: what a visitor sends may be anything, or somebody else's
        entry.setdefault("request_id", g.request_id)
        entry.setdefault("endpoint", request.endpoint)
    return entry
