"""Lines of an export, and what an import has made of them."""

from collections.abc import Callable

import passlib.hash
from sqlalchemy import select

from config.database import session
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.onboarding.reports import Report
from tenants.syndics.models import Syndic

RIGHT = "Lilas-2026"


HASH = passlib.hash.hex_sha256.hash(RIGHT)


Import = Callable[..., Report]


def row(identifier: str, holder: str = "Zoé", email: str = "z@exemple.fr", secret: str | None = RIGHT) -> list[str]:
    hashed = [passlib.hash.hex_sha256.hash(secret), "hex_sha256"] if secret else ["", ""]
    return [identifier, holder, email, "Appt 1", *hashed]


def accounts(syndic: Syndic) -> dict[str, LegacyAccount]:
    wanted = select(LegacyAccount).where(LegacyAccount.syndic_id == syndic.id)
    return {account.identifier: account for account in session().scalars(wanted)}


def signs_in(syndic: Syndic, identifier: str, secret: str = RIGHT) -> legacy.Verified | None:
    return legacy.verify(syndic, identifier, secret, wait=lambda _: None)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.rejected)
