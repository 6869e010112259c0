"""Registering syndics and finding them."""

import json
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select, update

from config import clock, secrets
from config.database import session
from tenants.syndics import logos
from tenants.syndics.models import Syndic
from tenants.syndics.refusals import AlreadyRegistered, BadRegistration, UnknownSyndic
from tenants.syndics.schemas import SyndicSchema


def register(registration: dict[str, Any], logo: Path | None = None) -> Syndic:
    """Register an active syndic from the fields of `SyndicSchema`.

    Raises:
        BadRegistration: naming every field that is wrong.
        AlreadyRegistered: the slug is taken.
    """
    try:
        fields = SyndicSchema().load(registration)
    except ValidationError as error:
        raise BadRegistration(json.dumps(error.messages, ensure_ascii=False)) from error
    if find(fields["slug"]) is not None:
        raise AlreadyRegistered(f"the slug {fields['slug']} is taken")
    syndic = Syndic(
        **fields,
        status="active",
        logo=logos.reencoded(logo) if logo else None,
        pairwise_salt=secrets.random_bytes(32),
        version=1,
        created_at=clock.now(),
    )
    session().add(syndic)
    session().flush()
    return syndic


def find(slug: str) -> Syndic | None:
    """The syndic of that slug, whatever its status."""
    return session().scalar(select(Syndic).where(Syndic.slug == slug))


def names(wanted: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of these syndics, whatever their status."""
    rows = session().execute(select(Syndic.id, Syndic.name).where(Syndic.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def get(slug: str) -> Syndic:
    """The syndic of that slug.

    Raises:
        UnknownSyndic: there is none.
    """
    syndic = find(slug)
    if syndic is None:
        raise UnknownSyndic(f"no syndic {slug!r}")
    return syndic


def by_id(syndic_id: uuid.UUID) -> Syndic:
    """The syndic of that id.

    Raises:
        UnknownSyndic: there is none.
    """
    syndic = session().get(Syndic, syndic_id)
    if syndic is None:
        raise UnknownSyndic(f"no syndic {syndic_id}")
    return syndic


def slugs() -> dict[uuid.UUID, str]:
    """The slug of every syndic."""
    return {row.id: row.slug for row in session().execute(select(Syndic.id, Syndic.slug))}


def touch(syndic_id: uuid.UUID) -> None:
    """Raise the version, so that every cached picture of this syndic is taken anew."""
    session().execute(update(Syndic).where(Syndic.id == syndic_id).values(version=Syndic.version + 1))
