"""The operators' commands of second codes, as operators run them (C8)."""

import json
import os
import subprocess
import sys

from tests.browser import Browser
from tests.journeys.steps import legacy_sign_in
from tests.world import Account, World


def _run(world: World, *arguments: str, fails: bool = False) -> str:
    """Run a command on the test's own database; returns what it printed."""
    url = str(world.application.config["SQLALCHEMY_DATABASE_URI"])
    environment = {
        **os.environ,
        "TROUSSEAU_DATABASE_URL": url,
        "TROUSSEAU_MIGRATION_DATABASE_URL": url,
        "TROUSSEAU_REDIS_URL": os.environ["TROUSSEAU_TEST_REDIS"],
    }
    program = [sys.executable, "-c", "from broker.cli import main; main()", "legacy", *arguments]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert (done.returncode != 0) is fails, f"{arguments} exited {done.returncode}: {done.stderr[-800:]}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr if fails else done.stdout


def test_a_code_is_shown_once_listed_without_itself_and_revoked_with_what_it_opened(world: World) -> None:
    syndic = world.syndic()
    identifier = syndic.accounts[0].identifier
    made = json.loads(_run(world, "second-code", syndic.slug, identifier, "--for", "M. Paul Martin", "--days", "30"))
    assert made["identifier"] == identifier
    assert made["note"] is None, "an imported source is we ourselves"
    party, page = legacy_sign_in(Browser(), syndic, Account(identifier, made["code"], "", None))
    tokens = party.complete(page)
    listed = _run(world, "second-codes", syndic.slug, identifier)
    assert made["code"] not in listed
    assert [(each["id"], each["for"], each["state"]) for each in json.loads(listed)] == [
        (made["id"], "M. Paul Martin", "active")
    ]
    assert json.loads(_run(world, "revoke-second-code", syndic.slug, made["id"]))["state"] == "revoked"
    assert party.userinfo(tokens.access_token).status_code == 401, "another process revoked it, and it ends here"
    world.ledger_is_whole()


def test_what_cannot_be_done_is_one_clear_line(world: World) -> None:
    syndic = world.syndic()
    assert "no account 999" in _run(world, "second-code", syndic.slug, "999", fails=True)
    for _ in range(5):
        _run(world, "second-code", syndic.slug, syndic.accounts[0].identifier)
    assert "revoke one first" in _run(world, "second-code", syndic.slug, syndic.accounts[0].identifier, fails=True)
    assert "no such second code" in _run(world, "revoke-second-code", syndic.slug, "x" * 43, fails=True)
