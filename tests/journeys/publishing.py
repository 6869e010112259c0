"""Terms as operators publish them, and what was accepted of them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, select, text

from broker.identities import service as identities
from broker.identities.models import Link
from config.database import session, transaction
from config.embedded.postgres import OWNER, EmbeddedPostgres
from tenants.audit import subjects
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tenants.terms import service as terms
from tests.browser import Page
from tests.journeys.steps import PASSWORD, associate
from tests.world import TestSyndic, World

HEADING = "Conditions Générales d'Utilisation"
TICKED = {"J'ai lu et j'accepte les présentes conditions": "on"}


def publish(
    world: World, syndic: TestSyndic | None, *, material: bool = True, locale: str = "fr", version: str = ""
) -> str:
    """Publish a text that no other is. Returns its version."""
    version = version or f"v-{secrets.token_hex(4)}"
    with world.application.app_context(), transaction():
        owner = syndics.get(syndic.slug).id if syndic else None
        written = f"# Article 1\n\nTexte {locale} de {version}."
        terms.publish(version, locale, written, owner, material=material)
    return version


@contextmanager
def platform_version(world: World, postgres: EmbeddedPostgres, database: str) -> Iterator[str]:
    """A material version of the platform's terms, which other tests of this process never meet."""
    version = publish(world, None)
    try:
        yield version
    finally:
        engine = create_engine(postgres.url(OWNER, database))
        with engine.begin() as owner:
            found = "SELECT id FROM terms_versions WHERE version = :version"
            owner.execute(
                text(f"DELETE FROM terms_acceptances WHERE terms_version_id IN ({found})"),  # noqa: S608 - a constant
                {"version": version},
            )
            owner.execute(text("DELETE FROM terms_versions WHERE version = :version"), {"version": version})
        engine.dispose()


def owner_of_an_account(world: World, name: str, syndic: TestSyndic | None = None) -> tuple[TestSyndic, str]:
    """A person who has associated the first account of a syndic."""
    syndic = syndic or world.syndic()
    email = f"{name}@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email, PASSWORD)
    return syndic, email


def accept(page: Page) -> Page:
    """Tick the box and go on."""
    assert page.heading == HEADING, page.text[:500]
    return page.submit("Continuer", **TICKED)


def evidence_of(world: World, email: str, kind: str = "terms.accepted") -> list[LedgerEntry]:
    """The entries that are this person's own, by kind."""
    with world.application.app_context():
        person = identities.by_email(email)
        assert person is not None
        attempts = session().scalars(select(Link.association_id).where(Link.identity_id == person.id))
        owned = subjects.entries_of({person.id, *attempts})
        return [each.entry for each in owned if each.entry.kind == kind]
