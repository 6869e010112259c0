"""Reading a syndic's export: bytes to records, each with its line. What the records mean is `lines.py`'s.

CSV as real software writes it (RFC 4180 and its relatives): UTF-8 with or without a mark, or Windows-1252; `;`,
`,` or tabs; quoted fields that may span lines. A broken record costs itself and no other one.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tenants.onboarding.columns import NAMES, recognise
from tenants.onboarding.refusals import NotAnExport

LARGEST_BYTES = 256 * 1024 * 1024
DELIMITERS = (";", ",", "\t")
LONGEST_RECORD = 50
"""Lines of one record: a quotation mark that is still open after so many was never meant to be closed."""


@dataclass(frozen=True)
class Record:
    """One record. `line` is that of the file where it begins, from 1. `fault` says what is broken, or is empty."""

    line: int
    fields: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True)
class Export:
    """A whole file. `columns` are what the header's names mean, None for one that is not used."""

    columns: tuple[str | None, ...]
    records: tuple[Record, ...]
    encoding: str
    unused: tuple[str, ...]


def read_export(file: Path) -> Export:
    """Read a file whole.

    Characters that its encoding does not know are left as lone surrogates (PEP 383), for the line to be refused.

    Raises:
        NotAnExport: unreadable, empty, no text, or without a header that names the identifier's column.
    """
    text, encoding = _decoded(_content(file))
    lines = list(io.StringIO(text, newline=""))
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise NotAnExport("the file is empty")
    header, delimiter, after = _header(lines, first)
    meanings = recognise(header)
    unused = tuple(name for name, meaning in zip(header, meanings, strict=True) if meaning is None and name.strip())
    return Export(tuple(meanings), tuple(_records(lines, after, delimiter)), encoding, unused)


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise NotAnExport(f"the file is larger than {LARGEST_BYTES // 1024**2} MiB: split it")
        raw = file.read_bytes()
    except OSError as error:
        raise NotAnExport(f"the file cannot be read: {error.strerror}") from error
    if raw.startswith(b"PK\x03\x04"):
        raise NotAnExport("this is a workbook: save the sheet as CSV (UTF-8)")
    if b"\x00" in raw.lstrip().split(b"\n", 1)[0]:  # UTF-16, or no text at all
        raise NotAnExport("this is no text in UTF-8 or Windows-1252: save it as CSV (UTF-8)")
    return raw


def _decoded(raw: bytes) -> tuple[str, str]:
    """The text and its encoding's name. A file is UTF-8 with a few broken lines, or Windows-1252 throughout."""
    text = raw.decode("utf-8-sig", "surrogateescape")
    if text.isascii():
        return text, "UTF-8"
    broken = len(re.findall("[\udc80-\udcff]", text))
    sound = len(re.findall("[^\0-\x7f]", text)) - broken
    if raw.startswith(b"\xef\xbb\xbf") or sound > broken or not broken:
        return text, "UTF-8"
    return raw.decode("cp1252", "surrogateescape"), "Windows-1252"


def _header(lines: list[str], first: int) -> tuple[list[str], str, int]:
    """The header, the delimiter under which it makes most sense, and the line after it."""
    readings = [(_read(lines, first, delimiter), delimiter) for delimiter in DELIMITERS]
    known = {delimiter: set(recognise(list(record.fields))) - {None} for (record, _), delimiter in readings}
    (record, after), delimiter = max(readings, key=lambda reading: len(known[reading[1]]))
    if "identifier" not in known[delimiter]:
        names = ", ".join(NAMES["identifier"][:3])
        raise NotAnExport(f"the first line must name the columns, and one of them must be the identifier ({names})")
    twice = [name for name in known[delimiter] if recognise(list(record.fields)).count(name) > 1]
    if twice:
        raise NotAnExport(f"the first line names the column {twice[0]} twice")
    return list(record.fields), delimiter, after


def _records(lines: list[str], start: int, delimiter: str) -> Iterator[Record]:
    """All records but empty ones."""
    at = start
    while at < len(lines):
        record, at = _read(lines, at, delimiter)
        if record.fault or any(field.strip() for field in record.fields):
            yield record


def _read(lines: list[str], at: int, delimiter: str) -> tuple[Record, int]:
    """One record, and the line after it. A broken one ends with its first line, so that the next is read anew."""
    reader = csv.reader(lines[at : at + LONGEST_RECORD], delimiter=delimiter, strict=True)
    try:
        fields = next(reader)
    except csv.Error:
        return Record(at + 1, (), "a quotation mark is misplaced or never closed"), at + 1
    return Record(at + 1, tuple(fields)), at + reader.line_num
