"""The backup and restore drill of docs/operate.md: the data come back, and nothing that was over comes alive again."""

import re
import shlex
from pathlib import Path

import pytest

from config.production import faults
from tests.browser import Page
from tests.deployment import load, page
from tests.deployment.files import ROOT
from tests.deployment.house import House, SignedIn
from tests.journeys import steps
from tests.workers.test_celery import eventually
from tests.world import LINK

pytestmark = pytest.mark.nginx
NEW_PASSWORD = "tulipe-camion-horloge-girafe"
SERVICES = ("postgres", "valkey", "migrate", "web1", "web2", "worker", "beat", "nginx")


def test_every_block_speaks_of_services_and_commands_that_there_are(house: House) -> None:
    assert {"secrets", "upgrade", "backup", "restore"} == page.blocks().keys()
    for text in page.blocks().values():
        for line in re.findall(r"docker compose .*", text):
            words = [word for word in shlex.split(line.split(" > ")[0].split(" < ")[0])[2:] if not word.startswith("-")]
            assert words[0] in {"build", "run", "up", "exec", "stop"}, line
            named = words[1:] if words[0] in ("up", "stop") else words[1:2]
            assert set(named) <= set(house.engine.services), f"{line} names services of the compose file"


def test_the_page_makes_secrets_that_are_strong_and_differ(tmp_path: Path, house: House) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/env.example").write_text((ROOT / "deploy/env.example").read_text("utf-8"), "utf-8")
    page.run("secrets", house.engine, tmp_path)
    made = dict(re.findall(r"^([A-Z_]+)=(.+)$", (tmp_path / ".env").read_text("utf-8"), re.MULTILINE))
    assert len(set(made.values())) == len(made) == 5
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0, "nobody else may read them"
    app, owner = (f"postgresql+psycopg://r:{made[name]}@db/d" for name in ("APP_PASSWORD", "OWNER_PASSWORD"))
    given = {**made, "TROUSSEAU_DATABASE_URL": app, "TROUSSEAU_MIGRATION_DATABASE_URL": owner.replace("r:", "s:")}
    named = {fault.split()[0] for fault in faults(given) if "missing" not in fault}
    assert not named, f"what the page makes is not refused: {named}"


def test_after_a_restore_people_sign_in_and_nothing_that_was_over_is_alive(house: House, tmp_path: Path) -> None:
    email, other = house.associate(), house.associate()
    left, stays = house.sign_in(email), house.sign_in(other)
    reset = _reset_link(house, email)
    with load.running(house.legacy_sign_in, house.legacy_sign_in) as people:
        people.await_more(2)
        said = page.run("backup", house.engine, tmp_path)
        people.await_more(2)
    backup = tmp_path / said.split()[-1]
    assert left.refresh().status_code == 200, "the token of the backup is used"
    redeemed = _leave(left)
    _set_password(house, reset, email)
    late = house.associate()
    for name in reversed(SERVICES):
        if name == "postgres":
            house.engine.destroy(name)
        else:
            house.engine.stop(name)
    page.run("restore", house.engine, tmp_path, BACKUP=str(backup))
    _nothing_is_alive(house, left, stays, redeemed, reset)
    with load.running(house.legacy_sign_in) as people:
        people.await_more(1)
        again = house.sign_in(email)
        house.sign_in(other)
        assert again.refresh().status_code == 200
    gone = steps.sign_in(house.party().begin(house.visitor()), late, steps.PASSWORD)
    assert gone.has("button", "Connexion"), "what was made after the backup is lost, and nobody is let in by it"
    assert "whole" in house.trousseau("ledger", "verify")
    house.associate()


def _reset_link(house: House, email: str) -> str:
    visitor = house.visitor()
    asked = house.party().begin(visitor).follow("Mot de passe oublié ?")
    asked.submit("Envoyer le lien", **{"Adresse e-mail": email})
    found: list[str] = []

    def has_come() -> bool:
        links = (LINK.search(mail.text) for mail in house.inbox.wait_for(to=email, timeout=60))
        found[:] = [link[0] for link in links if link and "/reset/" in link[0]]
        return bool(found)

    eventually("the mail with the link of the reset comes", has_come)
    return found[0]


def _set_password(house: House, link: str, email: str) -> None:
    page_ = house.visitor().get(link)
    page_.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": NEW_PASSWORD})


def _leave(signed_in: SignedIn) -> dict[str, str]:
    """Sign out. Returns the tokens that are over."""
    over = dict(signed_in.tokens)
    assert signed_in.party.revoke(over["refresh_token"]).status_code == 200
    return over


def _nothing_is_alive(house: House, left: SignedIn, stays: SignedIn, redeemed: dict[str, str], reset: str) -> None:
    assert left.party.refresh(redeemed["refresh_token"]).status_code == 400, "a revoked refresh token stays dead"
    for signed_in in (left, stays):
        assert signed_in.refresh().status_code == 400, "a token of before is worth nothing"
        asked: Page = signed_in.party.begin(signed_in.visitor)
        assert asked.has("button", "Connexion"), "a session of before is over"
    assert not house.visitor().get(reset).soup.find("input", type="password"), "a link that was used stays dead"
