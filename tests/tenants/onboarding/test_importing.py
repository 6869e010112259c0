"""Promises of the import, on the real database."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from config.database import db, session
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacySource
from tenants.legacy.refusals import UnusableSource
from tenants.onboarding import service
from tests.tenants.legacy.examples import a_syndic, an_account
from tests.tenants.onboarding.exports import HASH, Import, accounts, counts, row, signs_in
from tests.tenants.onboarding.test_reading import as_csv

pytestmark = pytest.mark.usefixtures("app")


def test_the_owners_of_an_export_sign_in_with_their_own_secrets(bring: Import) -> None:
    syndic = a_syndic()
    report = bring(syndic, row("ab 10042", "M. et Mme Lefèvre"), row("AB10043", email="", secret="Autre-1"))
    assert counts(report) == (2, 0, 0, 0)
    assert set(accounts(syndic)) == {"AB10042", "AB10043"}, "identifiers are kept in their canonical spelling"
    verified = signs_in(syndic, "AB10042")
    assert verified is not None
    assert (verified.account.holder, verified.account.email) == ("M. et Mme Lefèvre", "z@exemple.fr")
    assert signs_in(syndic, "AB10043", "Autre-1") is not None
    assert signs_in(syndic, "AB10043") is None
    assert accounts(syndic)["AB10043"].email is None


def test_the_good_lines_are_kept_and_every_other_one_is_named(bring: Import) -> None:
    syndic = a_syndic()
    bad = ["", "Personne", "", "", "", ""]
    report = bring(syndic, row("A1"), bad, row("A2"), row("zoe@exemple.fr"), ["A3"], row("a1"), row("A4"))
    assert set(accounts(syndic)) == {"A1", "A2", "A4"}
    assert report.rejected == [
        (3, "missing identifier"),
        (5, "the identifier contains '@'"),
        (6, "1 columns instead of 6"),
        (7, "duplicate of line 2"),
    ]
    summary = report.summary()
    assert summary.startswith("3 added, 0 changed, 0 unchanged, 4 rejected.")
    assert "line 6: 1 columns instead of 6" in summary


def test_of_two_lines_for_one_account_a_good_one_after_a_bad_one_counts(bring: Import) -> None:
    syndic = a_syndic()
    report = bring(syndic, row("A1", email="none"), row("A1"))
    assert counts(report) == (1, 0, 0, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    rows=st.lists(
        st.tuples(
            st.text("AB1 ", max_size=4),
            st.text(st.characters(codec="utf-8"), max_size=8),
            st.sampled_from(["", "z@exemple.fr", "none"]),
            st.text(st.characters(codec="utf-8"), max_size=8),
            st.sampled_from([(HASH, "hex_sha256"), ("", ""), (HASH, "")]),
        ),
        max_size=12,
    )
)
def test_the_same_file_a_second_time_changes_nothing(
    bring: Import, rows: list[tuple[str, str, str, str, tuple[str, str]]]
) -> None:
    syndic = a_syndic()
    file = [[*texts, *secret] for *texts, secret in rows]
    first = bring(syndic, *file)
    before = {name: (a.id, a.public_id, a.sub, a.imported_at, a.holder) for name, a in accounts(syndic).items()}
    again = bring(syndic, *file)
    assert counts(again) == (0, 0, first.added, len(first.rejected))
    assert again.rejected == first.rejected
    after = {name: (a.id, a.public_id, a.sub, a.imported_at, a.holder) for name, a in accounts(syndic).items()}
    assert after == before, "not a single row may be written"


def test_a_changed_line_changes_the_account_and_never_its_public_id_or_subject(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"), row("A2"))
    before = accounts(syndic)["A1"]
    ids = (before.id, before.public_id, before.sub)
    report = bring(syndic, row("A1", "Mme Lefèvre", "", "Autre-1"), row("A2"))
    assert counts(report) == (0, 1, 1, 0)
    changed = accounts(syndic)["A1"]
    assert (changed.id, changed.public_id, changed.sub) == ids
    assert (changed.holder, changed.email) == ("Mme Lefèvre", None)
    assert signs_in(syndic, "A1") is None
    assert signs_in(syndic, "A1", "Autre-1") is not None


def test_accounts_that_the_file_does_not_name_stay(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    bring(syndic, row("A2"))
    assert signs_in(syndic, "A1") is not None


def test_a_secret_that_the_file_leaves_empty_stays(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    assert counts(bring(syndic, row("A1", secret=None))) == (0, 0, 1, 0)
    assert signs_in(syndic, "A1") is not None


def test_a_file_without_some_columns_leaves_them_alone(tmp_path: Path, bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    path = tmp_path / "names.csv"
    path.write_text("Identifiant;Titulaire;Solde\nA1;Mme Lefèvre;12\nA2;Nouveau;0\n")
    report = service.import_export(syndic, path)
    kept = accounts(syndic)
    assert (kept["A1"].holder, kept["A1"].email) == ("Mme Lefèvre", "z@exemple.fr")
    assert kept["A2"].email is None
    assert signs_in(syndic, "A1") is not None
    assert "Columns that were not used: Solde." in report.summary()


def test_two_syndics_may_use_the_same_identifier(bring: Import) -> None:
    one, other = a_syndic(), a_syndic()
    bring(one, row("A1", secret="One-1"))
    bring(other, row("A1", secret="Other-1"))
    assert signs_in(one, "A1", "Other-1") is None
    assert signs_in(other, "A1", "Other-1") is not None


def test_a_number_that_is_used_again_is_a_new_account(bring: Import) -> None:
    syndic = a_syndic()
    old = an_account(syndic, "A1", None, state="closed")
    assert counts(bring(syndic, row("A1"))) == (1, 0, 0, 0)
    again = legacy.find(syndic.id, "A1")
    assert again is not None
    assert again.id != old.id
    assert again.sub != old.sub


def test_a_syndic_without_a_source_is_told_to_register_one(bring: Import) -> None:
    syndic = a_syndic()
    session().execute(delete(LegacySource).where(LegacySource.syndic_id == syndic.id))
    with pytest.raises(UnusableSource):
        bring(syndic, row("A1"))


def test_a_file_that_is_no_export_changes_nothing(tmp_path: Path) -> None:
    syndic = a_syndic()
    path = tmp_path / "broken.csv"
    path.write_bytes(uuid.uuid4().bytes)
    with pytest.raises(service.NotAnExport):
        service.import_export(syndic, path)
    assert accounts(syndic) == {}


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that are sent."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_many_lines_cost_few_statements_and_show_progress(tmp_path: Path, statements: list[str]) -> None:
    syndic = a_syndic()
    path = tmp_path / "export.csv"
    path.write_text(as_csv([[f"A{number}", "Zoé", "", "", HASH, "hex_sha256"] for number in range(1200)]))
    seen: list[tuple[int, int]] = []
    del statements[:]
    report = service.import_export(syndic, path, lambda done, total: seen.append((done, total)))
    assert report.added == 1200
    assert seen == [(500, 1200), (1000, 1200), (1200, 1200)]
    assert len(statements) <= 6, "one statement a chunk, and three to begin with"
