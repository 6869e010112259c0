"""Rows to begin with: a syndic, its source, its accounts."""

import uuid
from typing import Any

import passlib.hash

from config import clock, secrets
from config.database import session
from tenants.legacy.connectors.source import register_source
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic


def a_syndic(
    kind: str = "imported", base_url: str | None = None, directory: dict[str, Any] | None = None, **changes: Any
) -> Syndic:
    """A syndic with a registered source, under a slug of its own."""
    facts: dict[str, Any] = {
        "slug": f"s{uuid.uuid4().hex[:12]}",
        "name": "Lilas Gestion",
        "legal_name": "Lilas Gestion SAS",
        "siren": "732829320",
        "status": "active",
        "colour": "#224466",
        "contact": {},
        "locale": "fr",
        "association_policy": "optional",
        "legacy_disable": "after_confirmation",
        "pairwise_salt": secrets.random_bytes(16),
        "created_at": clock.now(),
    }
    syndic = Syndic(**facts | changes)
    session().add(syndic)
    session().flush()
    register_source(syndic, kind, base_url, directory)
    return syndic


def an_account(
    syndic: Syndic, identifier: str = "10042317", secret: str | None = "Lilas-2026", **changes: Any
) -> LegacyAccount:
    """An account; with `secret`, a salted MD5 as old software leaves it (cheap, so that tests are)."""
    facts: dict[str, Any] = {
        "syndic_id": syndic.id,
        "identifier": identifier,
        "holder": "M. et Mme Lefèvre",
        "label": "Appt 12, bât. B",
        "email": "lefevre@exemple.fr",
        "imported_at": clock.now(),
        "secret_scheme": "ldap_salted_md5" if secret else None,
        "secret_hash": passlib.hash.ldap_salted_md5.hash(secret) if secret else None,
    }
    account = LegacyAccount(**facts | changes)
    session().add(account)
    session().flush()
    return account
