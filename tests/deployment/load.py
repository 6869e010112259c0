"""People who sign in one after the other, several at a time, until they are told to stop."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.workers.test_celery import eventually


@dataclass
class Load:
    """What has been done so far. `done` counts by kind; `failed` says what did not end well."""

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def await_more(self, count: int) -> None:
        """Return once so many more things have been done, from now on."""
        goal = len(self.done) + count
        eventually(f"{count} more are done", lambda: len(self.done) >= goal or bool(self.failed))
        assert not self.failed, f"nothing that was begun is lost: {self.failed[:3]}"


@contextmanager
def running(*acts: Callable[[], object]) -> Iterator[Load]:
    """Each act again and again, in a thread of its own; at the end nothing may have failed."""
    load, stop = Load(), threading.Event()
    threads = [threading.Thread(target=_again, args=(act, load, stop), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join(90)
    assert not any(thread.is_alive() for thread in threads), "whoever has begun comes to an end"
    assert not load.failed, f"nothing that was begun is lost: {load.failed[:3]}"


def _again(act: Callable[[], object], load: Load, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            act()
        except Exception as error:  # whatever it is, it is told where the test looks
            load.failed.append(f"{type(error).__name__}: {error}"[:1500])
            return
        load.done.append(getattr(act, "__name__", "act"))
