"""The embedded Valkey: it holds only what may be lost (hints, rate limits, caches), nothing on disk."""

import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from config.embedded.binaries import valkey_binary
from config.embedded.kept import Command
from config.embedded.places import own_folder, socket_folder
from config.embedded.server import EmbeddedServer


class EmbeddedValkey(EmbeddedServer):
    """Valkey on a unix socket that only the launching user can reach, for the home `home`."""

    label = "Valkey"

    def __init__(self, home: Path) -> None:
        super().__init__(home, "valkey")
        self._socket = socket_folder(self._folder) / "valkey.sock"

    @property
    def url(self) -> str:
        """For redis-py: `unix:///path/to/socket?db=0`."""
        return f"unix://{quote(str(self._socket))}?db=0"

    @property
    def celery_url(self) -> str:
        """For Celery's broker and result backend: `redis+socket:///path/to/socket?virtual_host=0`."""
        return f"redis+socket://{quote(str(self._socket))}?virtual_host=0"

    @property
    def _pid_file(self) -> Path:
        return self._folder / "server.pid"

    def _answers(self) -> bool:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError
        from redis.retry import Retry

        if not self._socket.exists():
            return False
        # Without retries, which would take seconds at the socket of a killed server.
        once = Retry(NoBackoff(), 0)
        client = Redis(unix_socket_path=str(self._socket), socket_timeout=2, retry=once)
        try:
            return bool(client.ping())
        except RedisError:
            return False
        finally:
            client.close()

    def _prepare(self, lock: int) -> Command:  # noqa: ARG002 - Valkey needs nothing run before it
        own_folder(self._socket.parent, 0o700)
        self._pid_file.unlink(missing_ok=True)
        return Command(self._argv(), ladder=[(signal.SIGTERM, 3.0)], pid_file=self._pid_file)

    def _argv(self) -> list[str]:
        settings = {
            "port": "0",  # no TCP: the socket's folder is the lock on the door
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "maxmemory-policy": "noeviction",  # an evicted message would be a lost one
            "save": "",
            "appendonly": "no",
            "dir": str(self._folder),
        }
        return [
            str(valkey_binary()),
            *(word for key, value in settings.items() for word in (f"--{key}", value)),
        ]

    def _remove_data(self) -> None:
        shutil.rmtree(self._socket.parent, ignore_errors=True)
