"""What operators see and do about mails, by the commands that they run."""

import json
import os
from typing import Any

import pytest

from config.database import transaction
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.mail import suppression
from tests.broker.terminal import Operator
from tests.journeys.association.beginnings import waiting
from tests.world import World


@pytest.fixture
def operator(postgres: EmbeddedPostgres, database: str) -> Operator:
    """Somebody at a terminal, on the database of this test."""
    return Operator({**os.environ, "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database)})


def _listed(operator: Operator, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(operator.run("mail", "list", *options))
    return found


def test_mails_are_listed_by_state_and_address_with_replies_and_without_texts_or_addresses(
    world: World, operator: Operator
) -> None:
    begun = waiting(world, "liste")
    with world.smtp_down():
        world.later(minutes=2)
        begun.browser.get(begun.page.url).submit("Renvoyer le mail")
        world.work()
    newest, first = _listed(operator, "--to", begun.email.upper())
    assert (newest["state"], first["state"]) == ("deferred", "accepted"), "newest first"
    assert "no answer" in newest["reply"]
    assert first["kind"] == "association_confirm"
    assert first["to"].startswith("l•••@"), "masked: whoever asks by address knows it"
    for secret in (begun.email, world.mailed_code(begun.email)):
        assert secret not in json.dumps([newest, first])
    assert [line["id"] for line in _listed(operator, "--state", "deferred", "--to", begun.email)] == [newest["id"]]
    assert len(_listed(operator, "--limit", "1")) == 1
    assert "no e-mail address" in operator.run("mail", "list", "--to", "nobody", fails=True)


def test_a_spared_address_is_seen_allowed_once_and_the_act_is_evidence(world: World, operator: Operator) -> None:
    email = f"libere@{world.syndic(accounts=0).slug}.example"
    assert json.loads(operator.run("mail", "suppressed", "--to", email)) == []
    with world.application.app_context(), transaction():
        suppression.suppress(email, "bounce")
    (line,) = json.loads(operator.run("mail", "suppressed", "--to", email))
    assert line["reason"] == "bounce"
    everything = operator.run("mail", "suppressed")
    assert line["name"] in everything
    assert email not in everything, "the list holds no address"
    assert "go out to it again" in operator.run("mail", "allow", email)
    assert "Nothing was changed" in operator.run("mail", "allow", email)
    assert json.loads(operator.run("mail", "suppressed", "--to", email)) == []
    world.ledger_is_whole()
