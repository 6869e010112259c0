"""Promises about the terms: what is published, what is in force, and what was accepted."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from config import clock
from config.database import session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM, LedgerEntry
from tenants.terms import refusals, service
from tenants.terms.markdown import render
from tenants.terms.models import TermsAcceptance, TermsVersion
from tests.tenants.conftest import new_syndic

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """A function that moves the clock; the clock is right again afterwards."""
    yield clock.shift
    clock.shift(timedelta())


@pytest.fixture
def syndic() -> uuid.UUID:
    """A syndic in the test's transaction."""
    return new_syndic("agence-a")


def shown(syndic: uuid.UUID, locale: str) -> list[tuple[str, str]]:
    return [(terms.version, terms.locale) for terms in service.current(syndic, locale)]


def evidence(chain: uuid.UUID) -> list[LedgerEntry]:
    rows = select(LedgerEntry).where(LedgerEntry.chain == chain).order_by(LedgerEntry.sequence)
    return list(session().scalars(rows))


def test_publishing_the_same_text_again_changes_nothing() -> None:
    one, again = (service.publish("1", "fr", "Texte é") for _ in range(2))
    assert one.id == again.id, "the same text must be published once"
    assert one.sha256 == hashlib.sha256("Texte é".encode()).hexdigest(), "the digest is of the text in UTF-8"
    assert [entry.kind for entry in evidence(PLATFORM)] == ["terms.published"], "one publication is one event"


def test_a_version_never_changes_its_text(syndic: uuid.UUID) -> None:
    service.publish("1", "fr", "Texte")
    with pytest.raises(refusals.VersionTaken):
        service.publish("1", "fr", "Texte corrigé")
    service.publish("1", "en", "Text")
    service.publish("1", "fr", "Texte du syndic", syndic)
    assert [terms.text for terms in service.current(syndic, "fr")] == ["Texte", "Texte du syndic"]


@pytest.mark.parametrize(
    "statement", ["UPDATE terms_versions SET text = ''", "UPDATE terms_acceptances SET sha256 = 'x'"]
)
def test_the_application_cannot_change_what_was_published_or_accepted(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        session().execute(text(statement))


@pytest.mark.parametrize(
    ("version", "locale", "body"),
    [
        ("", "fr", "x"),
        ("1", " ", "x"),
        ("1", "fr", "\n"),
        ("1", "fr", "a\0b"),
        ("1", "fr", "\ud800"),
        ("1", "fr", "x" * 200_001),
    ],
)
def test_what_cannot_be_kept_is_refused(version: str, locale: str, body: str) -> None:
    with pytest.raises(refusals.Unpublishable):
        service.publish(version, locale, body)


def test_the_newest_version_binds_in_french_where_it_was_not_translated(
    syndic: uuid.UUID, later: Callable[[timedelta], None]
) -> None:
    service.publish("1", "fr", "un")
    service.publish("1", "en", "one")
    assert shown(syndic, "en") == [("1", "en")]
    later(DAY)
    service.publish("2", "fr", "deux")
    assert shown(syndic, "en") == [("2", "fr")], "an old translation must not hide the newest version"
    later(DAY * 2)
    service.publish("1", "de", "eins")
    assert shown(syndic, "de") == [("2", "fr")], "a late translation does not make an old version new"
    service.publish("2", "en", "two")
    assert shown(syndic, "en") == [("2", "en")]


def test_a_syndics_own_terms_come_after_the_platforms_and_at_that_syndic_only(syndic: uuid.UUID) -> None:
    other = new_syndic("agence-b")
    service.publish("p", "fr", "plateforme")
    service.publish("s", "fr", "syndic", syndic)
    assert shown(syndic, "fr") == [("p", "fr"), ("s", "fr")]
    assert shown(other, "fr") == [("p", "fr")], "nobody is shown another syndic's terms"


def test_an_acceptance_keeps_what_was_shown_and_is_evidence(syndic: uuid.UUID) -> None:
    terms = [service.publish("p", "fr", "plateforme"), service.publish("s", "fr", "syndic", syndic)]
    association = uuid.uuid4()
    service.accept(association, terms, "192.0.2.0/24", syndic)
    kept = session().scalars(select(TermsAcceptance).where(TermsAcceptance.association_id == association)).all()
    assert {(row.terms_version_id, row.sha256, row.network) for row in kept} == {
        (each.id, each.sha256, "192.0.2.0/24") for each in terms
    }, "each text accepted must be kept with its digest"
    entry = evidence(syndic)[-1]
    assert (entry.kind, entry.body["association"]) == ("terms.accepted", str(association))
    assert [named["sha256"] for named in entry.body["texts"]] == [each.sha256 for each in terms]
    assert "192.0.2" not in str(entry.body), "the caller's network stands in the ledger as a hash only"
    assert audit.verify(syndic) == []


def test_an_acceptance_of_nothing_is_refused() -> None:
    with pytest.raises(refusals.NothingAccepted):
        service.accept(uuid.uuid4(), [], "192.0.2.0/24")


def test_the_terms_that_are_shipped_are_published_once_in_both_languages(syndic: uuid.UUID) -> None:
    service.publish_shipped()
    service.publish_shipped()
    count = session().scalars(select(TermsVersion)).all()
    assert len(count) == 2, "a second start must publish nothing"
    assert shown(syndic, "fr") == [("2026-11", "fr")]
    assert shown(syndic, "en") == [("2026-11", "en")]


def test_the_two_languages_that_are_shipped_have_the_same_structure() -> None:
    french, english = (
        [line.split(" ")[0] for line in render(terms.text).splitlines() if line.startswith("<")]
        for terms in service.publish_shipped()
    )
    shapes = [[tag.split(">")[0] for tag in tags] for tags in (french, english)]
    assert shapes[0] == shapes[1], "each section, paragraph and list must have its translation"
