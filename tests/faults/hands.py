"""The hands that strike the programs and servers of a deployment, and note what they did."""

import os
import random
import signal
from contextlib import suppress

import psutil

from config.embedded.server import EmbeddedServer
from demo.running import Running
from tests.faults.lengths import SEED

WORKERS = ("worker-1", "worker-2")


class Hands:
    """What can be done to processes, by their names."""

    def __init__(self) -> None:
        self.servers: dict[str, EmbeddedServer] = {}
        self.running: dict[str, Running] = {}
        self.random = random.Random(SEED)  # noqa: S311 - a seed makes a fault come again
        self.struck: list[str] = []
        """What was done, in order."""

    def kill(self, name: str) -> None:
        """`kill -9` a program or a server by its name."""
        pid = self.servers[name].pid if name in self.servers else self.running[name].pid
        self._strike(f"kill -9 {name}", pid, signal.SIGKILL)

    def kill_child(self, name: str) -> None:
        """`kill -9` one of the processes that a program has started."""
        children = self.children(name)
        if children:
            self._strike(f"kill -9 a process of {name}", self.random.choice(children), signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """SIGSTOP a program with all its processes."""
        for pid in [self.running[name].pid, *self.children(name)]:
            self._strike(f"stop a process of {name}", pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        for pid in [self.running[name].pid, *self.children(name)]:
            self._strike(f"resume a process of {name}", pid, signal.SIGCONT)

    def children(self, name: str) -> list[int]:
        """The processes that a program has started."""
        return self.running[name].children()

    def caller(self, port: int) -> str:
        """The worker with a process that calls from this port.

        Raises:
            LookupError: none of them does.
        """
        for name in WORKERS:
            for pid in self.children(name):
                with suppress(psutil.Error):
                    if any(getattr(each.laddr, "port", None) == port for each in psutil.Process(pid).net_connections()):
                        return name
        raise LookupError(f"no worker calls from port {port}")

    def _strike(self, what: str, pid: int, number: int) -> None:
        self.struck.append(what)
        self.signal(pid, number)

    @staticmethod
    def signal(pid: int, number: int) -> None:
        """To a process that may have died meanwhile."""
        with suppress(ProcessLookupError):
            os.kill(pid, number)
