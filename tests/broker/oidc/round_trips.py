"""Counting what the broker asks the database: a relay before PostgreSQL that reads the protocol's frames.

Each answer of the server costs a round trip: it follows a Sync or a simple Query (PostgreSQL, "Message Flow"). So
whatever a driver or a pool does behind the scenes (BEGIN, ROLLBACK, a ping) is counted too.
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
        with client, server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        frames += data
                        begun = self._read(frames, begun=begun)
                    (server if ready is client else client).sendall(data)

    def _read(self, frames: bytearray, *, begun: bool) -> bool:
        """Take whole frames off; the first one (the start-up message) has no type byte."""
        while True:
            skip = 1 if begun else 0
            if len(frames) < 4 + skip:
                return begun
            length = int.from_bytes(frames[skip : skip + 4], "big") + skip
            if len(frames) < length:
                return begun
            self.count += begun and bytes(frames[:1]) in ASKS
            del frames[:length]
            begun = True


@contextmanager
def counted(target: Path) -> Iterator[tuple[RoundTrips, str]]:
    """A relay before the PostgreSQL whose socket lies in `target`; with the folder to connect to."""
    with TemporaryDirectory(prefix="relay") as folder:
        relay = RoundTrips(Path(folder), target / f".s.PGSQL.{PORT}")
        try:
            yield relay, folder
        finally:
            relay.close()
