"""The operators' commands, as operators run them: programs of their own, on servers given by address."""

import json
import os
from pathlib import Path

import pytest

from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.settings import settings
from tests.broker.terminal import ADD, Operator


def test_an_upgrade_a_second_time_changes_nothing(operator: Operator) -> None:
    assert "newest revision" in operator.run("db", "upgrade")


def test_a_syndic_is_onboarded_with_client_and_keys_and_shown(operator: Operator) -> None:
    made = json.loads(operator.run(*ADD, "--slug", "agence-du-port"))
    assert made == {"slug": "agence-du-port", "issuer": f"{settings().base_url}/t/agence-du-port"}
    keys = json.loads(operator.run("keys", "add", "--syndic", "agence-du-port"))
    assert [key["alg"] for key in keys] == ["RS256", "ES256"]
    uris = ("--redirect-uri", "https://extranet.example/cb", "--redirect-uri", "http://127.0.0.1:9999/callback")
    client = json.loads(operator.run("client", "add", "--syndic", "agence-du-port", "--name", "Extranet", *uris))
    shown = json.loads(operator.run("syndic", "show", "agence-du-port"))
    assert shown["clients"] == [client["client_id"]]
    assert {key["alg"] for key in shown["keys"]} == {"RS256", "ES256"}
    assert client["client_secret"] not in json.dumps(shown), "a secret is shown once only"
    assert "agence-du-port" in operator.run(*ADD, "--slug", "agence-du-port", fails=True)
    assert "The ledger is whole" in operator.run("ledger", "verify")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*ADD, "--slug", "Not A Slug"), "slug"),
        (("syndic", "add", "--slug", "a", "--name", "A", "--legal-name", "A", "--siren", "123456789"), "SIREN"),
        ((*ADD, "--slug", "b", "--colour", "red"), "colour"),
        ((*ADD, "--slug", "c", "--connector", "ftp"), "ftp"),
        ((*ADD, "--slug", "d", "--connector", "http", "--connector-url", "http://10.0.0.1/legacy"), "https"),
        (("syndic", "show", "nobody"), "nobody"),
        (("client", "add", "--syndic", "nobody", "--name", "X", "--redirect-uri", "https://x.example/cb"), "nobody"),
        (("keys", "add", "--syndic", "nobody"), "nobody"),
    ],
)
def test_bad_input_is_one_clear_line(operator: Operator, arguments: tuple[str, ...], said: str) -> None:
    assert said in operator.run(*arguments, fails=True)


def test_an_export_is_imported_with_its_bad_lines_named_and_again_changes_nothing(
    operator: Operator, tmp_path: Path
) -> None:
    operator.run(*ADD, "--slug", "importante")
    file = tmp_path / "export.csv"
    lines = [
        "Identifiant;Titulaire;E-mail;Libellé;Empreinte;Schéma",
        "1001;Mme Zoé Lefèvre;zoe@orange.fr;Lot 1;{SMD5}fNDNVyKbRxBBHZ+wNTGUOGFiY2Q=;salted_md5",
        ";Sans identifiant;;;{SMD5}fNDNVyKbRxBBHZ+wNTGUOGFiY2Q=;salted_md5",
        "1003;Schéma inconnu;;;xyz;rot13",
    ]
    file.write_text("\n".join(lines), encoding="cp1252")
    first = operator.run("legacy", "import", "--syndic", "importante", str(file))
    assert "line 3: missing identifier" in first, "bad lines are named by number and reason"
    assert "line 4: unknown scheme" in first
    second = operator.run("legacy", "import", "--syndic", "importante", str(file))
    assert "unchanged" in second.lower()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 50, b"only;two\n1;2\n"])
def test_a_file_that_is_no_export_is_refused(operator: Operator, tmp_path: Path, content: bytes) -> None:
    operator.run(*ADD, "--slug", f"fichier-{len(content)}")
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    assert operator.run("legacy", "import", "--syndic", f"fichier-{len(content)}", str(file), fails=True)


def test_trust_is_loaded_explained_and_nonsense_named(operator: Operator, tmp_path: Path) -> None:
    for slug in ("amie-a", "amie-b"):
        operator.run(*ADD, "--slug", slug)
    file = tmp_path / "trust.toml"
    file.write_text(
        '[[circle]]\nname = "Amies"\ncharter = "c"\nadmission = "operator"\npurposes = ["link"]\n'
        'members = ["amie-a", "amie-b"]\n'
    )
    operator.run("trust", "load", str(file))
    operator.run("trust", "load", str(file))
    assert "Amies" in operator.run("trust", "explain", "amie-a", "amie-b")
    file.write_text('[[denial]]\ndenier = "amie-a"\ndenied = "nobody-knows"\n')
    assert "nobody-knows" in operator.run("trust", "load", str(file), fails=True)
    file.write_text("not = toml = at all")
    assert "TOML" in operator.run("trust", "load", str(file), fails=True)


