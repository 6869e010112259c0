"""Queues of their own for the servers that a folder's tests start, on the run's one Valkey.

It has sixteen numbered key spaces: the first is that of all other tests, and each folder has one in each process.
"""

import os

PLACES = ("conformance", "seen")
_PROCESSES = 15 // len(PLACES)


def queue_of(place: str) -> str:
    """The address of a folder's queue in this process.

    Raises:
        ValueError: no such folder.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = 1 + PLACES.index(place) * _PROCESSES + int(worker.removeprefix("gw")) % _PROCESSES
    return f"{os.environ['TROUSSEAU_TEST_QUEUE'].partition('?')[0]}?virtual_host={number}"
