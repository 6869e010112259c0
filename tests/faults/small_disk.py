"""A server on a disk of its own, which can be filled: `python -m tests.faults.small_disk FOLDER MIB argv…`.

Run in a mount namespace of its own (`unshare --mount`), so the disk is nobody else's and goes away with its last
process. The data are copied onto it, and back when it ends; the server is started again whenever it has ended, as a
supervisor does. SIGUSR1 fills the disk to its last byte, SIGUSR2 makes room again; what asks to end is passed on.
"""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ORIGINAL = "data.original"
"""Beside the mount point: the data as they were before, and in the end as they have become."""
FILLED = 4096
AGAIN_S = 0.5


def main(folder: Path, mib: int, argv: list[str]) -> int:
    """Mount, copy, and serve until told to end."""
    original = folder.with_name(ORIGINAL)
    folder.rename(original)
    folder.mkdir(mode=0o700)
    _run("mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(folder))
    _run("cp", "-a", f"{original}/.", str(folder))
    disk = Disk(folder)
    signal.signal(signal.SIGUSR1, lambda *_: disk.fill())
    signal.signal(signal.SIGUSR2, lambda *_: disk.clear())
    status = _serve(argv)
    shutil.rmtree(original)
    original.mkdir(mode=0o700)
    disk.clear()
    _run("cp", "-a", f"{folder}/.", str(original))
    return status


class Disk:
    """The file that takes all the room."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave not one block."""
        with self._ballast.open("ab", buffering=0) as out:
            try:
                while True:
                    out.write(bytes(FILLED))
            except OSError:
                return

    def clear(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)


def _serve(words: list[str]) -> int:
    ending: list[int] = []
    running: list[subprocess.Popen[bytes]] = []

    def end(number: int, _frame: object) -> None:
        ending.append(number)
        for each in running[-1:]:
            each.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, end)
    while not ending:
        running.append(subprocess.Popen(words))  # noqa: S603 - our own words
        running[-1].wait()
        time.sleep(0 if ending else AGAIN_S)
    return running[-1].returncode if running else 0


def _run(*words: str) -> None:
    subprocess.run(words, check=True)  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
