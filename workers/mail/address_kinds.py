"""The mails of a change of address: to the new one, to the former one, and to both where it was taken back."""

from uuid import UUID

from broker.identities.addresses import change, revert
from broker.identities.addresses.models import AddressChange
from config.database import session
from config.settings import settings
from workers.mail.letter import Letter


def address_confirm(change_id: UUID, recipient: str) -> Letter | None:
    """The link and the code that prove the new mailbox; or, where somebody has that address, that it was asked for."""
    minted = change.mint(change_id)
    if minted is None:
        return None
    if not minted.token:
        return Letter("address_known", recipient, minted.locale, {})
    values = {
        "link": f"{settings().base_url}/account/address/confirm/{minted.token}",
        "code": minted.code,
        "expires_at": minted.expires_at,
    }
    return Letter("address_confirm", recipient, minted.locale, values)


def address_changed(change_id: UUID, recipient: str) -> Letter | None:
    """Tells the former address, with what takes the change back."""
    minted = revert.mint(change_id)
    if minted is None:
        return None
    values = {
        "link": f"{settings().base_url}/account/address/revert/{minted.token}",
        "code": minted.code,
        "changed_at": minted.changed_at,
        "revert_until": minted.revert_until,
    }
    return Letter("address_changed", recipient, minted.locale, values)


def address_reverted(change_id: UUID, recipient: str) -> Letter | None:
    """Tells both addresses that they are blocked, and what to do."""
    row = session().get(AddressChange, change_id)
    if row is None or row.reverted_at is None:
        return None
    return Letter("address_reverted", recipient, row.locale, {"reverted_at": row.reverted_at})


KINDS = {
    "address_confirm": address_confirm,
    "address_changed": address_changed,
    "address_reverted": address_reverted,
}
