"""All that is kept: every row of every table of this process's database, to see that nothing has changed."""

from flask import Flask
from sqlalchemy import text

from config.database import Base, db

Kept = dict[str, set[str]]


def everything(application: Flask) -> Kept:
    """Each table's rows, as text. No other test runs in this process meanwhile, and no worker."""
    with application.app_context(), db.engine.connect() as connection:
        tables = sorted(Base.metadata.tables)
        every = {name: text(f'SELECT t::text FROM "{name}" t') for name in tables}  # noqa: S608 - our own tables' names
        return {name: set(connection.execute(rows).scalars()) for name, rows in every.items()}


def changes(before: Kept, after: Kept) -> list[str]:
    """What is there now and was not, or was and is not, by table."""
    return [
        f"{name}: {sign}{row}"
        for name in before
        for sign, rows in (("-", before[name] - after[name]), ("+", after[name] - before[name]))
        for row in sorted(rows)
    ]
