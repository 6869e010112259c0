"""The states of an account: active -> pending -> linked -> disable_requested -> disabled (DESIGN section 3).

Every step locks the row and judges what is there now, not what the caller once read.
"""

from typing import Any

from config import outbox
from config.database import session
from tenants.audit import service as audit
from tenants.legacy.connectors.contract import Receipt
from tenants.legacy.models import LegacyAccount
from tenants.legacy.refusals import IllegalTransition


def mark_pending(account: LegacyAccount) -> None:
    """An attempt waits for its proof. A linked account whose legacy credentials live on stays linked.

    Raises:
        IllegalTransition: the legacy credentials are retired already.
    """
    _lock(account, "active", "pending", "linked")
    if account.state == "active":
        account.state = "pending"


def release(account: LegacyAccount) -> None:
    """The last attempt ended without a link: a pending account is active again, an active or linked one stays.

    Raises:
        IllegalTransition: the legacy credentials are retired.
    """
    _lock(account, "active", "pending", "linked")
    if account.state == "pending":
        account.state = "active"


def confirm(account: LegacyAccount, disable: bool) -> None:
    """A link is made: whatever rests on the legacy secret dies (the epoch rises), and the secret too if so asked.

    With `disable` the disablement is promised with the caller's transaction; until that commits, and until the
    source has done it, the account is only asked to be disabled (I6).

    Raises:
        IllegalTransition: no attempt waits on this account, or another one ended its legacy credentials.
    """
    _lock(account, "pending", "linked")
    account.epoch += 1
    account.state = "linked"
    if disable:
        _request_disable(account)


def record_disabled(account: LegacyAccount, receipt: Receipt) -> None:
    """The source says that the secret is dead: keep its word, erase our copy of the hash, enter it in the ledger.

    Once: a second receipt for the same disablement (a repeated answer) changes nothing.

    Raises:
        IllegalTransition: nobody asked to disable this account.
    """
    _lock(account, "disable_requested", "disabled")
    if account.state == "disabled":
        return
    account.state = "disabled"
    account.receipt = _kept(receipt)
    account.disabled_at = receipt.disabled_at
    account.secret_hash = account.secret_scheme = None
    body = {"account": account.public_id, **_kept(receipt)}
    audit.append(account.syndic_id, "legacy.disabled", body, {"identifier": account.identifier})


def _request_disable(account: LegacyAccount) -> None:
    account.state = "disable_requested"
    account.disable_key = f"legacy.disable:{account.public_id}:{account.epoch}"  # the source will see it
    payload = {"syndic_id": str(account.syndic_id), "account_id": str(account.id)}
    outbox.promise("legacy.disable", payload, key=account.disable_key)


def _lock(account: LegacyAccount, *allowed: str) -> None:
    """Lock the row and read it anew.

    Raises:
        IllegalTransition: its state is none of the allowed ones.
    """
    session().flush()  # reading anew must not lose what the caller has changed
    session().refresh(account, with_for_update=True)
    if account.state not in allowed:
        raise IllegalTransition(f"the account is {account.state}, not {' or '.join(allowed)}")


def _kept(receipt: Receipt) -> dict[str, Any]:
    return {"receipt": receipt.receipt, "disabled_at": receipt.disabled_at.isoformat()}
