"""`make demo`: the whole service with four sample syndics, in the foreground until Ctrl-C.

Run `python -m demo.launcher`. `PORT` (8000) is the broker's port, the others follow it; `KEEP=1` goes on with
the data of the start before; `TROUSSEAU_DEMO_HOME` puts `var/demo` elsewhere.
"""

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from types import FrameType

from config.embedded.errors import EmbeddedServerError
from config.settings import SettingsError
from demo.demonstration import Demonstration
from demo.failures import DemoError
from demo.layout import Layout, from_environment
from demo.telling import say

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status: 1 when it could not start."""
    _end_on_signals()
    _say_all_that_can_be_said()
    try:
        _run(from_environment(os.environ))
    except (DemoError, EmbeddedServerError, SettingsError, OSError) as error:
        print(f"The demonstration cannot run: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("Everything has ended.")
    return 0


def _run(layout: Layout) -> None:
    with _only_one(layout):
        demonstration = Demonstration(layout, os.environ)
        try:
            demonstration.start()
            demonstration.stay()
        finally:
            _be_deaf()
            demonstration.stop()


def _say_all_that_can_be_said() -> None:
    """A terminal that knows no « … » gets a question mark, not the end of everything."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def _only_one(layout: Layout) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it however this process ends.

    Raises:
        DemoError: another launcher runs in this folder.
    """
    layout.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (layout.folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DemoError(f"one is running in {layout.folder} already ({lock.read() or 'starting'}).") from None
        lock.truncate(0)
        lock.write(f"pid {os.getpid()}, {layout.broker}")
        lock.flush()
        yield


def _end_on_signals() -> None:
    for number in ENDING:
        # Whoever ignored the end of the terminal for us (nohup) meant it; Ctrl-C is ours in the background too.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _be_deaf()
    say("Ending …" if number != signal.SIGINT else "\nEnding …")
    raise KeyboardInterrupt


def _be_deaf() -> None:
    """An impatient second Ctrl-C must not leave half of it running."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
