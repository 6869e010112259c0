"""Whom an owner calls about an account."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from config.database import session
from tenants.syndics.models import Syndic


def contacts(slugs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The contacts of these syndics, by slug, in one statement."""
    rows = session().execute(select(Syndic.slug, Syndic.contact).where(Syndic.slug.in_(list(slugs))))
    return {slug: dict(contact) for slug, contact in rows}
