"""The steps of a holder who invites, and of the person who is invited."""

import re
from dataclasses import dataclass
from typing import Any

from tests.browser import Browser, Page
from tests.journeys.owner import signed_in
from tests.journeys.steps import PASSWORD, associate
from tests.world import Account, TestSyndic, World

INVITE = "Inviter un co-titulaire"
HOLDERS = "Titulaires du compte"
CODE = "Code donné par la personne qui vous invite"
QUESTION = "Voulez-vous associer ce compte ?"
DONE = "Ce compte est associé"
GONE = "Ce lien n'est plus valable."
FRESH = "nuage-girafe-bouton-soleil"
EIGHT = re.compile(r"\b(\d{4}) (\d{4})\b")


@dataclass
class Holder:
    """A person with an account, signed in at the portal."""

    world: World
    syndic: TestSyndic
    account: Account
    email: str
    browser: Browser

    def accounts(self) -> Page:
        """« Gérer mes comptes »."""
        return self.browser.get(f"{self.world.base}/account/accounts/manage")

    def come_back(self) -> None:
        """Sign in again, after a while."""
        signed_in(self.world, self.email, browser=self.browser)

    def holders(self) -> Page:
        """The page of the account's holders."""
        return self.accounts().follow(HOLDERS)


@dataclass
class Invitation:
    """What an inviter has made: the page that shows the code, the code, and to whom the mail went."""

    page: Page
    code: str
    address: str

    @property
    def wrong(self) -> str:
        """Eight digits that are not the code."""
        return f"{(int(self.code) + 1) % 10**8:08d}"


def holder(world: World, name: str, syndic: TestSyndic | None = None, number: int = 0, **policy: Any) -> Holder:
    """Somebody who has associated an account with its own code."""
    syndic = syndic or world.syndic(**policy)
    account, email = syndic.accounts[number], f"{name}@{syndic.slug}.example"
    associate(world, syndic, account, email)
    return Holder(world, syndic, account, email, signed_in(world, email)[0])


def again(page: Page, password: str = PASSWORD) -> Page:
    """Type the password once more, where the page asks for it."""
    if page.heading == "Saisissez votre mot de passe":
        return page.submit("Continuer", **{"Mot de passe": password})
    return page


def asked(inviter: Holder, address: str, name: str = "Paul") -> Page:
    """« Inviter un co-titulaire », filled in and sent: the page that comes."""
    page = again(inviter.accounts().follow(INVITE))
    return page.submit("Envoyer l'invitation", **{"Nom de la personne": name, "Adresse e-mail": address})


def invite(inviter: Holder, name: str = "paul") -> Invitation:
    """Invite a person of that name at the inviter's syndic; the mail is there."""
    address = f"{name}@{inviter.syndic.slug}.example"
    page = asked(inviter, address, name.title())
    found = EIGHT.search(page.text)
    assert found, f"the code stands on the inviter's page: {page.text[:500]}"
    inviter.world.work()
    return Invitation(page, "".join(found.groups()), address)


def opened(world: World, invitation: Invitation, browser: Browser | None = None) -> Page:
    """The mail's link."""
    return (browser or Browser()).get(world.mailed_link(invitation.address))


def show_code(page: Page, address: str, code: str) -> Page:
    """Type address and spoken code."""
    return page.submit("Continuer", **{"Adresse e-mail": address, CODE: code})


def accept_terms(page: Page) -> Page:
    """« Conditions Générales d'Utilisation »."""
    assert page.heading == "Conditions Générales d'Utilisation", page.text[:500]
    return page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})


def until_question(
    world: World, invitation: Invitation, password: str = PASSWORD, browser: Browser | None = None
) -> Page:
    """From the mail's link to « Voulez-vous associer ce compte ? » (or the second factor)."""
    page = show_code(opened(world, invitation, browser), invitation.address, invitation.code)
    return accept_terms(page.submit("Continuer", **{"Mot de passe": password}))


def accept(world: World, invitation: Invitation, password: str = PASSWORD) -> Page:
    """All of it."""
    page = until_question(world, invitation, password).submit("Confirmer")
    assert page.heading == DONE, page.text[:500]
    world.work()
    return page


def guest_of(inviter: Holder, name: str = "paul") -> str:
    """Invite somebody who accepts. Returns their address."""
    invitation = invite(inviter, name)
    accept(inviter.world, invitation)
    return invitation.address


def withdraw(inviter: Holder) -> Page:
    """« Annuler l'invitation », of the newest."""
    return again(inviter.holders().follow("Voir le code ou annuler")).submit("Annuler l'invitation")


def remove(inviter: Holder) -> Page:
    """« Retirer » the first guest."""
    return again(inviter.holders().follow("Retirer")).submit("Retirer")
