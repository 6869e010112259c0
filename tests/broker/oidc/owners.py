"""An owner who has signed in with e-mail and password, and what an extranet with offline access holds of one."""

import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws

from tests.browser import Browser
from tests.client_key import ClientKey
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

OFFLINE = "openid profile email accounts offline_access"


@dataclass
class Owner:
    """A person with a living session in this browser."""

    world: World
    syndic: TestSyndic
    email: str
    browser: Browser

    def party(self, client: TestSyndic | None = None, key: ClientKey | None = None) -> RelyingParty:
        """One more sign-in at a client of this syndic."""
        return RelyingParty(client or self.syndic, key)

    def code(self, party: RelyingParty, **extra: str) -> str:
        """A code of a silent sign-in."""
        return party.code(party.begin(self.browser, **extra))

    def tokens(self, party: RelyingParty, **extra: str) -> dict[str, Any]:
        """The token answer of a silent sign-in with offline access."""
        answer = party.redeem(self.code(party, **{"scope": OFFLINE, **extra}))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


def owner(world: World, syndic: TestSyndic | None = None) -> Owner:
    """Associate the first account of a syndic, and sign in with e-mail and password."""
    at = syndic or world.syndic()
    email = f"proprietaire@{at.slug}.example"
    associate(world, at, at.accounts[0], email)
    browser, party = Browser(), RelyingParty(at)
    party.complete(sign_in(party.begin(browser), email, PASSWORD))
    return Owner(world, at, email, browser)


_kept: dict[str, Owner] = {}


def shared(world: World, among: str) -> Owner:
    """One owner for all tests of a module (`among` is its name): for tests that change nothing of hers."""
    person = _kept.get(among) or owner(world)
    person.world = world
    return _kept.setdefault(among, person)


def said(token: str) -> dict[str, Any]:
    """The claims of a token, unchecked."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims
