"""`trousseau trust`: a platform's administrator needs no SQL, and every decision is explained."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from broker.cli import cli
from tests.broker.terminal import ADD, Operator

AGENCIES = ("port", "lac", "gare")


@pytest.fixture(scope="module")
def agencies(operator: Operator) -> Operator:
    """The operator, with three agencies, of which one has given an address."""
    operator.run(*ADD, "--slug", "port", "--contact-email", "contact@port.example")
    for slug in AGENCIES[1:]:
        operator.run(*ADD, "--slug", slug)
    return operator


def trust(operator: Operator, *words: str) -> Any:
    """What a command of the registry told, parsed."""
    return json.loads(operator.run("trust", *words))


def allowed(operator: Operator, one: str, other: str, *more: str) -> set[str]:
    """The purposes for which OTHER opens itself to ONE, as `explain` tells."""
    told = trust(operator, "explain", one, other, *more)["decisions"]
    return {each["purpose"] for each in told if each["allowed"] and (each["from"], each["to"]) == (one, other)}


def test_an_agreement_from_its_proposal_to_its_end(agencies: Operator) -> None:
    offer = ("--forward", "link", "--forward", "switch", "--backward", "link", "--document", "CONV-1")
    made = trust(agencies, "propose", "port", "lac", *offer)["id"]
    assert allowed(agencies, "port", "lac") == set(), "one side alone grants nothing"
    assert "only" in agencies.run("trust", "accept", made, "--by", "port", fails=True)
    trust(agencies, "accept", made, "--by", "lac")
    assert allowed(agencies, "port", "lac") == {"link", "switch"}
    assert allowed(agencies, "lac", "port") == {"link"}, "each direction as it was agreed"
    listed = trust(agencies, "list", "--syndic", "lac")["agreements"]
    assert [(each["id"], each["state"]) for each in listed] == [(made, "standing")]
    assert trust(agencies, "list", "--syndic", "gare")["agreements"] == [], "a third has none"
    trust(agencies, "suspend", made, "--by", "platform")
    assert allowed(agencies, "port", "lac") == set()
    assert made in agencies.run("trust", "suspend", made, "--by", "lac", fails=True)
    trust(agencies, "end", made, "--by", "lac")
    assert trust(agencies, "list", "--syndic", "lac")["agreements"] == [], "what has ended is not in the way"
    (over,) = trust(agencies, "list", "--syndic", "lac", "--all")["agreements"]
    assert over["state"] == "ended"
    (ground,) = trust(agencies, "explain", "port", "lac")["grounds"]
    assert (ground["kind"], ground["reference"], ground["state"]) == ("agreement", "CONV-1", "suspended")
    assert set(ground["dates"]) == {"proposed", "accepted", "suspended", "begins", "ends"}, "with every date"


def test_a_circle_from_its_charter_to_an_objection_and_the_last_leaving(agencies: Operator) -> None:
    purposes = ("--purpose", "link", "--purpose", "list")
    trust(agencies, "circle", "create", "Littoral", "--charter", "CH-1", "--admission", "operator", *purposes)
    assert "port" in agencies.run("trust", "circle", "admit", "Littoral", "port", fails=True), "it has not asked"
    for slug in AGENCIES:
        trust(agencies, "circle", "join", "Littoral", slug)
    (circle,) = trust(agencies, "list")["circles"]
    assert (circle["members"], circle["asking"]) == ([], sorted(AGENCIES)), "who waits at the door"
    trust(agencies, "circle", "admit", "Littoral", "port")
    trust(agencies, "circle", "admit", "Littoral", "lac", "--until", "2999-01-01")
    trust(agencies, "circle", "admit", "Littoral", "gare", "--from", "2998-01-01")
    assert allowed(agencies, "port", "lac") == {"link", "list"}
    assert allowed(agencies, "port", "gare") == set(), "it is to begin"
    assert allowed(agencies, "port", "gare", "--at", "2998-01-01") == {"link", "list"}, "and will have begun then"
    assert allowed(agencies, "port", "lac", "--at", "2999-01-01") == set(), "as the other will have ended"
    reason = ("--against", "lac", "--reason", "Litige en cours")
    trust(agencies, "circle", "object", "Littoral", "port", *reason)
    assert allowed(agencies, "lac", "port") == set()
    told = trust(agencies, "explain", "port", "lac")
    assert {each["reason"] for each in told["decisions"]} == {"denied"}
    grounds = {each["kind"]: each for each in told["grounds"]}
    assert grounds["objection"]["reason"] == "Litige en cours"
    assert grounds["circle"]["state"] == "standing", "what is in force, and what forbids it, both are shown"
    (said,) = trust(agencies, "list", "--syndic", "port")["denials"]
    assert (said["by"], said["against"], said["circle"]) == ("port", "lac", "Littoral")
    trust(agencies, "circle", "withdraw", "Littoral", "port", "--against", "lac")
    assert allowed(agencies, "lac", "port") == {"link", "list"}
    for slug in AGENCIES:
        trust(agencies, "circle", "leave", "Littoral", slug)
    assert allowed(agencies, "lac", "port") == set()
    (circle,) = trust(agencies, "list")["circles"]
    assert circle["members"] == []
    assert "whole" in agencies.run("ledger", "verify"), "all of it is evidence"


def test_a_circle_of_each_members_consent_takes_each_consent(agencies: Operator) -> None:
    create = ("circle", "create", "Entre nous", "--charter", "C", "--admission", "each-member", "--purpose", "switch")
    trust(agencies, *create)
    trust(agencies, "circle", "admit", "Entre nous", "port", "--consent", "port")
    trust(agencies, "circle", "join", "Entre nous", "lac")
    said = agencies.run("trust", "circle", "admit", "Entre nous", "lac", fails=True)
    assert "no consent of port" in said
    trust(agencies, "circle", "admit", "Entre nous", "lac", "--consent", "port")
    assert allowed(agencies, "lac", "port") == {"switch"}


def test_a_denial_and_its_lifting(agencies: Operator) -> None:
    trust(agencies, "deny", "gare", "port")
    (ground,) = [each for each in trust(agencies, "explain", "port", "gare")["grounds"] if each["kind"] == "denial"]
    assert (ground["reference"], ground["state"]) == ("gare", "standing"), "it says whose it is"
    assert agencies.run("trust", "lift", "port", "gare", fails=True), "the other side cannot lift it"
    trust(agencies, "lift", "gare", "port")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    (ground,) = [
        each
        for each in trust(agencies, "explain", "port", "gare", "--at", yesterday)["grounds"]
        if each["kind"] == "denial"
    ]
    assert ground["state"] == "not_yet", "as it stood then"


def test_nobody_is_untold_where_nobody_was_written_to(agencies: Operator) -> None:
    assert trust(agencies, "untold") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "port", "nobody"), "nobody"),
        (("accept", "not-an-id", "--by", "port"), "not-an-id"),
        (("accept", "0198c0de-0000-7000-8000-000000000001", "--by", "port"), "0198c0de"),
        (("end", "0198c0de-0000-7000-8000-000000000001", "--by", "nobody"), "nobody"),
        (("propose", "port", "port", "--forward", "list", "--document", "D"), "Error"),
        (("propose", "port", "lac", "--forward", "link", "--document", "D"), "both directions"),
        (("propose", "port", "lac", "--forward", "spy", "--document", "D"), "spy"),
        (("propose", "port", "lac", "--forward", "list", "--document", "D", "--from", "tomorrow"), "tomorrow"),
        (("circle", "join", "Nulle part", "port"), "Nulle part"),
        (("list", "--syndic", "nobody"), "nobody"),
    ],
)
def test_a_mistake_is_one_clear_line(agencies: Operator, words: tuple[str, ...], said: str) -> None:
    error = agencies.run("trust", *words, fails=True)
    assert said in error
    assert len([line for line in error.splitlines() if line.startswith("Error")]) == 1, error


@pytest.mark.parametrize("words", [(), ("circle",)])
def test_every_command_shows_an_example_in_its_help(words: tuple[str, ...]) -> None:
    def helped(*command: str) -> str:
        return CliRunner().invoke(cli, ["trust", *words, *command, "--help"]).output

    shown = helped()
    commands = re.findall(r"^  ([a-z]+) ", shown.partition("Commands:")[2], re.MULTILINE)
    assert commands, shown
    for command in sorted(set(commands) - {"circle"}):
        assert f"trousseau trust {' '.join((*words, command))}" in helped(command), "an example to copy"
