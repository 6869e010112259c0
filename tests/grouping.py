"""Tests that share servers run in one process.

pytest-xdist 3.8 no longer finds its own `xdist_group` marks under pytest 9.2 (its issue 1386): groups are told from
where the tests are.
"""

from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]  # xdist has no types

GROUPS = {
    "tests/conformance/": "conformance",
    "tests/deployment/test_rolling": "upgrade",
    "tests/deployment/": "deployment",
    "tests/demo/test_launcher": "demo",
    "tests/faults/": "faults",
    "tests/seen/": "seen",
}


class GroupedByPlace(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives all tests of a group to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)
