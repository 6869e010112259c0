"""Promises of the reader: whatever the file, nothing of it is lost or misread silently."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.onboarding.exports import Export, Record, read_export
from tenants.onboarding.lines import AccountLine, checked
from tenants.onboarding.refusals import LineRejected, NotAnExport

HEADER = ["Identifiant", "Titulaire", "E-mail", "Libellé", "Empreinte", "Schéma"]
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
Write = Callable[[bytes], Path]
anything = st.text(st.characters(codec="utf-8"), max_size=30)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that makes a file of these bytes."""

    def made(content: bytes) -> Path:
        path = tmp_path / "export.csv"
        path.write_bytes(content)
        return path

    return made


def as_csv(rows: list[list[str]], delimiter: str = ";", end: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    # The writer forgets to quote a lone carriage return where lines end with a line feed.
    quoting: Literal[0, 1] = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([HEADER, *rows])
    return out.getvalue()


def identifiers(file: Path) -> list[str]:
    return [record.fields[0] for record in read_export(file).records]


def kept(record: Record, export: Export) -> AccountLine | None:
    """The account of a record, or None where it was rejected, with a reason that can be printed."""
    try:
        return checked(record, export)
    except LineRejected as reason:
        if not str(reason):
            pytest.fail("a rejected line needs a reason")
        str(reason).encode()  # raises where a broken character would reach the report
        return None


@shared
@given(
    rows=st.lists(st.lists(anything, min_size=6, max_size=6), max_size=5),
    delimiter=st.sampled_from(";,\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
)
def test_any_text_in_any_field_comes_back_as_it_was(
    write: Write, rows: list[list[str]], delimiter: str, end: str, mark: bool
) -> None:
    file = write(as_csv(rows, delimiter, end).encode("utf-8-sig" if mark else "utf-8"))
    read = [list(record.fields) for record in read_export(file).records]
    assert read == [row for row in rows if any(field.strip() for field in row)]


@shared
@given(rows=st.lists(st.lists(anything, min_size=6, max_size=6), max_size=5))
def test_any_text_is_an_account_or_a_reason(write: Write, rows: list[list[str]]) -> None:
    export = read_export(write(as_csv(rows).encode()))
    for record in export.records:
        line = kept(record, export)
        if line is not None:
            assert line.identifier
            assert "@" not in line.identifier
            assert line.holder == " ".join(line.holder.split()), "a kept text stands on one line"


@shared
@given(content=st.binary(max_size=300), headed=st.booleans())
def test_any_bytes_are_records_or_a_refusal(write: Write, content: bytes, headed: bool) -> None:
    raw = ";".join(HEADER).encode() + b"\n" + content if headed else content
    try:
        export = read_export(write(raw))
    except NotAnExport:
        return
    for record in export.records:
        kept(record, export)


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_accents_survive_every_usual_encoding(write: Write, encoding: str, named: str, delimiter: str) -> None:
    rows = [["A1", "M. Lebœuf – Sté « L'Œil »", "", "14 rue de l’Hôtel-de-Ville, bât. B; 3e", "", ""]]
    export = read_export(write(as_csv(rows, delimiter).encode(encoding)))
    assert [list(record.fields) for record in export.records] == rows
    assert export.encoding == named


def test_one_line_in_another_encoding_costs_itself_only(write: Write) -> None:
    good = as_csv([["A1", "Zoé Lefèvre", "", "", "", ""]]).encode()
    export = read_export(write(good + "A2;Zoé;;;;\r\n".encode("cp1252") + "A3;Aimé;;;;\r\n".encode()))
    assert [record.fields[1] for record in export.records][::2] == ["Zoé Lefèvre", "Aimé"]
    with pytest.raises(LineRejected, match="not UTF-8"):
        checked(export.records[1], export)


@pytest.mark.parametrize(
    "header",
    [
        "identifier;holder;email;label;secret_hash;secret_scheme",
        "NUMERO;NOM;COURRIEL;LIBELLE;HASH;SCHEME",
        "Numéro ; Nom ;Mail;Lot;Empreinte;Schéma",
        '"Identifiant";"Titulaire";"E-mail";"Libellé";"Empreinte";"Schéma"',
    ],
)
def test_columns_are_known_by_their_usual_names(write: Write, header: str) -> None:
    export = read_export(write(f"{header}\nA1;Zoé;z@exemple.fr;Appt;;\n".encode()))
    line = checked(export.records[0], export)
    assert (line.identifier, line.holder, line.email, line.label) == ("A1", "Zoé", "z@exemple.fr", "Appt")


def test_columns_may_stand_in_any_order_and_others_are_named(write: Write) -> None:
    export = read_export(write(b"Solde,Identifiant,Nom\n12,A1,Zoe\n"))
    assert export.unused == ("Solde",)
    assert checked(export.records[0], export).holder == "Zoe"


def test_lines_are_numbered_as_an_editor_shows_them(write: Write) -> None:
    text = 'Identifiant;Titulaire\r\nA1;"M. et\r\nMme"\r\n\r\nA2;x\r\n'
    assert [record.line for record in read_export(write(text.encode())).records] == [2, 5]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line(write: Write) -> None:
    text = 'Identifiant;Titulaire\nA1;Zoé\nA2;"Zoé\n' + "".join(f"B{n};x\n" for n in range(100)) + 'A3;"M. et Mme"\n'
    export = read_export(write(text.encode()))
    assert [record.line for record in export.records if record.fault] == [3]
    assert len(export.records) == 103, "every other line must be read"


def test_quotation_marks_inside_a_field_are_text(write: Write) -> None:
    file = write('Identifiant;Titulaire\nA1;Résidence "Le Parc"\nA2;x\n'.encode())
    assert [record.fields[1] for record in read_export(file).records] == ['Résidence "Le Parc"', "x"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        ("Identifiant;Titulaire\nA1;x\n".encode("utf-16"), "no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "identifier"),
        (b"10042303;Zoe;z@exemple.fr\n", "identifier"),
        (b"Titulaire;E-mail\nZoe;z@exemple.fr\n", "identifier"),
        (b"Identifiant;Numero;Nom\nA1;A2;Zoe\n", "twice"),
    ],
)
def test_what_is_no_export_is_refused_with_the_reason(write: Write, content: bytes, said: str) -> None:
    with pytest.raises(NotAnExport, match=said):
        read_export(write(content))


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(NotAnExport, match="cannot be read"):
            read_export(path)


GOOD = {"Identifiant": "A1", "Titulaire": "Zoé", "E-mail": "z@exemple.fr", "Libellé": "", "Empreinte": "", "Schéma": ""}
MD5 = "5ebe2294ecd0e0f08eab7690d2a6ee69"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Identifiant": ""}, "missing identifier"),
        ({"Identifiant": " \u00a0\u200b"}, "missing identifier"),
        ({"Identifiant": "zoe@exemple.fr"}, "contains '@'"),
        ({"Identifiant": "zoe＠exemple"}, "contains '@'"),
        ({"Identifiant": "x" * 65}, "the identifier is too long"),
        ({"Titulaire": "x" * 301}, "the holder is too long"),
        ({"Titulaire": "Zo\x07é"}, "control characters in the holder"),
        ({"Identifiant": "A\x001"}, "control characters in the identifier"),
        ({"E-mail": "zoe"}, "malformed e-mail"),
        ({"E-mail": "a@b.fr; c@d.fr"}, "malformed e-mail"),
        ({"E-mail": "a@b"}, "malformed e-mail"),
        ({"E-mail": "@exemple.fr"}, "malformed e-mail"),
        ({"E-mail": "z@exemple..fr"}, "malformed e-mail"),
        ({"Empreinte": MD5, "Schéma": "rot13"}, "unknown scheme"),
        ({"Empreinte": MD5[:-1], "Schéma": "hex_md5"}, "malformed hash"),
        ({"Empreinte": "$2b$31$" + "a" * 21 + "O" + "a" * 31, "Schéma": "bcrypt"}, "work factor"),
        ({"Empreinte": "$2b$10$" + "a" * 21 + "b" + "a" * 31, "Schéma": "bcrypt"}, "malformed hash"),
        (
            {"Empreinte": "$pbkdf2-sha256$9999999$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43, "Schéma": "pbkdf2_sha256"},
            "work factor",
        ),
        ({"Empreinte": MD5}, "a hash without its scheme"),
        ({"Schéma": "hex_md5"}, "a scheme without its hash"),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason(write: Write, changes: dict[str, str], reason: str) -> None:
    export = read_export(write(as_csv([list((GOOD | changes).values())]).encode()))
    with pytest.raises(LineRejected, match=reason) as rejected:
        checked(export.records[0], export)
    assert MD5[:-1] not in str(rejected.value), "no hash in a report"


@pytest.mark.parametrize(
    ("line", "reason"), [("A1;Zoé", "2 columns instead of 6"), ("A1;;;;;;;x", "8 columns instead of 6")]
)
def test_a_line_with_too_few_or_too_many_columns_is_rejected(write: Write, line: str, reason: str) -> None:
    export = read_export(write((as_csv([]) + line).encode()))
    with pytest.raises(LineRejected, match=reason):
        checked(export.records[0], export)


def test_a_delimiter_at_the_end_of_each_line_is_no_column(write: Write) -> None:
    export = read_export(write((as_csv([]) + "A1;Zoé;;;;;;\n").encode()))
    assert checked(export.records[0], export).holder == "Zoé"
