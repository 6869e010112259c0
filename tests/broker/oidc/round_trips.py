"""Counting what the broker asks the database: a relay before PostgreSQL that reads the protocol's frames.

Each answer of the server costs a round trip: it follows a Sync or a simple Query (PostgreSQL, "Message Flow"). So
whatever a driver or a pool does behind the scenes (BEGIN, ROLLBACK, a ping) is counted too. The statements are kept as
they are run, without their values: by a Query, or by a Bind of what an earlier Parse has named.
"""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ASKS = (b"S", b"Q")
PORT = 5432


class RoundTrips:
    """A relay on a unix socket in `folder`, in front of the socket at `target`."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.count = 0
        self.statements: list[str] = []
        self._target = target
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._target))
        frames, begun = bytearray(), False
        named: dict[bytes, bytes] = {}
        with client, server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        frames += data
                        begun = self._read(frames, named, begun=begun)
                    (server if ready is client else client).sendall(data)

    def _read(self, frames: bytearray, named: dict[bytes, bytes], *, begun: bool) -> bool:
        """Take whole frames off; the first one (the start-up message) has no type byte."""
        while True:
            skip = 1 if begun else 0
            if len(frames) < 4 + skip:
                return begun
            length = int.from_bytes(frames[skip : skip + 4], "big") + skip
            if len(frames) < length:
                return begun
            if begun:
                self._note(bytes(frames[:1]), bytes(frames[5:length]), named)
            del frames[:length]
            begun = True

    def _note(self, kind: bytes, body: bytes, named: dict[bytes, bytes]) -> None:
        """Understand one frame (PostgreSQL, "Message Formats")."""
        self.count += kind in ASKS
        first, _, rest = body.partition(b"\0")
        if kind == b"P":
            named[first] = rest.partition(b"\0")[0]
        elif kind == b"B":
            self.statements.append(named[rest.partition(b"\0")[0]].decode())
        elif kind == b"Q":
            self.statements.append(first.decode())


@contextmanager
def counted(target: Path) -> Iterator[tuple[RoundTrips, str]]:
    """A relay before the PostgreSQL whose socket lies in `target`; with the folder to connect to."""
    with TemporaryDirectory(prefix="relay") as folder:
        relay = RoundTrips(Path(folder), target / f".s.PGSQL.{PORT}")
        try:
            yield relay, folder
        finally:
            relay.close()
