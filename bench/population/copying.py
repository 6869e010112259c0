"""COPY: rows as text, one table at a time (psycopg's `Copy.write_row`)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

Value = str | int | bool | bytes | datetime | list[str] | dict[str, Any] | None
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


def from_values(name: str, values: Iterable[dict[str, Value]]) -> Table:
    """A table whose rows are mappings with the same keys: its columns. For few rows; objects become JSON."""
    rows = iter(values)
    first = next(rows)
    columns = tuple(first)
    return Table(name, columns, (tuple(_plain(row[column]) for column in columns) for row in chain([first], rows)))


def _plain(value: Value) -> Value:
    return json.dumps(value) if isinstance(value, dict) else value
