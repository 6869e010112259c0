"""Looks through every table of the database, whatever its columns: for what must not be there any more."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import text

from config.database import db

COLUMNS = text(
    """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
"""
)
AS_TEXT = {"bytea": "encode({}, 'hex')"}


@dataclass(frozen=True)
class Found:
    """Where something was found."""

    table: str
    column: str
    value: str


def holding(application: Flask, wanted: dict[str, str]) -> list[Found]:
    """Where the database holds one of these (what it is -> text, or hexadecimal of bytes), in any column's text."""
    found = []
    with application.app_context(), db.engine.connect() as connection:
        for table, column, kind in connection.execute(COLUMNS).all():
            said = AS_TEXT.get(kind, "{}::text").format(f'"{column}"')
            for name, value in wanted.items():
                query = f'SELECT count(*) FROM "{table}" WHERE strpos(lower({said}), :value) > 0'  # noqa: S608 - names of our own tables
                if connection.execute(text(query), {"value": value.lower()}).scalar():
                    found.append(Found(table, column, name))
    return found
