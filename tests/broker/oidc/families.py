"""What the tests of refresh tokens share: a family, its next tokens, and its end."""

from typing import Any

import httpx2

from tests.broker.oidc.owners import Owner, owner
from tests.relying_party import RelyingParty
from tests.world import World

GRACE_S = 10


Body = dict[str, Any]


def given(answer: httpx2.Response) -> Body:
    """The tokens that were promised."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: Body = answer.json()
    return body


def is_refused(answer: httpx2.Response, why: str, error: str = "invalid_grant") -> None:
    """The refresh was promised to be refused."""
    assert (answer.status_code, answer.json()["error"]) == (400, error), f"{why}: {answer.status_code} {answer.text}"


def family(world: World) -> tuple[Owner, RelyingParty, Body]:
    """An owner, a client, and the first tokens of a family."""
    person = owner(world)
    party = person.party()
    return person, party, person.tokens(party)
