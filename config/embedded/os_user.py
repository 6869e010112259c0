"""Which user of the operating system a server runs as."""

import os
import pwd
from dataclasses import dataclass

from config.embedded.errors import EmbeddedServerError

# In the order of preference. `nobody` is on every Linux. No user is ever added to somebody's machine.
UNPRIVILEGED = ("trousseau", "postgres", "nobody")


@dataclass(frozen=True)
class OsUser:
    """A user of this machine, other than the one who launches."""

    name: str
    uid: int
    gid: int


def server_user() -> OsUser | None:
    """Whom PostgreSQL must run as: None to stay who we are; root must hand it to somebody.

    Raises:
        EmbeddedServerError: root found nobody to hand it to.
    """
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return OsUser(name, entry.pw_uid, entry.pw_gid)
    names = ", ".join(UNPRIVILEGED)
    raise EmbeddedServerError(f"PostgreSQL refuses to run as root, and there is no user {names}. Add one.")


def own_name() -> str:
    """The name of the user who launches, as PostgreSQL's `peer` will see it.

    Raises:
        EmbeddedServerError: the user id has no name here (a container run with `--user 12345`).
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedServerError(
            f"The user id {os.geteuid()} has no name in /etc/passwd, and PostgreSQL needs one. "
            "Add an entry, or set TROUSSEAU_DATABASE_URL."
        ) from None
