"""Seen from outside: alive, and ready."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from config.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers, and its schema is at the newest revision. Otherwise 503."""
    from config import schema

    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        current = schema.is_current(connection)
    return (jsonify(status="ready"), 200) if current else (jsonify(status="migrations are behind"), 503)