def test_terms_are_published_in_french_first_once_and_listed(operator: Operator, tmp_path: Path) -> None:
    operator.run(*ADD, "--slug", "agence-des-termes")
    file = tmp_path / "terms.md"
    file.write_text("# Article 1\n\nTexte.", encoding="utf-8")
    fields = ("--syndic", "agence-des-termes", "--version", "2027")
    early = operator.run("terms", "publish", *fields, "--locale", "en", str(file), fails=True)
    assert "French text" in early
    made = json.loads(operator.run("terms", "publish", *fields, "--locale", "fr", "--material", str(file)))
    assert made["material"] is True
    assert json.loads(operator.run("terms", "publish", *fields, "--locale", "fr", "--material", str(file))) == made
    assert "all its texts" in operator.run("terms", "publish", *fields, "--locale", "en", str(file), fails=True)
    operator.run("terms", "publish", *fields, "--locale", "en", "--material", str(file))
    listed = json.loads(operator.run("terms", "list"))
    assert [(text["version"], text["locale"]) for text in listed if text["syndic"] is None] == [
        ("2026-11", "fr"),
        ("2026-11", "en"),
    ], "the platform's own stand there from the upgrade on"
    own = [text for text in listed if text["syndic"] == "agence-des-termes"]
    assert [(text["locale"], text["material"], text["sha256"]) for text in own] == [
        ("fr", True, made["sha256"]),
        ("en", True, made["sha256"]),
    ]
    file.write_text("Autre texte.", encoding="utf-8")
    assert "was published" in operator.run(
        "terms", "publish", *fields, "--locale", "fr", "--material", str(file), fails=True
    )
    file.write_bytes(b"\xe9")
    assert "UTF-8" in operator.run("terms", "publish", *fields, "--locale", "fr", str(file), fails=True)


def test_proof_files_have_one_key_from_the_upgrade_on_and_another_after_a_rotation(operator: Operator) -> None:
    first = json.loads(operator.run("evidence", "keys"))
    assert [key["signs"] for key in first] == [True]
    rotated = json.loads(operator.run("evidence", "rotate"))["kid"]
    both = json.loads(operator.run("evidence", "keys"))
    assert [(key["kid"], key["signs"]) for key in both] == [(rotated, True), (first[0]["kid"], False)]
    operator.run("db", "upgrade")
    assert len(json.loads(operator.run("evidence", "keys"))) == 2, "an upgrade makes no second first key"
    assert "whole" in operator.run("ledger", "verify")


def test_production_names_everything_that_is_missing(operator: Operator) -> None:
    kept = {name: value for name, value in operator.environment.items() if not name.startswith("TROUSSEAU_")}
    said = Operator({**kept, "TROUSSEAU_ENV": "production"}).run("db", "upgrade", fails=True)
    for name in ("DATABASE_URL", "REDIS_URL", "ROOT_SECRET", "ENCRYPTION_KEYS", "BASE_URL", "SMTP_URL"):
        assert f"TROUSSEAU_{name}" in said


def test_a_database_that_does_not_answer_or_is_not_upgraded_is_one_clear_line(
    operator: Operator, postgres: EmbeddedPostgres
) -> None:
    nobody = "postgresql+psycopg://trousseau_app@127.0.0.1:9/trousseau"
    said = Operator({**operator.environment, "TROUSSEAU_DATABASE_URL": nobody}).run("syndic", "show", "x", fails=True)
    assert "the database does not serve" in said
    name = "empty_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")
    postgres.create_database(name)
    empty = {**operator.environment, "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, name)}
    assert "trousseau db upgrade" in Operator(empty).run("syndic", "show", "x", fails=True)
    postgres.drop_database(name)


def test_the_application_refuses_to_connect_as_the_owner(operator: Operator) -> None:
    owner = operator.environment["TROUSSEAU_MIGRATION_DATABASE_URL"]
    said = Operator({**operator.environment, "TROUSSEAU_DATABASE_URL": owner}).run("db", "upgrade", fails=True)
    assert "another role" in said
