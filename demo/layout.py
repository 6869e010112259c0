"""Where the demonstration is: its folder, its ports, and the environment of its programs."""

import errno
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from demo.failures import DemoError

HOST = "127.0.0.1"
HIGHEST = 65_535 - 104
FREED_SECONDS = 2.0
DEFAULT_FOLDER = Path(__file__).parents[1] / "var" / "demo"


@dataclass(frozen=True)
class Layout:
    """The demonstration's folder, and the broker's port, from which the others follow.

    Raises:
        DemoError: from `from_environment` and `check_ports`, with the line to print.
    """

    folder: Path
    port: int

    @property
    def home(self) -> Path:
        """The service's own folder: embedded servers, keys."""
        return self.folder / "home"

    @property
    def logs(self) -> Path:
        """A log file for each program."""
        return self.folder / "logs"

    @property
    def broker(self) -> str:
        """The broker's address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def inbox(self) -> str:
        """The inbox's page."""
        return f"http://{HOST}:{self.port + 25}"

    @property
    def smtp_port(self) -> int:
        """Where the inbox takes mail."""
        return self.port + 26

    def extranet_port(self, number: int) -> int:
        """The port of the extranet of that number, counted from 1."""
        return self.port + 100 + number

    def extranet(self, number: int) -> str:
        """The address of the extranet of that number, counted from 1."""
        return f"http://{HOST}:{self.extranet_port(number)}"


def from_environment(environment: Mapping[str, str]) -> Layout:
    """What `PORT` (8000 when unset) and `TROUSSEAU_DEMO_HOME` (`var/demo` when unset) ask for.

    Raises:
        DemoError: `PORT` is no usable port.
    """
    asked = environment.get("PORT") or "8000"
    port = int(asked) if asked.isascii() and asked.isdecimal() else 0
    if not 1 <= port <= HIGHEST:
        raise DemoError(f"PORT={asked} is no port that can be used: choose one from 1024 to {HIGHEST}.")
    return Layout(Path(environment.get("TROUSSEAU_DEMO_HOME") or DEFAULT_FOLDER).absolute(), port)


def programs_environment(layout: Layout) -> dict[str, str]:
    """The demonstration's own settings; the caller's others, such as TROUSSEAU_RESEND_S, stay as they are.

    The servers' addresses are added once they run.
    """
    return {
        "TROUSSEAU_ENV": "development",
        "TROUSSEAU_HOME": str(layout.home),
        "TROUSSEAU_BASE_URL": layout.broker,
        "TROUSSEAU_SMTP_URL": f"smtp://{HOST}:{layout.smtp_port}",
        "TROUSSEAU_OUTGOING_ALLOWED": HOST,
        "TROUSSEAU_TRUSTED_PROXIES": "0",
        "TROUSSEAU_MAILS_PER_NETWORK": "100000",  # whoever tries the demonstration comes from one network
        "PYTHONUNBUFFERED": "1",  # a log says at once what happened
        "PYTHONUTF8": "1",  # French names pass, whatever this machine's locale
        # Whatever proxy this machine has, the programs talk among themselves.
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }


def check_ports(layout: Layout, extranets: int) -> None:
    """See that every port is free; the programs of a launcher that was killed just now get a moment to go.

    Raises:
        DemoError: naming the port that is not, and what it was for.
    """
    deadline = time.monotonic() + FREED_SECONDS
    for port, purpose in _ports(layout, extranets):
        while not _is_free(port):
            if time.monotonic() > deadline:
                raise DemoError(
                    f"Port {port} (for {purpose}) is taken. End the program that uses it, or choose another "
                    "PORT: the others follow it."
                )
            time.sleep(0.05)


def _ports(layout: Layout, extranets: int) -> Iterator[tuple[int, str]]:
    yield layout.port, "the broker"
    yield layout.port + 25, "the inbox's page"
    yield layout.smtp_port, "the inbox's SMTP"
    for number in range(1, extranets + 1):
        yield layout.extranet_port(number), f"extranet {number}"


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        # As the programs will do: connections that are only waiting to be forgotten do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise DemoError(f"Port {port} cannot be used: {os.strerror(error.errno or 0)}.") from error
    return True
