"""What the walks have in common, and how each gets its name."""

from collections.abc import Callable
from typing import Any

from tests.browser import Page
from tests.journeys.effort.person import Device, Effort, Person
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic, World

Walk = Callable[[World], Effort]


WALKS: dict[str, Walk] = {}


REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


ASSOCIATED = "Ce compte est associé"


FRESH = "nuage-girafe-bouton-soleil"


def journey(name: str) -> Callable[[Walk], Walk]:
    """Name a walk as the page names it."""

    def keep(walk: Walk) -> Walk:
        WALKS[name] = walk
        return walk

    return keep


def begin_at(syndic: TestSyndic, device: Device, **extra: str) -> tuple[RelyingParty, Page]:
    party = RelyingParty(syndic)
    return party, party.begin(device, **extra)


def until_mailed(page: Page, account: Account, typed: dict[str, str], password: str = PASSWORD) -> Page:
    """From the login page to « Vous êtes maintenant connecté »; `typed` is the address, or nothing."""
    page = sign_in(page, account.identifier, account.password).submit("Étape suivante")
    page = page.submit("Continuer", **typed).submit("Continuer", **{"Mot de passe": password})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    assert page.heading == "Vous êtes maintenant connecté", page.text[:500]
    return page


def finish_by_code(person: Person, page: Page, email: str) -> Effort:
    page = page.submit("Valider", **{"Code reçu par e-mail": person.reads_code(email)})
    if page.has("button", "Connexion"):
        page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    return associated(person, page)


def finish_by_link(person: Person, email: str) -> Effort:
    page = person.opens_link(email, person.device())
    return associated(person, page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD}))


def associated(person: Person, page: Page) -> Effort:
    page = page.submit("Confirmer")
    assert page.heading == ASSOCIATED, page.text[:500]
    return person.ends()


def owner(world: World, **policy: Any) -> tuple[TestSyndic, str]:
    """Somebody who has associated the syndic's first account."""
    syndic = world.syndic(**policy)
    email = f"proprietaire@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    return syndic, email


def known_address(world: World) -> tuple[TestSyndic, Account, str]:
    syndic = world.syndic(**REQUIRED)
    account = syndic.accounts[0]
    assert account.email is not None, "the syndic knows an address of its first account"
    return syndic, account, account.email
