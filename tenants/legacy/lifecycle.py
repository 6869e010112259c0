"""The states of an account: active -> pending -> linked -> disable_requested -> disabled (DESIGN section 3).

A new secret leads from any of them but `closed` back to active: the former one is disabled first, and stays so.
`closing` has the end of an account, `returns` what is done where a source lets a disabled one in again.

Every step locks the row and judges what is there now, not what the caller once read.
"""

import hashlib
from typing import Any

from sqlalchemy import select

from config import clock, outbox, secrets
from config.database import session
from tenants.audit import service as audit
from tenants.legacy.connectors.contract import Receipt
from tenants.legacy.models import LegacyAccount, LegacySource
from tenants.legacy.refusals import IllegalTransition
from tenants.webhooks import service as webhooks


def mark_pending(account: LegacyAccount) -> None:
    """An attempt waits for its proof. A linked account whose legacy credentials live on stays linked.

    Raises:
        IllegalTransition: the legacy credentials are retired already.
    """
    lock(account, "active", "pending", "linked")
    if account.state == "active":
        account.state = "pending"


def release(account: LegacyAccount) -> None:
    """The last attempt ended without a link: a pending account is active again, an active or linked one stays.

    Raises:
        IllegalTransition: the legacy credentials are retired.
    """
    lock(account, "active", "pending", "linked")
    if account.state == "pending":
        account.state = "active"


def let_go(account: LegacyAccount, *, waits: bool) -> None:
    """Nobody holds the account any more and its legacy credentials live on: it is as before the first link.

    `waits`: an attempt on it waits for its proof.

    Raises:
        IllegalTransition: the legacy credentials are retired.
    """
    lock(account, "active", "pending", "linked")
    if account.state == "linked":
        account.state = "pending" if waits else "active"


def confirm(account: LegacyAccount, disable: bool) -> None:
    """A link is made: whatever rests on the legacy secret dies (the epoch rises), and the secret too if so asked.

    With `disable` the disablement is promised with the caller's transaction; until that commits, and until the
    source has done it, the account is only asked to be disabled (I6).

    Raises:
        IllegalTransition: no attempt waits on this account, or another one ended its legacy credentials.
    """
    lock(account, "pending", "linked")
    account.epoch += 1
    account.state = "linked"
    if disable:
        request_disable(account)


def record_disabled(account: LegacyAccount, receipt: Receipt) -> None:
    """The source says that the secret is dead: keep its word, erase our copy of the hash, enter it in the ledger.

    Once: a second receipt for the same disablement (a repeated answer) changes nothing. An account that was closed
    meanwhile stays closed.

    Raises:
        IllegalTransition: nobody asked to disable this account.
    """
    lock(account, "disable_requested", "disabled", "closed")
    if account.disable_key is None and account.state == "closed":
        raise IllegalTransition("nobody asked to disable this account, and it is closed")
    if account.state == "disabled" or (account.state == "closed" and account.receipt is not None):
        return
    account.state = "disabled" if account.state == "disable_requested" else "closed"
    account.receipt = _kept(receipt)
    account.disabled_at, account.probed_at = receipt.disabled_at, clock.now()
    bury_hash(account)
    body = {"account": account.public_id, **_kept(receipt)}
    audit.append(account.syndic_id, "legacy.disabled", body, {"identifier": account.identifier})
    webhooks.announce(account.syndic_id, "legacy.disabled", body, f"told:{account.disable_key}")


def reissue(account: LegacyAccount) -> None:
    """The secret is in doubt: it is disabled, whatever rests on it dies (the epoch rises), and a new one is promised.

    Until that is there nobody signs in with the account's codes. Asked again meanwhile, nothing more is promised.

    Raises:
        IllegalTransition: the account is closed.
    """
    lock(account, "active", "pending", "linked", "disable_requested", "disabled")
    if account.reissue_key is not None:
        return
    account.epoch += 1
    account.reissue_key = f"legacy.reissue:{account.public_id}:{account.epoch}"  # the source will see it
    if account.state not in ("disable_requested", "disabled"):
        request_disable(account)
    _promise("legacy.reissue", account, account.reissue_key)


