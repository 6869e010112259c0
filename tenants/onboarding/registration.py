"""Bringing a syndic in: its registration and its legacy source, as one act with its evidence."""

from pathlib import Path
from typing import Any

from tenants.audit import service as audit
from tenants.legacy.connectors import source
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic


def onboard(registration: dict[str, Any], logo: Path | None, kind: str, base_url: str | None) -> Syndic:
    """Register a syndic (fields of `SyndicSchema`) with its legacy source of that kind.

    Raises:
        BadRegistration: naming every field that is wrong.
        AlreadyRegistered: the slug is taken.
        UnusableSource: unknown kind, or an address that we may not call.
    """
    made = syndics.register(registration, logo)
    source.register_source(made, kind, base_url)
    audit.append(made.id, "syndic.registered", {"slug": made.slug, "siren": made.siren, "connector": kind})
    return made
