"""The clock goes an hour back: what was used, ended or counted stays so, and what was given is still good."""

import httpx2

from tests.broker.oidc.families import GRACE_S
from tests.browser import Browser
from tests.faults.deployment import Deployment
from tests.faults.owner import WRONG, Owner
from tests.faults.trial import trial
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty

HOUR_S = 3600
OUR_TOKENS_ARE_OLD = "503 login"
"""The extranet's clock is right: it takes no token of ours that has expired, and its owners are told to come again."""


def test_an_hour_back_brings_nothing_to_life_again_and_breaks_nothing(deployment: Deployment) -> None:
    with trial(deployment, "the clock one hour back") as load:
        keeper = load.crowd.residents[0]
        with httpx2.Client(timeout=30) as http:
            kept, copied = Tokens(keeper, http), Tokens(keeper, http)
            locked = _locked(keeper, http)
            deployment.move_clock(GRACE_S + 1)
            deployment.move_clock(-HOUR_S)
            deployment.struck.append("the clock one hour back")
            kept.are_still_good()
            kept.used_ones_stay_used()
            copied.is_refused()
            assert locked in _locked(keeper, http), "a lock stays"
            load.lasts()
            failures = set(load.history.outages.failures) - {OUR_TOKENS_ARE_OLD}
            deployment.move_clock(HOUR_S)
    assert not failures, f"nobody meets an error: {failures}"


class Tokens:
    """What one sign-in gave before the clock moved, used as far as an extranet does."""

    def __init__(self, owner: Owner, http: httpx2.Client) -> None:
        self.party = RelyingParty(owner.syndic, http=http)
        browser = Browser("127.98.1.1")
        page = sign_in(self.party.begin(browser, scope="openid offline_access"), owner.email, owner.password)
        browser.close()
        self.code = self.party.code(page)
        first = self.party.redeem(self.code).json()
        self.used = first["refresh_token"]
        self.access = self.party.refresh(self.used).json()

    def are_still_good(self) -> None:
        """An extranet that was let in notices nothing."""
        assert self.party.userinfo(self.access["access_token"]).status_code == 200, "an access token stays good"
        assert self.party.introspect(self.access["access_token"])["active"], "and introspection says so"
        again = self.party.refresh(self.access["refresh_token"])
        assert again.status_code == 200, f"a refresh token stays good: {again.text}"
        told = self.party.userinfo(again.json()["access_token"])
        assert told.status_code == 200, f"what was given after the jump is good at once: {told.text}"
        self.newest = again.json()["refresh_token"]

    def is_refused(self) -> None:
        """A copy of a token that was past its grace before the clock moved is past it now."""
        assert self.party.refresh(self.used).status_code == 400, "the grace of a used token grows by no hour"

    def used_ones_stay_used(self) -> None:
        """Neither code nor refresh token serves twice; and a copy of a used one ends the family."""
        assert self.party.redeem(self.code).status_code == 400, "a used code stays used"
        assert self.party.refresh(self.used).status_code == 400, "a used refresh token stays used"
        assert self.party.refresh(self.newest).status_code == 400, "a copy ends its family"


def _locked(owner: Owner, http: httpx2.Client) -> str:
    """What a name that is locked by wrong passwords is told; the right one is not asked any more."""
    party, browser = RelyingParty(owner.syndic, http=http), Browser("127.97.1.1")
    page = party.begin(browser)
    for _ in range(6):
        page = sign_in(page, f"personne@{owner.syndic.slug}.example", WRONG)
    browser.close()
    assert "verrouillé" in page.alert, page.alert
    return page.alert