def record_reissued(account: LegacyAccount, receipt: Receipt) -> None:
    """The source says that it has handed out a new secret: the account is active again, under a new subject.

    Raises:
        IllegalTransition: no new secret was asked for, or the former one is not disabled yet.
    """
    lock(account, "disabled")
    if account.reissue_key is None:
        raise IllegalTransition("nobody asked for a new secret")
    _renew(account)
    body = {"account": account.public_id, "receipt": receipt.receipt, "reissued_at": receipt.disabled_at.isoformat()}
    audit.append(account.syndic_id, "legacy.reissued", body, {"identifier": account.identifier})


def record_reissued_by_hand(account: LegacyAccount) -> None:
    """An operator says that the syndic has handed out a new secret: where its source is remote, and cannot be asked.

    Raises:
        IllegalTransition: as `record_reissued`; or we hold the secrets, and only an export brings a new one.
    """
    kind = session().scalar(select(LegacySource.kind).where(LegacySource.syndic_id == account.syndic_id))
    if kind == "imported":
        raise IllegalTransition("the new secret comes with the syndic's next export")
    record_reissued(account, Receipt("by-hand", clock.now()))


def take_new_secret(account: LegacyAccount, scheme: str, secret_hash: str) -> bool:
    """An export holds a hash for an account that waits for a new secret. False: it is the former one's.

    Raises:
        IllegalTransition: as `record_reissued`.
    """
    lock(account, "disabled")
    if account.reissue_key is None:
        raise IllegalTransition("nobody asked for a new secret")
    if fingerprint(scheme, secret_hash) in account.retired_hashes:
        return False
    _renew(account)
    account.secret_scheme, account.secret_hash = scheme, secret_hash
    body = {"account": account.public_id, "receipt": "imported"}
    audit.append(account.syndic_id, "legacy.reissued", body, {"identifier": account.identifier})
    return True


def fingerprint(scheme: str, secret_hash: str) -> str:
    """What is kept of an erased hash: SHA-256 of `scheme:hash`, in hexadecimal."""
    return hashlib.sha256(f"{scheme}:{secret_hash}".encode()).hexdigest()


def _renew(account: LegacyAccount) -> None:
    """A new secret, and with it a new subject: who holds it need not be who held the former one."""
    if account.tombstone is not None:
        account.retired_tombstones = [*account.retired_tombstones, account.tombstone]
    account.tombstone = None
    account.state, account.sub, account.epoch = "active", secrets.token(), account.epoch + 1
    account.reissue_key = account.disable_key = account.receipt = account.disabled_at = None
    account.returned_at, account.returns = None, 0


def request_disable(account: LegacyAccount) -> None:
    """The source is to disable the secret. The caller holds the row."""
    account.state, account.receipt = "disable_requested", None
    promise_disablement(account)


def promise_disablement(account: LegacyAccount) -> None:
    """Promise it under a key of its own, which the source will see: a secret that came back dies by another one."""
    again = f":{account.returns}" if account.returns else ""
    account.disable_key = f"legacy.disable:{account.public_id}:{account.epoch}{again}"
    _promise("legacy.disable", account, account.disable_key)


def _promise(topic: str, account: LegacyAccount, key: str) -> None:
    """On the lane of the syndic's source: one that hangs holds up no other syndic's."""
    payload = {"syndic_id": str(account.syndic_id), "account_id": str(account.id)}
    outbox.promise(topic, payload, key, lane=outbox.lane_to("legacy", account.syndic_id))


def bury_hash(account: LegacyAccount) -> None:
    """Erase our copy of the hash, and keep what tells it from a new one."""
    if account.secret_hash is not None and account.secret_scheme is not None:
        buried = fingerprint(account.secret_scheme, account.secret_hash)
        account.retired_hashes = [*account.retired_hashes, buried]
    account.secret_hash = account.secret_scheme = None


def lock(account: LegacyAccount, *allowed: str) -> None:
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
