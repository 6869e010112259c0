"""`trousseau legacy`, as operators run it: a source is said, tried and moved; accounts are closed."""

import json
from pathlib import Path

from tests.broker.terminal import ADD, Operator

LAYOUT = {
    "base": "ou=people,dc=lilas,dc=example",
    "bind_dn": "cn=trousseau,dc=lilas,dc=example",
    "bind_password": "Service-2026-lilas",
    "disable": {"attribute": "employeeType", "value": "closed"},
}
HEADER = "Identifiant;Titulaire;E-mail;Libellé;Empreinte;Schéma"
LINE = "1001;Mme Zoé Lefèvre;zoe@orange.fr;Lot 1;{SMD5}fNDNVyKbRxBBHZ+wNTGUOGFiY2Q=;salted_md5"


def with_one_account(operator: Operator, slug: str, folder: Path) -> Path:
    """A syndic with its export brought in."""
    operator.run(*ADD, "--slug", slug)
    file = folder / "export.csv"
    file.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    operator.run("legacy", "import", "--syndic", slug, str(file))
    return file


def test_a_directory_is_registered_from_a_file_and_its_password_never_shown(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "annuaire.json"
    file.write_text(json.dumps({**LAYOUT, "identifier": "u i d"}))
    where = ("--connector", "ldap", "--connector-url", "ldaps://annuaire.example", "--directory", str(file))
    assert "identifier" in operator.run(*ADD, "--slug", "annuaire", *where, fails=True)
    file.write_text("{")
    assert "JSON" in operator.run(*ADD, "--slug", "annuaire", *where, fails=True)
    file.write_text(json.dumps(LAYOUT))
    operator.run(*ADD, "--slug", "annuaire", *where)
    shown = operator.run("syndic", "show", "annuaire")
    assert json.loads(shown)["connector"]["layout"]["base"] == LAYOUT["base"]
    assert "Service-2026-lilas" not in shown
    moved = json.loads(operator.run("legacy", "source", "annuaire", "--connector", "imported"))
    assert moved == {"kind": "imported", "url": None}
    assert "whole" in operator.run("ledger", "verify")


def test_a_source_is_tried_and_says_what_is_wrong_with_it(operator: Operator, tmp_path: Path) -> None:
    with_one_account(operator, "essai", tmp_path)
    tried = json.loads(operator.run("legacy", "try", "essai", " 10 01"))
    assert (tried["kind"], tried["identifier"], tried["status"]) == ("imported", "1001", "active")
    assert json.loads(operator.run("legacy", "try", "essai", "9999"))["status"] == "unknown"
    operator.run("legacy", "source", "essai", "--connector", "http", "--connector-url", "https://source.invalid/legacy")
    assert "no answer" in operator.run("legacy", "try", "essai", "1001", fails=True)


def test_an_account_is_closed_once_and_its_export_brings_it_back_to_nobody(operator: Operator, tmp_path: Path) -> None:
    file = with_one_account(operator, "vente", tmp_path)
    closed = json.loads(operator.run("legacy", "close", "vente", "1001", "--because", "sale", "--yes"))
    assert closed == {"identifier": "1001", "state": "closed", "because": "sale", "links_ended": 0}
    assert "no living account" in operator.run(
        "legacy", "close", "vente", "1001", "--because", "sale", "--yes", fails=True
    )
    again = operator.run("legacy", "import", "--syndic", "vente", str(file))
    assert "line 2: the account was closed" in again
    assert "whole" in operator.run("ledger", "verify")


def test_nothing_that_an_account_does_not_wait_for_is_done_to_it(operator: Operator, tmp_path: Path) -> None:
    with_one_account(operator, "attente", tmp_path)
    assert json.loads(operator.run("legacy", "returned", "attente")) == []
    assert "not disabled" in operator.run("legacy", "disable-again", "attente", "1001", fails=True)
    assert "export" in operator.run("legacy", "reissued", "attente", "1001", "--yes", fails=True)
