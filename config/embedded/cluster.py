"""What a cluster is made of: its roles, its access rules, its settings, its databases."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded.errors import EmbeddedServerError
from config.embedded.kept import Command, KeptProcess
from config.embedded.os_user import own_name
from config.embedded.places import Place

if TYPE_CHECKING:
    from psycopg.sql import Composed

SUPERUSER, OWNER, APPLICATION = "postgres", "trousseau_owner", "trousseau_app"
ROLES = (SUPERUSER, OWNER, APPLICATION)
PORT = 5432  # a part of the socket's name; there is no TCP
MAKE_SECONDS = 120.0

# What every database of the cluster inherits is said to template1. PUBLIC may nothing, so that APPLICATION
# has exactly what is granted to it: a connection and the sight of the schema; migrations grant the tables.
FIRST_STATEMENTS = f"""\
CREATE ROLE {OWNER} LOGIN;
CREATE ROLE {APPLICATION} LOGIN;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {APPLICATION};
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
CREATE DATABASE trousseau OWNER {OWNER};
REVOKE ALL ON DATABASE trousseau FROM PUBLIC;
GRANT CONNECT ON DATABASE trousseau TO {APPLICATION};
"""


def create(place: Place, binaries: Path, lock: int, log: Path, *, fsync: bool) -> None:
    """Make the cluster in `data.new`, roles and all, and only then call it `data`: none is used half-made.

    Raises:
        EmbeddedServerError: `initdb` failed, with the end of its log.
    """
    draft, script = place.folder / "data.new", place.folder / "first.sql"
    shutil.rmtree(draft, ignore_errors=True)
    place.give(draft)
    script.write_text(FIRST_STATEMENTS)
    unsafe = [] if fsync else ["--no-sync"]
    initdb = [str(binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER, *unsafe, *_INITDB]
    single = [str(binaries / "postgres"), "--single", "-D", str(draft), "-c", "exit_on_error=on"]
    for command in (
        Command(initdb, user=place.user),
        Command([*single, *_flags({} if fsync else _UNSAFE), "template1"], user=place.user, stdin=script),
    ):
        _run(command, lock, log)
    script.unlink()
    draft.rename(place.folder / "data")


_INITDB = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
)
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _run(command: Command, lock: int, log: Path) -> None:
    process = KeptProcess(command, lock, log)
    try:
        status = process.wait(MAKE_SECONDS)
    except subprocess.TimeoutExpired:
        raise EmbeddedServerError(f"{command.argv[0]} did not end in {MAKE_SECONDS:.0f} s.", log) from None
    finally:
        process.stop()
    if status:
        raise EmbeddedServerError(f"{command.argv[0]} failed with status {status}.", log)


def write_access_files(folder: Path) -> list[tuple[str, Path]]:
    """Write who may connect: the launching user, through the socket, as one of the three roles; nobody else.

    They lie beside the data, out of the server's reach when root launches, and are written anew at each
    start.
    """
    access, idents = folder / "pg_hba.conf", folder / "pg_ident.conf"
    access.write_text(f"local all {','.join(ROLES)} peer map=launcher\n")
    idents.write_text("".join(f'launcher "{own_name()}" {role}\n' for role in ROLES))
    for file in (access, idents):
        file.chmod(0o644)
    return [("hba_file", access), ("ident_file", idents)]


def settings(socket: Path, access: list[tuple[str, Path]], *, fsync: bool) -> list[str]:
    """The server's settings as `-c name=value` words."""
    quoted = '"' + str(socket).replace('"', '""') + '"'
    chosen = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": quoted,
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        # Below the data folder, not in /dev/shm: a kill leaves nothing there, and a container's is often
        # tiny.
        "dynamic_shared_memory_type": "mmap",
        "io_method": "sync",  # three processes fewer, for a database of this size
        # The DETAIL of a unique violation would put personal values into the log.
        "log_error_verbosity": "terse",
        **{name: str(path) for name, path in access},
        **({} if fsync else _UNSAFE),
    }
    return _flags(chosen)


def _flags(values: dict[str, str]) -> list[str]:
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def new_database(name: str, template: str | None) -> "Iterator[Composed]":
    """The statements, to be run outside a transaction, that make a database of OWNER's."""
    from psycopg.sql import SQL, Identifier

    names = {
        "name": Identifier(name),
        "template": Identifier(template or "template1"),
        "owner": Identifier(OWNER),
        "application": Identifier(APPLICATION),
    }
    yield SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}").format(**names)
    yield SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names)
    yield SQL("GRANT CONNECT ON DATABASE {name} TO {application}").format(**names)


def drop_database(name: str) -> "Composed":
    """The statement, to be run outside a transaction, that removes a database and ends its connections."""
    from psycopg.sql import SQL, Identifier

    return SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
