"""No table is forgotten: each has a rule by which its rows leave, or a reason for which they stay."""

from sqlalchemy import text

from broker.models import metadata
from config.database import session
from workers.housekeeping.kept import ELSEWHERE, KEPT, WITH
from workers.housekeeping.rules import RULES

NOT_BY_INDEX = """
SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent, a.attname AS "column"
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND NOT EXISTS (
    SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indisvalid
)
"""


def test_every_table_has_one_rule_or_one_reason() -> None:
    ruled = [model.__tablename__ for model, _ in RULES]
    named = [*ruled, *WITH, *ELSEWHERE, *KEPT]
    assert sorted(named) == sorted(set(named)), "each stands in one place"
    missing = set(metadata.tables) - set(named)
    assert not missing, f"say when rows of these leave (workers/housekeeping/rules.py) or why not (kept.py): {missing}"
    assert set(named) <= set(metadata.tables), "and no list names a table that is gone"


def test_what_refers_to_a_row_that_leaves_is_found_by_an_index() -> None:
    leaving = {model.__tablename__ for model, _ in RULES} | set(ELSEWHERE)
    found = session().execute(text(NOT_BY_INDEX)).all()
    slow = [f"{row.child}.{row.column}" for row in found if row.parent in leaving]
    assert not slow, f"PostgreSQL would read all of these tables for each row that leaves: {slow}"
