"""COPY: rows as text, one table at a time (psycopg's `Copy.write_row`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

Value = str | int | bool | datetime | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """Rows for one table: `rows` in the order of `columns`."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def copy(connection: psycopg.Connection[Any], table: Table) -> int:
    """Copy all rows; returns how many. Constraints and foreign keys are checked as for any other row."""
    count = 0
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in table.rows:
            out.write_row(row)
            count += 1
    return count


def bytea(raw: bytes) -> str:
    """Bytes as PostgreSQL's hexadecimal text."""
    return "\\x" + raw.hex()
