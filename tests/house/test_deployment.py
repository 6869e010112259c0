"""The deployment's files say what the code does: known settings only, every secret from outside, roles that exist."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from environs import Env

from config.embedded.postgres import SUPERUSER, EmbeddedPostgres
from config.settings import PRODUCTION_NEEDS, read

ROOT = Path(__file__).parents[2]
SECRET = "kGkl0cCqM1p0K9m3xZ2xkQm0t3y0kq2d6q3bB4zq1nM="
GIVEN = {
    "TROUSSEAU_BASE_URL": "https://compte.example",
    "APP_PASSWORD": "app",
    "OWNER_PASSWORD": "owner",
    "TROUSSEAU_ROOT_SECRET": SECRET,
    "TROUSSEAU_ENCRYPTION_KEYS": f"k1:{SECRET}",
    "TROUSSEAU_SMTP_URL": "smtp://mail.example:587?starttls=1",
    "TROUSSEAU_MAIL_FROM": "Trousseau <ne-pas-repondre@compte.example>",
}


def _compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return content


def _filled(value: str) -> str:
    """The value with `${NAME:?…}` and `${NAME:-default}` as compose would fill them."""
    return re.sub(
        r"\$\{(\w+)(?::([?-])([^}]*))?\}",
        lambda found: GIVEN.get(found[1]) or (found[3] if found[2] == "-" else f"missing {found[1]}"),
        value,
    )


@pytest.mark.parametrize("service", ["web", "worker", "beat", "migrate"])
def test_each_process_starts_in_production_with_what_the_file_gives_it(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("TROUSSEAU_")]:
        monkeypatch.delenv(name)
    variables = {name: _filled(value) for name, value in _compose()["services"][service]["environment"].items()}
    known = set(re.findall(r'"(TROUSSEAU_\w+)"', (ROOT / "config/settings.py").read_text()))
    assert set(variables) <= known, f"unknown settings: {set(variables) - known}"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = read(Env())
    assert settings.production
    assert settings.https
    assert set(PRODUCTION_NEEDS) <= set(variables)


def test_no_secret_stands_in_the_files() -> None:
    for service in _compose()["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|KEYS", name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]*\}", value), f"{name} must come from outside"


def test_every_folder_that_the_image_copies_is_there_and_it_runs_as_nobody_mighty() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [part for line in lines if line.startswith("COPY") for part in line.split()[1:-1]]
    assert {"config/", "tenants/", "broker/", "workers/"} <= set(copied)
    assert all((ROOT / part).exists() for part in copied)
    assert "USER trousseau" in lines


def test_the_roles_script_makes_what_the_addresses_name(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    """Its SQL runs for real, with names of this test: the roles of the run exist already."""
    mark = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    script = (ROOT / "deploy/postgres-roles.sh").read_text()
    sql = re.search(r"<<'SQL'\n(.*?)\nSQL", script, re.DOTALL)
    assert sql is not None
    before_connect = sql[1].split("\\connect")[0].replace(":'owner'", "'o'").replace(":'app'", "'a'")
    mine = re.sub(r"trousseau(_owner|_app)?\b", lambda found: f"{found[0]}_{mark}", before_connect)
    with psycopg.connect(postgres.url(SUPERUSER, "postgres").replace("+psycopg", ""), autocommit=True) as connection:
        for statement in filter(str.strip, mine.split(";")):
            connection.execute(statement.encode())
        mighty = connection.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = %s",
            (f"trousseau_app_{mark}",),
        ).fetchone()
        assert mighty == (False,)
        connection.execute(f"DROP DATABASE trousseau_{mark}".encode())
        connection.execute(f"DROP ROLE trousseau_app_{mark}, trousseau_owner_{mark}".encode())
    assert subprocess.run(["sh", "-n", ROOT / "deploy/postgres-roles.sh"], cwd=tmp_path, check=False).returncode == 0  # noqa: S603, S607
