"""The process between a launcher and one server: it sees that the server ends when the launcher has gone.

Run as a script by `config.embedded.kept`, with its orders as JSON; it uses the standard library only, so it
starts in a few hundredths of a second.

Why a process of its own, rather than PR_SET_PDEATHSIG in the launcher's child: that signal follows the
*thread* that forked, and a launcher may start a server from a thread that ends before it; it can send one
signal only, so nothing could escalate; and nobody would be there to reap the backends of a PostgreSQL that
was killed. Why no pipe from the launcher: any process that it forks would hold the writing end open. The
keeper has one thread, looks at who its parent is (a `kill -9` changes that at once), and is in a session of
its own, so Ctrl-C in the launcher's terminal reaches neither keeper nor server. If the keeper itself is
killed, PR_SET_PDEATHSIG ends the server.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOOK_EVERY_SECONDS = 0.25
LOOK_NOW = signal.SIGUSR1  # sent when the launching thread ends: a reason to look, not yet to act
ASKED_TO_END = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Orders:
    """What to run, as whom, for whom, and how to end it.

    `ladder`: (signal number, seconds of patience) in the order of escalation. `uid` and `gid`: None to stay
    who we are. `lock`: the descriptor of the family's lock.
    """

    argv: list[str]
    launcher: int
    lock: int
    death_signal: int
    ladder: list[tuple[int, float]]
    uid: int | None = None
    gid: int | None = None
    pid_file: str | None = None


def main(orders: Orders) -> int:
    """Run the server until it ends, somebody asks for its end, or the launcher has gone: the exit status."""
    watched = ASKED_TO_END | {signal.SIGCHLD, LOOK_NOW}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    _libc.prctl(PR_SET_PDEATHSIG, LOOK_NOW, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    server = _spawn(orders)
    while server.poll() is None:
        heard = signal.sigtimedwait(watched, LOOK_EVERY_SECONDS)
        asked = heard is not None and heard.si_signo in ASKED_TO_END
        if asked or os.getppid() != orders.launcher:
            _end(server, orders.ladder)
    _sweep()
    return server.returncode if server.returncode >= 0 else 128 - server.returncode


def _spawn(orders: Orders) -> subprocess.Popen[bytes]:
    keeper = os.getpid()

    def last_steps() -> None:
        # Run after the change of user, which would clear the death signal (prctl(2), PR_SET_PDEATHSIG).
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        _libc.prctl(PR_SET_PDEATHSIG, orders.death_signal, 0, 0, 0)
        if os.getppid() != keeper:
            os._exit(1)

    server = subprocess.Popen(  # noqa: S603 - the launcher's own orders
        orders.argv,
        user=orders.uid,
        group=orders.gid,
        extra_groups=None if orders.uid is None else [],
        umask=0o077,
        pass_fds=(orders.lock,),
        preexec_fn=last_steps,  # noqa: PLW1509 - safe: this process has one thread
    )
    if orders.pid_file is not None:
        Path(orders.pid_file).write_text(f"{server.pid}\n")
    return server


def _end(server: subprocess.Popen[bytes], ladder: list[tuple[int, float]]) -> None:
    for number, patience in ladder:
        server.send_signal(number)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
    server.kill()
    server.wait()


def _sweep() -> None:
    """End what the dead server left: being the nearest subreaper, this process is its parent now."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG) != (0, 0):
                continue
        except ChildProcessError:
            return
        for orphan in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            os.kill(int(orphan), signal.SIGKILL)
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main(Orders(**json.loads(sys.argv[1]))))
