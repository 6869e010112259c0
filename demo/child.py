"""What each program of the demonstration is started through, so that it never outlives the launcher.

Run as a script, with the launcher's pid and then the program's own words. The kernel kills the program when
its launcher has gone, however it went (prctl(2), PR_SET_PDEATHSIG), and keeps that promise through exec. The
signal follows the thread that started the child: the launcher starts long-lived programs from its main thread.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(launcher: int, argv: list[str]) -> None:
    """Become the program `argv`, unless `launcher` has gone meanwhile."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == launcher:
        os.execv(argv[0], argv)  # noqa: S606 - the launcher's own words, no shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
