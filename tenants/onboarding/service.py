"""Importing a syndic's export of accounts: the good lines are kept, every other one is reported."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sqlalchemy import select

from config.database import session
from tenants.legacy.closing import left_by
from tenants.legacy.models import LegacySource
from tenants.legacy.refusals import UnusableSource
from tenants.onboarding.exports import Export, Record, read_export
from tenants.onboarding.lines import AccountLine, checked
from tenants.onboarding.merging import Merge, known_accounts
from tenants.onboarding.refusals import LineRejected, NotAnExport
from tenants.onboarding.reports import Report
from tenants.syndics.models import Syndic

__all__ = ["NotAnExport", "Report", "import_export"]

CHUNK = 500


def import_export(
    syndic: Syndic, file: Path, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Report:
    """Bring a syndic's accounts up to an export, within the caller's transaction.

    The same file a second time changes nothing. Accounts that the file does not name stay as they are.
    `progress` is called with the records done and all records, a few hundred at a time.

    Raises:
        NotAnExport: the file as a whole is unusable; nothing is changed.
        UnusableSource: the syndic has no source registered yet.
    """
    export = read_export(file)
    columns = frozenset(filter(None, export.columns))
    ours = _lock_source(syndic) == "imported"
    merge = Merge(syndic.id, columns, ours, known_accounts(syndic.id), left_by(syndic.id))
    report = Report(notes=list(_notes(export, merge)))
    seen: dict[str, int] = {}
    done, total = 0, len(export.records)
    for chunk in _chunks(export.records):
        merge.apply(list(_good(chunk, export, seen, report)), report)
        done += len(chunk)
        progress(done, total)
    session().expire_all()  # whoever holds one of these accounts reads it anew
    return report


def _lock_source(syndic: Syndic) -> str:
    """The kind of the syndic's source, locked: two imports for one syndic go one after the other."""
    wanted = select(LegacySource.kind).where(LegacySource.syndic_id == syndic.id).with_for_update()
    kind = session().scalar(wanted)
    if kind is None:
        raise UnusableSource("register the syndic's legacy source before importing its accounts")
    return kind


def _good(records: Iterable[Record], export: Export, seen: dict[str, int], report: Report) -> Iterator[AccountLine]:
    """The lines that may be kept; the others go to the report."""
    for record in records:
        try:
            line = checked(record, export)
            _refuse_duplicate(line, seen)
        except LineRejected as error:
            report.rejected.append((record.line, str(error)))
        else:
            yield line


def _refuse_duplicate(line: AccountLine, seen: dict[str, int]) -> None:
    """Of two lines for one account the first is kept: which of them is right, only the syndic knows."""
    first = seen.setdefault(line.identifier, line.line)
    if first != line.line:
        raise LineRejected(f"duplicate of line {first}")


def _chunks(records: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
    for start in range(0, len(records), CHUNK):
        yield records[start : start + CHUNK]


def _notes(export: Export, merge: Merge) -> Iterator[str]:
    if "secret_hash" in export.columns and not merge.secrets_are_ours:
        yield "Hashes and schemes were not stored: this syndic's own service verifies its secrets."
    if export.unused:
        yield f"Columns that were not used: {', '.join(export.unused)}."
