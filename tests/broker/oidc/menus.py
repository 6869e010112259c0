"""An owner with accounts at two partners, and the menu as the first one's extranet asks for it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from sqlalchemy import select

from broker.identities import menus
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from config.database import session, transaction
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.broker.oidc.owners import Owner, owner
from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

SCOPE = "openid accounts"
Entry = dict[str, Any]


@dataclass
class Holder:
    """She has signed in at `home`; her accounts at `partner` are in no other menu unless she shows them."""

    world: World
    owner: Owner
    partner: TestSyndic

    @property
    def home(self) -> TestSyndic:
        """Where she signed in."""
        return self.owner.syndic

    @property
    def browser(self) -> Browser:
        """Hers."""
        return self.owner.browser

    def token(self, party: RelyingParty | None = None, browser: Browser | None = None, **extra: str) -> str:
        """An access token of a silent sign-in."""
        asking = party or RelyingParty(self.home)
        asked = {"scope": SCOPE, **extra}
        answer = asking.redeem(asking.code(asking.begin(browser or self.browser, **asked)))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def menu(self, token: str | None = None, syndic: TestSyndic | None = None) -> list[Entry]:
        """What the menu lists."""
        answer = asked(syndic or self.home, token or self.token())
        assert answer.status_code == 200, answer.text
        listed: list[Entry] = answer.json()
        return listed

    def at(self, syndic: TestSyndic, listed: list[Entry] | None = None) -> list[Entry]:
        """The entries of one syndic."""
        return [each for each in (listed or self.menu()) if each["syndic"]["slug"] == syndic.slug]

    def switch(self, syndic: TestSyndic | None = None) -> str:
        """A fresh address that leads to the first account at a syndic (the partner's, unless told)."""
        return str(self.at(syndic or self.partner)[0]["switch_uri"])

    def show(self, *shown: TestSyndic) -> None:
        """What the page « Menu de mes extranets » does."""
        with self.world.application.app_context(), transaction():
            for syndic in shown:
                assert menus.show(self.person(), syndics.get(syndic.slug).id)

    def hide(self, *hidden: TestSyndic) -> None:
        """The same, the other way."""
        with self.world.application.app_context(), transaction():
            for syndic in hidden:
                assert menus.hide(self.person(), syndics.get(syndic.slug).id)

    def person(self) -> Identity:
        """Her identity, in an open transaction."""
        found = identities.by_email(self.owner.email)
        assert found is not None
        return found

    def link(self, syndic: TestSyndic) -> Link:
        """Her first link at a syndic, in an open transaction."""
        mine = select(Link).where(Link.identity_id == self.person().id).order_by(Link.created_at)
        return session().scalars(mine.where(Link.syndic_id == syndics.get(syndic.slug).id)).first()  # type: ignore[return-value]  # she has one

    def account_id(self, syndic: TestSyndic) -> str:
        """The public id of her first account at a syndic."""
        with self.world.application.app_context(), transaction():
            account = session().get(LegacyAccount, self.link(syndic).account_id)
            assert account is not None
            return account.public_id

    def named(self, syndic: TestSyndic, label: str | None) -> None:
        """She names her first account there."""
        with self.world.application.app_context(), transaction():
            self.link(syndic).label = label


def holder(
    world: World, *, shown: bool = True, purposes: tuple[str, ...] = ("link", "switch", "list"), **policy: Any
) -> Holder:
    """Somebody with an account at each of two partners."""
    home, partner = world.syndic(), world.syndic(**policy)
    world.trust(home.slug, partner.slug, purposes=purposes)
    made = Holder(world, owner(world, home), partner)
    associate(world, partner, partner.accounts[0], made.owner.email)
    if shown:
        made.show(partner)
    return made


def asked(syndic: TestSyndic, token: str) -> httpx2.Response:
    """Ask for the menu."""
    address = RelyingParty(syndic).metadata["accounts_endpoint"]
    return httpx2.get(address, headers={"Authorization": f"Bearer {token}"})


def led(page: Page | httpx2.Response) -> dict[str, str]:
    """What an extranet's own login address is told; {}: the browser was led to none."""
    target = page.headers.get("location", "") if isinstance(page, httpx2.Response) else page.url
    if not target.startswith("http://127.0.0.1:9999/login?"):
        return {}
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def signed_in(syndic: TestSyndic, email: str) -> Browser:
    """Another browser of the same person, signed in at that syndic."""
    browser, party = Browser(), RelyingParty(syndic)
    party.complete(sign_in(party.begin(browser), email, PASSWORD))
    return browser
