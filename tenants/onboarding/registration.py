"""Bringing a syndic in: its registration and its legacy source, as one act with its evidence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenants.audit import service as audit
from tenants.legacy.connectors import source
from tenants.syndics import service as syndics
from tenants.syndics.models import Syndic


def onboard(
    registration: dict[str, Any],
    logo: Path | None,
    kind: str,
    base_url: str | None,
    directory: Mapping[str, Any] | None = None,
) -> Syndic:
    """Register a syndic (fields of `SyndicSchema`) with its legacy source of that kind.

    `directory`: how it is laid out, where the kind is `ldap` (fields of `LayoutSchema`, and `bind_password`).

    Raises:
        BadRegistration: naming every field that is wrong.
        AlreadyRegistered: the slug is taken.
        UnusableSource: unknown kind, an address that we may not call, or a layout that cannot work.
    """
    made = syndics.register(registration, logo)
    source.register_source(made, kind, base_url, directory)
    audit.append(made.id, "syndic.registered", {"slug": made.slug, "siren": made.siren, "connector": kind})
    return made


def move_source(
    syndic: Syndic, kind: str, base_url: str | None, directory: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Register a syndic's legacy source anew. Returns what operators may see of it.

    Raises:
        UnusableSource: as `onboard`.
    """
    source.register_source(syndic, kind, base_url, directory)
    audit.append(syndic.id, "legacy-source.changed", {"connector": kind, "url": base_url})
    return source.described(syndic.id)
