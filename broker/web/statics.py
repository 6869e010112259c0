"""Style sheets, scripts and typefaces: browsers keep each as long as it is what it was, and ask for none again.

Their addresses carry a digest of their content, so a page after an update asks for the new one at once.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

KEPT = "public, max-age=31536000, immutable"
BY_NAME = ".woff2"
"""Style sheets name these, so their own names change with their content."""


def install(app: Flask) -> None:
    """Give static addresses their digest, and let browsers keep what they were promised."""
    folder = Path(str(app.static_folder))

    @app.url_defaults
    def _name(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and not values["filename"].endswith(BY_NAME):
            values["v"] = _digest(folder / values["filename"])

    @app.after_request
    def _keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304} and _is_promised(folder):
            response.headers["Cache-Control"] = KEPT
        return response


def _is_promised(folder: Path) -> bool:
    """Whether this is what the address promises: another machine may already have, or still have, another one."""
    name = (request.view_args or {}).get("filename", "")
    return name.endswith(BY_NAME) or request.args.get("v") == _digest(folder / name)


@lru_cache(maxsize=64)
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""
