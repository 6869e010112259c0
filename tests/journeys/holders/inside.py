"""A person in the extranet, and whether what the sign-in gave still stands."""

from tests.browser import Browser
from tests.journeys.steps import PASSWORD, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic

OFFLINE = "openid profile accounts offline_access"


class Inside:
    """A person in the extranet, with everything that a sign-in gives."""

    def __init__(self, syndic: TestSyndic, email: str) -> None:
        self.browser, self.party = Browser(), RelyingParty(syndic)
        page = sign_in(self.party.begin(self.browser, scope=OFFLINE), email, PASSWORD)
        answer = self.party.redeem(self.party.code(page)).json()
        self.access, self.refresh = str(answer["access_token"]), str(answer["refresh_token"])

    @property
    def is_in(self) -> bool:
        """Whether access token, refresh token and silent sign-in all work."""
        token = self.party.userinfo(self.access).status_code == 200
        refreshed = self.party.refresh(self.refresh)
        if refreshed.status_code == 200:
            self.refresh = str(refreshed.json()["refresh_token"])
        silent = "code=" in RelyingParty(self.party.syndic).begin(self.browser, prompt="none").url
        assert token == (refreshed.status_code == 200) == silent, (token, refreshed.text, silent)
        return token
