"""The programs that run at a time: started by name, waited for, kept alive, ended together."""

import time
from collections.abc import Callable, Mapping

import httpx2

from demo.failures import DemoError
from demo.running import Program, Running, end_all

ANSWER_SECONDS = 60.0
LOOK_SECONDS = 0.05


class Crew:
    """Programs with one environment; to be used in the main thread only."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._members: dict[str, Running] = {}

    def start(self, program: Program) -> None:
        """Start one more.

        Raises:
            OSError: this machine cannot.
        """
        self._members[program.name] = Running(program, self._environment)

    def await_answer(self, name: str, address: str) -> None:
        """Return once `address`, of the program of that name, is answered with success.

        Raises:
            DemoError: the program has ended, or does not answer within a minute; with the end of its log.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while not _answers(address):
            self.look()
            if time.monotonic() > deadline:
                log = self._members[name].program.log
                raise DemoError(f"{name} does not answer at {address} after {ANSWER_SECONDS:.0f} s.", log=log)
            time.sleep(LOOK_SECONDS)

    def tend(self, tell: Callable[[str], None]) -> None:
        """Start again whatever has died."""
        for member in self._members.values():
            line = member.tend()
            if line is not None:
                tell(line)

    def pid(self, name: str) -> int:
        """The process of that program."""
        return self._members[name].pid

    def children(self, name: str) -> list[int]:
        """The processes that it started."""
        return self._members[name].children()

    def stop(self) -> None:
        """End all, by force after 5 s."""
        end_all(self._members.values())

    def look(self) -> None:
        """See that all run.

        Raises:
            DemoError: one has ended, with the end of its log.
        """
        for name, member in self._members.items():
            if member.exit_status() is not None:
                raise DemoError(f"{name} ended while it started.", log=member.program.log)


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=5, trust_env=False).is_success
    except httpx2.HTTPError:
        return False
