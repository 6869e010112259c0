"""Kind `imported`: the syndic gave us its hashes, so we are the source."""

import base64
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select, text, update

from config import clock, secrets
from config.database import session
from config.errors import NotFound
from config.settings import settings
from tenants.legacy.connectors import schemes
from tenants.legacy.connectors.contract import LegacyProfile, Receipt
from tenants.legacy.models import LIVING, LegacyAccount
from tenants.legacy.refusals import CannotReissue

_COLUMNS = "identifier, holder, email, label, secret_scheme, secret_hash, public_id"
_HASHED = "FROM legacy_accounts WHERE syndic_id = :syndic_id AND state <> 'closed' AND secret_hash IS NOT NULL"
CANDIDATE = text(f"""
    SELECT * FROM (
        (SELECT 0 AS rank, {_COLUMNS} {_HASHED} AND identifier = :identifier)
        UNION ALL
        (SELECT 1 AS rank, {_COLUMNS} {_HASHED} AND public_id >= :point ORDER BY public_id LIMIT 1)
        UNION ALL
        (SELECT 2 AS rank, {_COLUMNS} {_HASHED} ORDER BY public_id LIMIT 1)
    ) AS candidates ORDER BY rank LIMIT 1
""")  # noqa: S608 - the parts are constants of this module
"""The account's own hash, else a decoy: another account's of the same syndic, always the same for the same name.

Unknown names so meet the same mix of schemes as known ones. Public ids are random, so the first one after a
point that the name decides, or else the very first, is as good as any.
"""


_HELD = LegacyAccount.secret_scheme + ":" + LegacyAccount.secret_hash
BURIED = case(
    (
        LegacyAccount.secret_hash.is_not(None),
        func.array_append(
            LegacyAccount.retired_hashes, func.encode(func.sha256(func.convert_to(_HELD, "UTF8")), "hex")
        ),
    ),
    else_=LegacyAccount.retired_hashes,
)


@dataclass(frozen=True)
class ImportedConnector:
    """Verifies against the hashes in our table; disabling is erasing them."""

    syndic_id: uuid.UUID
    is_remote = False

    def verify(self, identifier: str, secret: str) -> LegacyProfile | None:
        """As the contract says: one statement and one hash for known and unknown names alike (ASVS 6.3.8)."""
        wanted = {"syndic_id": self.syndic_id, "identifier": identifier, "point": self._point(identifier)}
        found = session().execute(CANDIDATE, wanted).first()
        if found is None or not schemes.verifies(found.secret_scheme, found.secret_hash, secret) or found.rank != 0:
            return None
        return LegacyProfile(found.identifier, found.holder, found.email, found.label)

    def disable(self, identifier: str, key: str) -> Receipt:
        """Erase the hash with the caller's transaction. The receipt is made of the key, so asking again is harmless.

        Its fingerprint stays (`lifecycle.fingerprint`), so that no later export brings the same secret back.
        """
        erased = (
            update(LegacyAccount)
            .where(*self._living(identifier))
            .values(secret_hash=None, secret_scheme=None, retired_hashes=BURIED)
        )
        row = session().execute(erased.returning(LegacyAccount.disabled_at)).first()
        if row is None:
            raise NotFound("no such account to disable")
        return Receipt(f"imported:{key}", row.disabled_at or clock.now())

    def reissue(self, identifier: str, key: str) -> Receipt:  # noqa: ARG002 - the contract's signature
        """Never possible: only the software that the export came from can make new codes and post them."""
        raise CannotReissue("an imported source hands out no secrets")

    def status(self, identifier: str) -> str:
        """`active` while there is a hash, then `disabled`."""
        kept = session().execute(select(LegacyAccount.secret_hash).where(*self._living(identifier))).first()
        if kept is None:
            return "unknown"
        return "active" if kept.secret_hash else "disabled"

    def _living(self, identifier: str) -> tuple[ColumnElement[bool], ...]:
        return (
            LegacyAccount.syndic_id == self.syndic_id,
            LegacyAccount.identifier == identifier,
            LIVING,
        )

    def _point(self, identifier: str) -> str:
        """Where the decoy of a name is looked for: in the alphabet of public ids, known to nobody outside."""
        mac = secrets.keyed(settings().keys.name_key, "decoy", str(self.syndic_id), identifier)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")
