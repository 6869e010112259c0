"""The embedded PostgreSQL: a cluster for one home, on a unix socket, with the two roles of the program."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from config.embedded import cluster
from config.embedded.binaries import postgres_binaries
from config.embedded.cluster import APPLICATION, OWNER, PORT, SUPERUSER
from config.embedded.errors import EmbeddedServerError
from config.embedded.kept import Command
from config.embedded.os_user import server_user
from config.embedded.places import Place, database_place
from config.embedded.server import EmbeddedServer

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["APPLICATION", "OWNER", "SUPERUSER", "EmbeddedPostgres"]

# Fast (roll back, checkpoint), then immediate (the next start recovers), then by force: PostgreSQL, "Shutting
# Down the Server".
LADDER = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0))


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL for the home `home`; every process that uses a home must give the same `in_memory`.

    `fsync=False` trades durability for speed and `in_memory=True` keeps the data in /dev/shm where there is
    one: both are for tests. As root, the server runs as an unprivileged user, and its data are in
    /var/lib/trousseau.
    """

    label = "PostgreSQL"

    def __init__(self, home: Path, *, fsync: bool = True, in_memory: bool = False) -> None:
        super().__init__(home, "postgres")
        self._fsync = fsync
        self._place: Place = database_place(self._folder, server_user(), in_memory=in_memory)
        self._data = self._place.folder / "data"
        self._socket = self._place.socket_folder

    def url(self, role: str, database: str = "trousseau") -> str:
        """The SQLAlchemy URL of `database` for SUPERUSER, OWNER or APPLICATION, without any password.

        Raises:
            ValueError: another role, which the server would refuse.
        """
        if role not in cluster.ROLES:
            raise ValueError(f"no such role: {role!r}; there are {', '.join(cluster.ROLES)}")
        name, socket = quote(database, safe=""), quote(str(self._socket))
        return f"postgresql+psycopg://{role}@/{name}?host={socket}&port={PORT}"

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make a database of OWNER's that APPLICATION may connect to; a copy of `template`, if one is named.

        Raises:
            psycopg.errors.DuplicateDatabase: there is one of that name.
            psycopg.errors.ObjectInUse: somebody is connected to the template.
            psycopg.OperationalError: the server does not run.
        """
        with self._connect() as connection:
            for statement in cluster.new_database(name, template):
                connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Remove a database, if it is there, and end the connections to it.

        Raises:
            psycopg.OperationalError: the server does not run.
        """
        with self._connect() as connection:
            connection.execute(cluster.drop_database(name))

    def _connect(self) -> "Connection[Any]":
        import psycopg

        return psycopg.connect(
            host=str(self._socket),
            port=PORT,
            user=SUPERUSER,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    def _answers(self) -> bool:
        import psycopg

        if not (self._socket / f".s.PGSQL.{PORT}").exists():
            return False
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _prepare(self, lock: int) -> Command:
        self._place.prepare()
        self._clear_remains()
        binaries = postgres_binaries(self._place.user)
        access = cluster.write_access_files(self._place.folder)
        if not self._data.exists():
            cluster.create(self._place, binaries, lock, self.log, fsync=self._fsync)
        self._place.make_socket_folder()
        settings = cluster.settings(self._socket, access, fsync=self._fsync)
        argv = [str(binaries / "postgres"), "-D", str(self._data), *settings]
        return Command(argv, user=self._place.user, ladder=LADDER, death_signal=signal.SIGQUIT)

    def _clear_remains(self) -> None:
        """Remove pid and socket files of a killed server.

        We hold the lock, so no process of ours is left; but the pid in them may be another program's by now,
        and PostgreSQL would then refuse to start. A server that somebody started here by hand is respected.
        """
        try:
            pid = self._pid_file.read_text().split()[0]
            if Path(f"/proc/{pid}/cwd").resolve() == self._data.resolve():
                raise EmbeddedServerError(f"A PostgreSQL that was started by hand (pid {pid}) uses {self._data}.")
        except (OSError, IndexError):
            pass
        self._pid_file.unlink(missing_ok=True)
        if self._socket.is_dir():
            for left in self._socket.glob(".s.PGSQL.*"):
                left.unlink()

    def _remove_data(self) -> None:
        self._place.remove()
