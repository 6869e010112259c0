"""What leaves, row by row: over for two years it is gone, fresh it stays, for every rule."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from config import clock
from config.database import Base, session, transaction
from tests.workers.housekeeping.rows import References, make
from workers.housekeeping import turn as housekeeping
from workers.housekeeping.rules import RULES

LONG_AGO = timedelta(days=2 * 365)
Key = dict[str, Any]


def is_there(model: type[Base], key: Key) -> bool:
    wanted = [model.__table__.c[name] == value for name, value in key.items()]
    return bool(session().scalar(select(func.count()).select_from(model).where(*wanted)))


def test_what_is_long_over_leaves_and_what_is_fresh_stays(references: References) -> None:
    with transaction():
        old = [(model, make(model, clock.now() - LONG_AGO, references)) for model, _ in RULES]
        fresh = [(model, make(model, clock.now() + timedelta(days=1), references)) for model, _ in RULES]
    for _ in range(2):
        assert housekeeping.tidy().finished
        assert not [model.__tablename__ for model, key in old if is_there(model, key)], "over for two years"
        assert not [model.__tablename__ for model, key in fresh if not is_there(model, key)], "not over yet"
