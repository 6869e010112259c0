"""Retires the credentials of an account at their source (SECURITY I6), and has new ones issued."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from config.database import transaction
from config.errors import NotFound
from tenants.legacy import closing, service
from tenants.legacy.connectors import source
from tenants.legacy.connectors.contract import SourceUnavailable
from tenants.legacy.refusals import CannotReissue
from workers.outcomes import Retry, Unreachable, reason


def disable(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep a promise of `legacy.disable`: `{"syndic_id", "account_id"}`, both UUIDs as text.

    The source is called with no transaction open, since it may take seconds; a lost answer is asked for again
    with the same key. An account that no longer waits to be disabled is left alone: re-issued, done, or closed and its
    number somebody else's. A closed one that its source has forgotten needs nothing any more. Returns
    `{"disabled": bool}`, with the source's receipt where it was called.

    Raises:
        Unreachable: the source does not answer; later it may.
    """
    syndic_id, account_id = UUID(payload["syndic_id"]), UUID(payload["account_id"])
    with transaction():
        account = service.get(syndic_id, account_id)
        identifier, is_closed = account.identifier, account.state == "closed"
        waits = closing.waits_for_disablement(account, key)
        connector = source.connector_for(syndic_id)
    if not waits:
        return {"disabled": False}
    try:
        with on_its_lane():
            receipt = connector.disable(identifier, key)
    except NotFound:
        if is_closed:
            return {"disabled": False, "unknown": True}
        raise
    account = service.get(syndic_id, account_id)
    if closing.waits_for_disablement(account, key):
        service.record_disabled(account, receipt)
    return {"disabled": True, "receipt": receipt.receipt}


def reissue(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep a promise of `legacy.reissue`: `{"syndic_id", "account_id"}`, both UUIDs as text.

    The former secret is disabled first, so that no late disablement hits the new one. Returns `{"reissued": bool}`:
    false where nothing waits for it any more, or where only the syndic's next export can bring a new secret.

    Raises:
        Retry: the former secret is not disabled yet.
        Unreachable: the source does not answer; later it may.
    """
    syndic_id, account_id = UUID(payload["syndic_id"]), UUID(payload["account_id"])
    with transaction():
        account = service.get(syndic_id, account_id)
        identifier, state, waits = account.identifier, account.state, account.reissue_key == key
        connector = source.connector_for(syndic_id)
    if not waits or state == "closed":
        return {"reissued": False}
    if state != "disabled":
        raise Retry("the former secret is not disabled yet")
    try:
        with on_its_lane():
            receipt = connector.reissue(identifier, key)
    except CannotReissue:
        return {"reissued": False}
    account = service.get(syndic_id, account_id)
    if account.reissue_key == key:
        service.record_reissued(account, receipt)
    return {"reissued": True, "receipt": receipt.receipt}


@contextmanager
def on_its_lane() -> Iterator[None]:
    """A source that does not answer is left alone with everything else that waits for it."""
    try:
        yield
    except SourceUnavailable as error:
        raise Unreachable(reason(error)) from error
