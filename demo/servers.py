"""The embedded servers of the demonstration: the launcher starts them, and everybody else is told where they are."""

import shutil

from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey
from demo.layout import Layout


class Servers:
    """PostgreSQL and Valkey of one folder."""

    def __init__(self, layout: Layout) -> None:
        self._home = layout.home
        self._postgres = EmbeddedPostgres(layout.home)
        self._valkey = EmbeddedValkey(layout.home)
        self._both: tuple[EmbeddedServer, ...] = (self._postgres, self._valkey)
        self._pids: dict[str, int] = {}

    def wipe(self) -> None:
        """Remove all that the service has kept.

        Raises:
            EmbeddedServerError: a server still runs there.
        """
        for server in self._both:
            server.wipe()
        shutil.rmtree(self._home)

    def start(self) -> None:
        """Start both.

        Raises:
            EmbeddedServerError: one cannot, with the end of its log.
        """
        for server in self._both:
            server.ensure()

    def addresses(self) -> dict[str, str]:
        """Where they are, as settings of the service."""
        return {
            "TROUSSEAU_DATABASE_URL": self._postgres.url(APPLICATION),
            "TROUSSEAU_MIGRATION_DATABASE_URL": self._postgres.url(OWNER),
            "TROUSSEAU_REDIS_URL": self._valkey.celery_url,
        }

    def tend(self) -> list[str]:
        """Start again what has died; a line for each."""
        return [line for server in self._both if not server.alive() for line in _restarted(server)]

    def pids(self) -> dict[str, int]:
        """By name; of a server that is down at this moment, the one that it had."""
        for name, server in (("postgres", self._postgres), ("valkey", self._valkey)):
            if server.alive():
                self._pids[name] = server.pid
        return dict(self._pids)

    def stop(self) -> None:
        """End both, the queue first."""
        self._valkey.stop()
        self._postgres.stop()


def _restarted(server: EmbeddedServer) -> list[str]:
    try:
        server.ensure()
    except EmbeddedServerError as error:
        return [f"{server.label} ended, and could not be started again yet: {str(error).splitlines()[0]}"]
    return [f"{server.label} ended; started again as {server.pid}."]
