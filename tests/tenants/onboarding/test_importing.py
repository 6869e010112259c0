"""Promises of the import, on the real database."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import passlib.hash
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select

from config import clock
from config.database import db, session
from tenants.legacy import service as legacy
from tenants.legacy.connectors.contract import Receipt
from tenants.legacy.connectors.source import connector_for
from tenants.legacy.models import LegacyAccount, LegacySource
from tenants.legacy.refusals import UnusableSource
from tenants.onboarding import service
from tenants.onboarding.reports import Report
from tenants.syndics.models import Syndic
from tests.tenants.legacy.examples import a_syndic, an_account
from tests.tenants.onboarding.test_reading import as_csv

pytestmark = pytest.mark.usefixtures("app")
RIGHT = "Lilas-2026"
HASH = passlib.hash.hex_sha256.hash(RIGHT)
Import = Callable[..., Report]


@pytest.fixture
def bring(tmp_path: Path) -> Import:
    """A function that imports rows of (identifier, holder, e-mail, label, hash, scheme)."""

    def imported(syndic: Syndic, *rows: list[str]) -> Report:
        path = tmp_path / "export.csv"
        path.write_text(as_csv(list(rows)))
        return service.import_export(syndic, path)

    return imported


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


@pytest.mark.parametrize("steps", [1, 2, 3], ids=["linked", "disable_requested", "disabled"])
@pytest.mark.parametrize("secret", [RIGHT, "Brand-new-1"])
def test_an_import_never_brings_a_retired_secret_back(bring: Import, steps: int, secret: str) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    account = accounts(syndic)["A1"]
    legacy.mark_pending(account)
    legacy.confirm(account, disable=steps > 1)
    if steps > 2:
        legacy.record_disabled(account, Receipt("done", clock.now()))
    session().flush()
    kept = (account.state, account.secret_hash, account.epoch)
    report = bring(syndic, row("A1", "Mme Lefèvre", secret=secret))
    assert (account.state, account.secret_hash, account.epoch) == kept
    assert account.holder == "Mme Lefèvre", "its other details follow the export"
    told = signs_in(syndic, "A1", secret)
    assert told is None or told.retired, "a retired identifier must not open again"
    if secret != RIGHT or steps > 2:
        assert report.kept_retired == 1
        assert "1 kept retired" in report.summary()


def test_an_account_linked_during_the_import_keeps_its_secret(bring: Import) -> None:
    """What was read as active is linked by somebody else before the chunk is written."""
    syndic = a_syndic()
    account = an_account(syndic, "A1", RIGHT)
    old = account.secret_hash

    def link(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "unnest" in statement:
            changed = "UPDATE legacy_accounts SET state = 'linked' WHERE id = %s"
            session().connection().exec_driver_sql(changed, (account.id,))

    event.listen(db.engine, "before_cursor_execute", link)
    bring(syndic, row("A1", secret="Brand-new-1"))
    event.remove(db.engine, "before_cursor_execute", link)
    assert (account.state, account.secret_hash) == ("linked", old)


def test_no_secret_of_a_remote_source_is_stored(bring: Import) -> None:
    syndic = a_syndic("http", "http://127.0.0.1:9/legacy")
    report = bring(syndic, row("A1"), row("A2", secret=None))
    assert counts(report) == (2, 0, 0, 0)
    assert all(account.secret_hash is None for account in accounts(syndic).values())
    assert "not stored" in report.summary()
    assert counts(bring(syndic, row("A1"), row("A2", secret=None))) == (0, 0, 2, 0)


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
    assert len(statements) <= 5, "one statement a chunk, and two to begin with"


def _in_doubt(syndic: Syndic) -> LegacyAccount:
    """An account whose former secret has died, and for which a new one is asked."""
    account = accounts(syndic)["A1"]
    signs_in(syndic, "A1")
    legacy.reissue(account)
    connector_for(syndic.id).disable("A1", "key")
    session().refresh(account)
    legacy.record_disabled(account, Receipt("done", clock.now()))
    session().flush()
    return account


def test_the_export_of_before_brings_no_secret_back(bring: Import) -> None:
    syndic, before = a_syndic(), row("A1")
    bring(syndic, before)
    _in_doubt(syndic)
    report = bring(syndic, before)
    assert report.kept_retired == 1, "the report says so"
    assert accounts(syndic)["A1"].state == "disabled"
    assert accounts(syndic)["A1"].secret_hash is None


def test_a_new_hash_makes_the_account_active_under_a_new_subject(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    former = accounts(syndic)["A1"].sub
    _in_doubt(syndic)
    report = bring(syndic, row("A1", holder="Mme Nouvelle", secret="Jonquille-2027"))
    account = accounts(syndic)["A1"]
    assert (counts(report), report.kept_retired) == ((0, 1, 0, 0), 0)
    assert (account.state, account.holder, account.reissue_key) == ("active", "Mme Nouvelle", None)
    assert account.sub != former
    assert signs_in(syndic, "A1", "Jonquille-2027") == legacy.Verified(account, retired=False)
    assert signs_in(syndic, "A1", RIGHT) is None


def test_the_former_secret_under_a_new_hash_is_refused_at_the_sign_in(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    _in_doubt(syndic)
    salted = passlib.hash.ldap_salted_md5.hash(RIGHT)
    bring(syndic, ["A1", "Zoé", "z@exemple.fr", "Appt 1", salted, "ldap_salted_md5"])
    assert accounts(syndic)["A1"].state == "active", "what is behind a hash nobody sees"
    assert signs_in(syndic, "A1", RIGHT) is None, "but a retired secret never works again"
    bring(syndic, row("A1", secret="Jonquille-2027"))
    assert signs_in(syndic, "A1", "Jonquille-2027") is not None


def test_a_new_hash_for_a_retired_account_that_nobody_asked_to_renew_stays_out(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    account = _in_doubt(syndic)
    account.reissue_key = None
    session().flush()
    bring(syndic, row("A1", secret="Jonquille-2027"))
    assert accounts(syndic)["A1"].state == "disabled"
