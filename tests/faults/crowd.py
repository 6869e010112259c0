"""Owners at the same time: newcomers who associate one after the other, and residents who come back all day."""

import threading
import time
from collections.abc import Callable, Iterator

from tests.faults.owner import Owner
from tests.faults.visitor import Away


class Crowd:
    """Each in a thread: residents have associated before `start` returns; newcomers come as long as it lasts."""

    def __init__(self, owners: list[Owner], at_once: int) -> None:
        self.residents, waiting = owners[: at_once // 2], iter(owners[at_once // 2 :])
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._met: list[Owner] = []
        self._threads = [self._thread(self._comes_back, iter([owner])) for owner in self.residents]
        self._threads += [self._thread(self._associates, waiting) for _ in range(at_once - len(self.residents))]
        self.broken: list[BaseException] = []

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def settled(self) -> bool:
        """Whether the residents have associated."""
        return all(owner.associated for owner in self.residents)

    def alive(self) -> bool:
        """Whether anybody is still busy."""
        return any(thread.is_alive() for thread in self._threads)

    def finish(self, patience_s: float) -> None:
        """Nobody begins anything more; what was begun may be ended within so long."""
        self._stopping.set()
        with self._lock:
            for owner in self._met:
                owner.ends_at = time.monotonic() + patience_s

    def _thread(self, day: Callable[[Owner], None], waiting: Iterator[Owner]) -> threading.Thread:
        return threading.Thread(target=self._live, args=(day, waiting), daemon=True)

    def _live(self, day: Callable[[Owner], None], waiting: Iterator[Owner]) -> None:
        try:
            while (owner := self._next(waiting)) is not None:
                try:
                    day(owner)
                finally:
                    owner.closes()
        except Away:
            return
        except BaseException as broken:  # the test must hear of it
            self.broken.append(broken)
            raise

    def _next(self, waiting: Iterator[Owner]) -> Owner | None:
        with self._lock:
            owner = None if self._stopping.is_set() else next(waiting, None)
            if owner is not None:
                self._met.append(owner)
            return owner

    def _comes_back(self, owner: Owner) -> None:
        owner.associate()
        while not self._stopping.is_set():
            self._each(owner.signs_in, owner.refreshes, owner.mistypes, owner.refreshes)

    def _associates(self, owner: Owner) -> None:
        owner.associate()
        last = owner.detaches if owner.number % 2 else owner.signs_in
        self._each(owner.signs_in, owner.resets, last)

    def _each(self, *acts: Callable[[], None]) -> None:
        for act in acts:
            if self._stopping.is_set():
                return
            act()
