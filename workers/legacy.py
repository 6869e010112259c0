"""Retires the credentials of an account at their source, once an owner's association is confirmed (SECURITY I6)."""

from typing import Any
from uuid import UUID

from config.database import transaction
from tenants.legacy import service
from tenants.legacy.connectors import source


def disable(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep a promise of `legacy.disable`: `{"syndic_id", "account_id"}`, both UUIDs as text.

    The source is called with no transaction open, since it may take seconds; a lost answer is asked for again
    with the same key. An account that no longer waits to be disabled (re-issued, closed, done) is left alone.
    Returns `{"disabled": bool}`, with the source's receipt where it was called.

    Raises:
        tenants.legacy.connectors.contract.SourceUnavailable: the source does not answer; later it may.
    """
    syndic_id, account_id = UUID(payload["syndic_id"]), UUID(payload["account_id"])
    with transaction():
        account = service.get(syndic_id, account_id)
        identifier, waits = account.identifier, account.state == "disable_requested"
        connector = source.connector_for(syndic_id)
    if not waits:
        return {"disabled": False}
    receipt = connector.disable(identifier, key)
    account = service.get(syndic_id, account_id)
    if account.state == "disable_requested":
        service.record_disabled(account, receipt)
    return {"disabled": True, "receipt": receipt.receipt}
