"""Everything that is one person's evidence, and nobody else's, in a handful of statements."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from broker.association.models import Association
from broker.identities.models import Identity, Link
from config.database import session
from tenants.audit.entries import salted_hash
from tenants.audit.subjects import Owned, entries_of
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tenants.terms import renewal
from tenants.terms.models import TermsVersion
from tenants.terms.renewal import Person

PLATFORM_NAME = "Trousseau"


@dataclass(frozen=True)
class Evidence:
    """A person's own entries of the ledger, oldest first, and what makes them legible."""

    entries: list[Owned]
    texts: list[TermsVersion]
    """Every text that the person accepted."""
    names: dict[uuid.UUID, str]
    """The syndics' names, by id."""
    identifiers: dict[str, str]
    """The identifiers of the person's accounts, by the accounts' public ids."""
    values: frozenset[str]
    """The person's own personal values, as far as they are still kept."""

    def name(self, party: uuid.UUID | None) -> str:
        """Whose terms, or whose chain: a syndic's name, or the platform's."""
        return self.names.get(party, PLATFORM_NAME) if party else PLATFORM_NAME

    def disclosed(self, owned: Owned) -> dict[str, tuple[str, bytes]]:
        """The entry's personal values that are this person's, with their salts, by field.

        A value is told by its hash: a salt can only come out beside a value of the requester's own.
        """
        hashes = owned.entry.body.get("personal", {})
        return {
            field: (value, salt)
            for field, salt in owned.salts.items()
            for value in self.values
            if hashes.get(field, {}).get("sha256") == salted_hash(salt, value)
        }


def of(identity: Identity) -> Evidence:
    """Collect the evidence of this identity: its own acts, and those of the attempts that made its links."""
    ties = session().execute(
        select(Link.association_id, Association.email, LegacyAccount.public_id, LegacyAccount.identifier)
        .join(LegacyAccount, LegacyAccount.id == Link.account_id)
        .outerjoin(Association, Association.id == Link.association_id)
        .where(Link.identity_id == identity.id)
    )
    rows = ties.all()
    attempts = frozenset(attempt for attempt, _, _, _ in rows)
    person = Person(identity.id, attempts)
    entries, texts = entries_of({identity.id, *attempts}), renewal.texts_of(person)
    parties = {each.entry.chain for each in entries} | {text.syndic_id for text in texts if text.syndic_id}
    emails = {identity.email, *(email for _, email, _, _ in rows if email)}
    identifiers = {public_id: identifier for _, _, public_id, identifier in rows}
    return Evidence(
        entries=entries,
        texts=texts,
        names=syndics.names(parties),
        identifiers=identifiers,
        values=frozenset(emails | set(identifiers.values()) | renewal.networks_of(person)),
    )
