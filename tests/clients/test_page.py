"""docs/integrate.md against the product: what it names exists, and what cannot run here names nothing else."""

import json
import os
import re
import shutil
import subprocess

import httpx2
import pytest
from click.testing import CliRunner

from broker.cli import cli
from config import clock
from tests.browser import Browser
from tests.clients.snippets import PAGE, all_of_them, snippet
from tests.world import World

MENU = {"menu", "menu-page", "menu-policy", "menu-style"}
"""Run by test_menu.py."""
RUN = {"mod_auth_openidc", "openid-client", "authlib", "authlib-par", "associate", *MENU}
ENVIRONMENT = {"ISSUER", "CLIENT_ID", "CLIENT_SECRET"}
SETTINGS = ("mod_auth_openidc", "oauth2-proxy", "spring", "symfony", "aspnet", "openid-client", "authlib")
CLAIMS = re.compile(r"\| `([a-z_.]+)` \| (id_token|userinfo)")
SCOPES = re.compile(r"openid,? profile,? email,? [a-z_, ]+")


def _metadata(world: World) -> dict[str, list[str]]:
    syndic = world.syndic(accounts=0)
    found: dict[str, list[str]] = httpx2.get(f"{syndic.issuer}/.well-known/openid-configuration").json()
    return found


@pytest.mark.parametrize("name", SETTINGS)
def test_every_library_has_its_settings_from_the_same_environment(name: str) -> None:
    text = snippet(name)
    assert {word for word in ENVIRONMENT if word in text} == ENVIRONMENT, f"{name} reads {ENVIRONMENT}"


@pytest.mark.parametrize("name", SETTINGS)
def test_a_block_names_no_endpoint_of_its_own_since_discovery_does(name: str) -> None:
    assert not re.search(r"ISSUER[^\s]{0,8}/(?!\.well-known/openid-configuration)\w", snippet(name))


def test_every_scope_and_claim_that_the_page_names_is_the_brokers(world: World) -> None:
    page, metadata = PAGE.read_text(encoding="utf-8"), _metadata(world)
    scopes = {scope for found in SCOPES.findall(page) for scope in re.findall(r"[a-z_]+", found)}
    assert {"openid", "accounts", "offline_access"} <= scopes <= set(metadata["scopes_supported"])
    claims = {name.split(".")[0] for name, _ in CLAIMS.findall(page)}
    assert {"sub", "account", "person"} <= claims <= set(metadata["claims_supported"])


def test_every_endpoint_and_feature_that_the_page_names_is_in_discovery(world: World) -> None:
    page, metadata = PAGE.read_text(encoding="utf-8"), _metadata(world)
    named = set(re.findall(r"\b[a-z_]+_endpoint\b", page))
    assert {"end_session_endpoint", "pushed_authorization_request_endpoint"} <= named <= set(metadata)
    assert set(metadata["token_endpoint_auth_methods_supported"]) >= {
        *re.findall(r"client_secret_\w+|private_key_jwt", page)
    }
    assert metadata["authorization_response_iss_parameter_supported"]


def test_the_registration_command_of_the_page_has_only_options_that_exist() -> None:
    said = CliRunner().invoke(cli, ["client", "add", "--help"]).output
    named = set(re.findall(r"--[a-z-]+", snippet("register")))
    assert {option for option in named if option not in said} == set()
    assert len(named) >= 6


def test_the_page_says_which_blocks_are_run() -> None:
    titles = set(all_of_them())
    assert titles == RUN | {"register", "oauth2-proxy", "spring", "spring-java", "symfony", "aspnet"}
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("not run here") == 4
    assert page.count("\n```") == 2 * len(titles), "every block has a title, or a test could miss it"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing")
def test_the_announcement_of_an_association_runs_as_it_stands(world: World) -> None:
    syndic = world.syndic()
    given = {
        "ISSUER": syndic.issuer,
        "CLIENT_ID": syndic.client_id,
        "CLIENT_SECRET": syndic.client_secret,
        "IDENTIFIER": f" {syndic.accounts[0].identifier} ",
        "AUTH_TIME": str(int(clock.now().timestamp())),
        "NO_PROXY": "127.0.0.1",
    }
    ran = subprocess.run(  # noqa: S603 - our own block
        ["/bin/sh", "-eu", "-c", snippet("associate")],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["expires_in"] == 60
    page = Browser().get(f"{syndic.issuer}/associate", params={"request_uri": answer["request_uri"]})
    assert page.has("button", "Associer ce compte"), page.text[:300]
