"""Tells the members of a circle whom it has admitted (DESIGN section 5)."""

from typing import Any
from uuid import UUID

from tenants.trust import telling


def tell(payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Keep a promise of `trust.tell`: `{"circle_id"}`. Returns `{"members": how many will be written to}`."""
    return {"members": telling.tell(UUID(payload["circle_id"]))}


def notify(payload: dict[str, Any], _key: str) -> dict[str, Any]:
    """Keep a promise of `trust.notice`: `{"telling_id", "syndic_id"}`. Returns `{"told": bool}`.

    False: the member has no address, or its mailbox has had enough; operators see it as untold.
    """
    return {"told": telling.notify(UUID(payload["telling_id"]), UUID(payload["syndic_id"]))}
