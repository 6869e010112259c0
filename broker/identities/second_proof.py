"""The proof beside the mailbox: a printed code that a linked account's syndic has issued anew (SECURITY R4, R14).

The printed code of before proves nothing here: it may lie with the mailbox's stranger. A syndic issues another one to
whoever shows up at the agency, and that one has reached the owner by letter. A second code proves nothing either: it is
for one more holder of the account, who must not recover the identity of another one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from broker.identities import attempts, dormancy
from broker.identities.attempts import Door, Reserved
from broker.identities.factors import service as factors
from broker.identities.models import Identity, Link
from broker.identities.passwords import LONGEST, waste
from config.database import session
from config.errors import Unavailable
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic

LONGEST_NAME = 254
ISSUED_ANEW = ("active", "pending")
"""States of an account whose link was made before: only a re-issue leads back to them."""


@dataclass(frozen=True)
class Typed:
    """« Identifiant » and « Mot de passe de votre appel de fonds », as typed. `door` says where, for a slug."""

    identifier: str
    secret: str
    door: Callable[[str], Door]

    @property
    def is_given(self) -> bool:
        """Whether both were typed at all."""
        return bool(self.identifier.strip() and self.secret)


def asks_for_code(identity: Identity) -> bool:
    """Whether a printed code must be shown for this dormant identity: a second factor will be asked for anyway."""
    return dormancy.is_dormant(identity) and not factors.enrolled(identity.id).any


def shown(identity: Identity, typed: Typed) -> bool:
    """Whether the typed pair is a living one of an account of this identity, issued anew since the link was made.

    Every entry is counted before it is checked, like any sign-in with that identifier.

    Raises:
        Unavailable: the syndic's own source does not answer; the attempt is given back.
    """
    identifier = legacy.canonical_identifier(typed.identifier[:LONGEST_NAME])
    secret = typed.secret[: 4 * LONGEST]
    if not typed.is_given:
        return False
    found = _linked(identity, identifier)
    if not found:
        door = typed.door("")
        attempts.reserve(attempts.of_identifier("", identifier, door.network), door)
        waste(secret)
    return any(_is_right(account, syndic, secret, typed.door(syndic.slug)) for account, syndic in found)


def _linked(identity: Identity, identifier: str) -> list[tuple[LegacyAccount, Syndic]]:
    rows = session().execute(
        select(LegacyAccount, Syndic)
        .join(Link, Link.account_id == LegacyAccount.id)
        .join(Syndic, Syndic.id == LegacyAccount.syndic_id)
        .where(Link.identity_id == identity.id, Link.state == "active", Syndic.status == "active")
        .where(LegacyAccount.identifier == identifier)
    )
    return [(account, syndic) for account, syndic in rows]


def _is_right(account: LegacyAccount, syndic: Syndic, secret: str, door: Door) -> bool:
    reserved = attempts.reserve(attempts.of_identifier(syndic.slug, account.identifier, door.network), door)
    if not isinstance(reserved, Reserved):
        waste(secret)
        return False
    try:
        verified = legacy.verify(syndic, account.identifier, secret)
    except Unavailable:
        attempts.withdrawn(reserved)
        raise
    if verified is None or verified.retired or verified.account.id != account.id:
        return False
    attempts.succeeded(reserved)
    return account.state in ISSUED_ANEW and verified.second_code is None
