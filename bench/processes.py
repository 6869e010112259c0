"""CPU time and memory of a process and all that it started, from /proc (proc(5)).

CPU time is what the processes were given, so neighbours on the machine change it less than they change the clock.
"""

import os
from collections.abc import Iterator
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
PARENT, TIMES = 1, slice(11, 15)
"""In /proc/PID/stat after the name: ppid; utime, stime, cutime, cstime."""


def cpu_ms(root: int) -> float:
    """Milliseconds of CPU that `root` and its descendants have used, those that they have reaped included."""
    return sum(int(ticks) for pid in tree(root) for ticks in _stat(pid)[TIMES]) * TICK_MS


def tree(root: int) -> list[int]:
    """`root` and all its living descendants."""
    children: dict[int, list[int]] = {}
    for pid in _pids():
        fields = _stat(pid)
        if fields:
            children.setdefault(int(fields[PARENT]), []).append(pid)
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def resident_mib(pid: int) -> float:
    """Resident memory of one process (`Rss` of smaps_rollup), in MiB."""
    return _memory(pid, "Rss:")


def proportional_mib(pid: int) -> float:
    """The same, with pages that several processes share counted in parts (`Pss`), in MiB."""
    return _memory(pid, "Pss:")


def _memory(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(f"process {pid} tells no {name}")


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold spaces and brackets; none where the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
