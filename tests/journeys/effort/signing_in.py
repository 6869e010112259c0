"""Signing in, and what is done at home, each the shortest way that a person finds."""

from tests.browser import Browser, Page
from tests.journeys import factors
from tests.journeys.effort.person import Device, Effort, Person
from tests.journeys.effort.steps import FRESH, begin_at, journey, owner
from tests.journeys.publishing import accept, publish
from tests.journeys.steps import PASSWORD, sign_in
from tests.world import TestSyndic, World


@journey("Signing in with e-mail and password")
def returning(world: World) -> Effort:
    """Every day after the association."""
    syndic, email = owner(world)
    person = Person(world, email)
    party, page = begin_at(syndic, person.device())
    party.complete(sign_in(page, email, PASSWORD))
    return person.ends()


@journey("Signing in at another extranet of the same syndic, in the same browser")
def signed_in_already(world: World) -> Effort:
    """A session that lives: nothing is asked."""
    syndic, email = owner(world)
    person = Person(world, email)
    device = person.device()
    party, page = begin_at(syndic, device)
    party.complete(sign_in(page, email, PASSWORD))
    before = person.ends()
    began = Effort(**vars(before))
    party, page = begin_at(world.client(syndic), device)
    party.complete(page)
    after = person.ends()
    return Effort(*(getattr(after, name) - getattr(began, name) for name in vars(after)))


@journey("Signing in with a mistyped password, then the right one")
def one_slip(world: World) -> Effort:
    """A4: the name stays filled."""
    syndic, email = owner(world)
    person = Person(world, email)
    party, page = begin_at(syndic, person.device())
    page = sign_in(page, email, "not-the-right-one")
    party.complete(page.submit("Connexion", **{"Mot de passe": PASSWORD}))
    return person.ends()


@journey("Forgotten password, and in")
def forgotten(world: World) -> Effort:
    """« Mot de passe oublié ? », the mail, a new password, and the login page of the extranet again."""
    syndic, email = owner(world)
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    return reset_and_in(person, syndic, page, email)


@journey("A locked account, unlocked by a reset, and in")
def locked(world: World) -> Effort:
    """A5: five failures, then « Mot de passe oublié ? »."""
    syndic, email = owner(world)
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    page = sign_in(page, email, "wrong-password-1")
    for number in range(2, 6):
        page = page.submit("Connexion", **{"Mot de passe": f"wrong-password-{number}"})
    assert "verrouillé" in page.alert, page.text[:500]
    return reset_and_in(person, syndic, page, email)


@journey("A retired identifier: told so, and in with the e-mail")
def retired(world: World) -> Effort:
    """B12: the printed code no longer opens anything."""
    syndic, email = owner(world, legacy_disable="after_confirmation")
    account = syndic.accounts[0]
    person = Person(world, email)
    party, page = begin_at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password)
    assert "Cet identifiant ne peut plus être utilisé." in page.alert, page.text[:500]
    party.complete(sign_in(page, email, PASSWORD))
    return person.ends()


def at_home(world: World, email: str, *addresses: str) -> tuple[Person, Page]:
    """Signed in at the portal, on « Mon compte »: what led there is not counted."""
    device = Device(Effort())
    sign_in(device.get(f"{world.base}/login"), email, PASSWORD)
    person = Person(world, *addresses)
    device.effort = person.effort
    return person, device.get(f"{world.base}/account/")


def once_more(page: Page) -> Page:
    assert page.heading == "Saisissez votre mot de passe", page.text[:500]
    return page.submit("Continuer", **{"Mot de passe": PASSWORD})


@journey("Changing the address, from « Mon compte »")
def another_address(world: World) -> Effort:
    """The password once more, the new address, the code that it was sent."""
    syndic, email = owner(world)
    new = f"nouvelle@{syndic.slug}.example"
    person, page = at_home(world, email, email, new)
    page = once_more(page.follow("Changer d'adresse e-mail")).submit("Continuer", **{"Nouvelle adresse e-mail": new})
    page = page.submit("Valider", **{"Code reçu par e-mail": person.reads_code(new)})
    assert page.heading == "Votre adresse e-mail a changé", page.text[:500]
    return person.ends()


@journey("Adding an authenticator app, from « Mon compte »")
def adding_an_app(world: World) -> Effort:
    """To the ten recovery codes, the password once more on the way."""
    _, email = owner(world)
    person, page = at_home(world, email, email)
    page = once_more(page.follow("Sécurité").follow(factors.APP))
    page = page.submit("Continuer")
    key = page.soup.select_one(".key code")
    assert key is not None, page.text[:500]
    page = factors.show_app(page, factors.App(key.get_text().replace(" ", "")).code)
    page.follow("J'ai gardé mes codes")
    return person.ends()


@journey("Signing in with e-mail, password and an authenticator app")
def second_factor(world: World) -> Effort:
    """A page more, a field more."""
    syndic, email = owner(world)
    browser = Browser()
    sign_in(browser.get(f"{world.base}/login"), email, PASSWORD)
    app, _ = factors.enrol_app(world, browser)
    person = Person(world, email)
    party, page = begin_at(syndic, person.device())
    party.complete(factors.show_app(sign_in(page, email, PASSWORD), app.code))
    return person.ends()


@journey("New terms at the next sign-in")
def new_terms(world: World) -> Effort:
    """B5: a new material version asks again."""
    syndic, email = owner(world)
    publish(world, syndic)
    person = Person(world, email)
    party, page = begin_at(syndic, person.device())
    party.complete(accept(sign_in(page, email, PASSWORD)))
    return person.ends()


def reset_and_in(person: Person, syndic: TestSyndic, page: Page, email: str) -> Effort:
    page.follow("Mot de passe oublié ?").submit("Envoyer le lien", **{"Adresse e-mail": email})
    device = person.device()
    page = person.opens_link(email, device)
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    party, page = begin_at(syndic, device)
    party.complete(sign_in(page, email, FRESH))
    return person.ends()
