"""A syndic's own server: its legacy source and its clients' logout address, that keep every byte they are sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.serving import up
from tests.world import Account

NOW = "2026-01-01T00:00:00Z"


@dataclass
class Server:
    """What arrived, whole: request line, headers, body."""

    url: str
    accounts: list[Account]
    heard: list[str] = field(default_factory=list)

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """What the source says: right codes are verified, everything else is granted."""
        if path.endswith("/verify"):
            asked = json.loads(body)
            for account in self.accounts:
                if (account.identifier, account.password) == (asked["identifier"], asked["secret"]):
                    return 200, {
                        "identifier": account.identifier,
                        "holder": account.holder,
                        "email": account.email,
                        "label": "Lot 7",
                    }
            return 401, {}
        return 200, {"receipt": "reçu", "disabled_at": NOW, "reissued_at": NOW, "state": "active"}


@contextmanager
def listening(accounts: list[Account]) -> Iterator[Server]:
    """The server, up for the time of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    made = Server(f"http://127.0.0.1:{server.server_port}", accounts)
    server.keeper = made  # type: ignore[attr-defined]  # the handler knows its server
    with up(server):
        yield made


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._keep_and_answer()

    def do_POST(self) -> None:
        self._keep_and_answer()

    def _keep_and_answer(self) -> None:
        keeper: Server = self.server.keeper  # type: ignore[attr-defined]  # set above
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        keeper.heard.append(f"{self.requestline}\n{self.headers}\n{body.decode()}")
        status, said = keeper.answer(self.path, body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
