"""PostgreSQL: the base of all models, the session of the unit of work, and plain statements for the fast paths.

One pool serves both ways. `transaction()` is opened at the edge (a view, a task, a command) and commits once.
"""

import enum
import os
import select
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, cast

import psycopg
import uuid_utils.compat
from flask_sqlalchemy import SQLAlchemy
from psycopg.rows import dict_row
from sqlalchemy import ARRAY, BigInteger, DateTime, MetaData, Text, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Scope(enum.Enum):
    """Whose rows a table holds: one syndic's each (and then every query names the syndic), or everybody's."""

    SYNDIC = "of a syndic"
    GLOBAL = "global"


class Base(DeclarativeBase):
    """Every model says its scope, and what the application's database role may do with it."""

    __scope__: ClassVar[Scope]
    __privileges__: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE", "DELETE")

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            str: Text,
            int: BigInteger,
            datetime: DateTime(timezone=True),
            uuid.UUID: Uuid,
            dict[str, Any]: JSONB,
            list[str]: ARRAY(Text),
        },
    )


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562 §5.7): ordered by time, never shown to anybody."""
    return uuid_utils.compat.uuid7()


class Keyed:
    """A UUIDv7 primary key."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


db = SQLAlchemy(model_class=Base)

GONE = (psycopg.OperationalError, OperationalError, PoolTimeoutError)
"""What is raised where the database does not answer, by plain statements, by the unit of work, and by the pool."""


def session() -> Session:
    """The unit of work of the current request, task or command."""
    return cast("Session", db.session)


def has_begun() -> bool:
    """Whether the unit of work holds anything that is not committed."""
    return db.session().in_transaction()


@contextmanager
def transaction() -> Iterator[Session]:
    """The edge's transaction: commits once, at the end; anything raised rolls all of it back."""
    work = session()
    try:
        yield work
        work.commit()
    except BaseException:
        work.rollback()
        raise


BY_KEY = "; ".join(
    f"SET {name} = {value}"
    for name, value in {
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_bitmapscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "jit": "off",
    }.items()
)
"""Plain statements find rows by their keys. Each is planned once, and whatever the statistics say of a table that
was small yesterday, no plan reads all of one."""


def attach(app: Any) -> None:
    """Give a Flask application its sessions. Each ends with its context, also where the server is gone by then."""
    db.init_app(app)
    app.teardown_appcontext(_let_go)  # comes before Flask-SQLAlchemy's own, which ends a session the hard way


def _let_go(_error: BaseException | None) -> None:
    """End the session. What was to be kept is committed; a rollback that no server hears must not spoil the answer."""
    if not db.session.registry.has():
        return
    work = db.session()
    try:
        work.close()
    except DBAPIError:
        with suppress(SQLAlchemyError):
            work.invalidate()
        db.session.registry.clear()


@contextmanager
def statements(engine: Engine | None = None) -> Iterator[psycopg.Cursor[dict[str, Any]]]:
    """A cursor of plain SQL, for paths where a unit of work costs too much. Rows are dictionaries.

    Each statement commits by itself: what must hold together is written as one statement (`WITH … RETURNING`).
    `engine`: where there is no application context to tell it.
    """
    engine = engine or db.engine
    idle = _idle_connections(engine)
    connection = _connection(engine, idle)
    try:
        yield connection.cursor()
    except psycopg.OperationalError:
        connection.close()
        while idle:  # the server went away: the others are of no more use
            idle.pop().close()
        raise
    finally:
        if not connection.closed:
            idle.append(connection)


def _connection(engine: Engine, idle: "Idle") -> "psycopg.Connection[dict[str, Any]]":
    """A connection that nobody uses now, or a new one: never more of them than threads that ask at once."""
    while idle:
        try:
            kept = idle.pop()
        except IndexError:  # another thread was quicker
            break
        if not _has_ended(kept):
            return kept
        kept.close()
    pooled = engine.raw_connection()
    made = cast("psycopg.Connection[Any]", pooled.driver_connection)
    pooled.detach()
    made.autocommit = True
    made.row_factory = dict_row
    made.execute(BY_KEY)
    made.prepare_threshold = 0
    return made


def _has_ended(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server has hung up on an idle connection: its end is there to be read, which costs no round trip.

    Without this look, each connection of a server that was restarted would fail whoever uses it next.
    """
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def replace_ended_connections(engine: Engine) -> None:
    """Let the pool hand out no connection that the server has ended meanwhile."""

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, _record: Any, _proxy: Any) -> None:
        if _has_ended(connection):
            raise InvalidatePoolError


@lru_cache(maxsize=8)
def _idle_connections(engine: Engine) -> "Idle":
    """The idle connections of an engine for plain statements; they close with it."""
    idle: Idle = []

    @event.listens_for(engine, "engine_disposed")
    def _close(_engine: Engine) -> None:
        while idle:
            idle.pop().close()

    return idle


Idle = list["psycopg.Connection[dict[str, Any]]"]
os.register_at_fork(after_in_child=_idle_connections.cache_clear)  # two processes must not talk through one socket


def engine_options() -> dict[str, Any]:
    """Options of the engine: a small pool (4 threads a process), and connections that notice a dead server."""
    return {
        "pool_size": 5,
        "max_overflow": 5,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "hide_parameters": True,  # an error's text reaches the log, and parameters are addresses and hashes
    }


_MIGHT = """
SELECT current_setting('is_superuser') = 'on'
       OR EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user), current_user
"""


def refuse_mighty_roles(engine: Engine) -> None:
    """Let nobody serve the application who is superuser or owns its tables: the ledger would lose its meaning."""

    @event.listens_for(engine, "first_connect")
    def _check(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_MIGHT)
            mighty, name = cursor.fetchone()
        connection.rollback()
        if mighty:
            raise PermissionError(f"the application connects as {name}: a superuser, or the owner of its tables")
