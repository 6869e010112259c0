"""Workers find promises by an index whatever PostgreSQL last counted: an outbox fills from nothing in a minute."""

from typing import Any

import pytest

from tests.workers.conftest import make_promise
from tests.workers.planner import Counted, Planner, each_count, heard
from workers import leases


@each_count
@pytest.mark.parametrize("asked", [{}, {"topic": "mail.send"}, {"lane": "legacy:a"}], ids=str)
def test_a_claim_reads_no_whole_outbox(planner: Planner, counted: Counted, asked: dict[str, Any]) -> None:
    make_promise("test.unknown")
    said = [each for each in heard(lambda: leases.claim(**asked)) if "outbox" in each[0]]
    assert said, "the test hears what a claim says"
    whole = [read for each in said if (read := planner.read_whole(each, counted))]
    assert whole == [], "each promise is found by an index"


@each_count
def test_the_test_of_plans_would_see_a_whole_table_read(planner: Planner, counted: Counted) -> None:
    assert planner.read_whole(("DELETE FROM login_attempts WHERE failures > 3", ()), counted), "no index leads there"
