"""The journeys, each walked the shortest way that a person finds. A new one is a function under `@journey`."""

from collections.abc import Callable
from typing import Any

from tests.browser import Browser, Page
from tests.journeys import factors
from tests.journeys.effort.person import Device, Effort, Person
from tests.journeys.publishing import accept, publish
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


def _at(syndic: TestSyndic, device: Device, **extra: str) -> tuple[RelyingParty, Page]:
    party = RelyingParty(syndic)
    return party, party.begin(device, **extra)


def _until_mailed(page: Page, account: Account, typed: dict[str, str], password: str = PASSWORD) -> Page:
    """From the login page to « Vous êtes maintenant connecté »; `typed` is the address, or nothing."""
    page = sign_in(page, account.identifier, account.password).submit("Étape suivante")
    page = page.submit("Continuer", **typed).submit("Continuer", **{"Mot de passe": password})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    assert page.heading == "Vous êtes maintenant connecté", page.text[:500]
    return page


def _by_code(person: Person, page: Page, email: str) -> Effort:
    page = page.submit("Valider", **{"Code reçu par e-mail": person.reads_code(email)})
    if page.has("button", "Connexion"):
        page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    return _associated(person, page)


def _by_link(person: Person, email: str) -> Effort:
    page = person.opens_link(email, person.device())
    return _associated(person, page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD}))


def _associated(person: Person, page: Page) -> Effort:
    page = page.submit("Confirmer")
    assert page.heading == ASSOCIATED, page.text[:500]
    return person.ends()


def _owner(world: World, **policy: Any) -> tuple[TestSyndic, str]:
    """Somebody who has associated the syndic's first account."""
    syndic = world.syndic(**policy)
    email = f"proprietaire@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    return syndic, email


def _known_address(world: World) -> tuple[TestSyndic, Account, str]:
    syndic = world.syndic(**REQUIRED)
    account = syndic.accounts[0]
    assert account.email is not None, "the syndic knows an address of its first account"
    return syndic, account, account.email


@journey("First association by code, at the address that the syndic knows")
def by_code_known_address(world: World) -> Effort:
    """B1 to B8 with the field left empty, the code typed where it began."""
    syndic, account, email = _known_address(world)
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    return _by_code(person, _until_mailed(page, account, {}), email)


@journey("First association by link on another device, at the address that the syndic knows")
def by_link_known_address(world: World) -> Effort:
    """B1 to B8 with the field left empty, the mail opened on a phone."""
    syndic, account, email = _known_address(world)
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    _until_mailed(page, account, {})
    return _by_link(person, email)


@journey("First association by code, at an address of the owner's choice")
def by_code_another_address(world: World) -> Effort:
    """The same with another address typed."""
    syndic, account, _ = _known_address(world)
    email = f"choisie@{syndic.slug}.example"
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    return _by_code(person, _until_mailed(page, account, {"Adresse e-mail": email}), email)


@journey("First association by link on another device, at an address of the owner's choice")
def by_link_another_address(world: World) -> Effort:
    """The same with another address typed, the mail opened on a phone."""
    syndic, account, _ = _known_address(world)
    email = f"choisie@{syndic.slug}.example"
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    _until_mailed(page, account, {"Adresse e-mail": email})
    return _by_link(person, email)


@journey("First association by code, where the syndic knows no address")
def by_code_no_known_address(world: World) -> Effort:
    """Nothing can stay empty: a field more."""
    syndic = world.syndic(accounts=0, **REQUIRED)
    account = Account("20000001", "code-sans-adresse", "M. Paul Martin", None)
    syndic.accounts.append(account)
    world.import_accounts(syndic)
    email = f"premiere@{syndic.slug}.example"
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    return _by_code(person, _until_mailed(page, account, {"Adresse e-mail": email}), email)


@journey("First association with a proposed password, by code, at the address that the syndic knows")
def proposed_password(world: World) -> Effort:
    """« Proposer un mot de passe »: a page more, a field less."""
    syndic, account, email = _known_address(world)
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password).submit("Étape suivante")
    page = page.submit("Continuer").submit("Proposer un mot de passe").submit("Continuer")
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    return _by_code(person, page, email)


@journey("First association with a typo in the address, asked back and mended, by code")
def typo_asked_back(world: World) -> Effort:
    """« Vouliez-vous dire … ? », « Corriger »."""
    syndic, account, _ = _known_address(world)
    email = f"{syndic.slug}-faute@gmail.com"
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password).submit("Étape suivante")
    page = page.submit("Continuer", **{"Adresse e-mail": email.replace("gmail", "gmial")}).submit("Corriger")
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    return _by_code(person, page, email)


@journey("First association with an address corrected after the mail went out, by code")
def corrected_address(world: World) -> Effort:
    """« Corriger l'adresse » on the waiting page; the mail to the wrong address reaches somebody else."""
    syndic, account, _ = _known_address(world)
    wrong, email = f"faux@{syndic.slug}.example", f"juste@{syndic.slug}.example"
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    page = _until_mailed(page, account, {"Adresse e-mail": wrong})
    person.lets_mails_arrive()
    page = page.follow("Corriger l'adresse")
    page = page.submit("Continuer", **{"Adresse e-mail": email})
    return _by_code(person, page, email)


@journey("« Plus tard » at the interstitial")
def later(world: World) -> Effort:
    """The policy `required` before its deadline: in at once."""
    syndic, account, _ = _known_address(world)
    person = Person(world)
    party, page = _at(syndic, person.device())
    party.complete(sign_in(page, account.identifier, account.password).follow("Plus tard"))
    return person.ends()


@journey("Associating from the extranet's menu, where the policy is optional, by code")
def optional_from_the_menu(world: World) -> Effort:
    """« Associer mon compte », signed in: the extranet asks for the identity, its printed code is asked for again."""
    syndic = world.syndic(association_policy="optional")
    account = syndic.accounts[0]
    assert account.email is not None, "the syndic knows an address of its first account"
    person = Person(world, account.email)
    _, page = _at(syndic, person.device(), acr_values="password", prompt="login")
    return _by_code(person, _until_mailed(page, account, {}), account.email)


@journey("A second account at the same syndic, by code")
def second_account(world: World) -> Effort:
    """The same address and password (C1)."""
    syndic, email = _owner(world, **REQUIRED)
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    return _by_code(person, _until_mailed(page, syndic.accounts[1], {"Adresse e-mail": email}), email)


@journey("Signing in with e-mail and password")
def returning(world: World) -> Effort:
    """Every day after the association."""
    syndic, email = _owner(world)
    person = Person(world, email)
    party, page = _at(syndic, person.device())
    party.complete(sign_in(page, email, PASSWORD))
    return person.ends()


@journey("Signing in at another extranet of the same syndic, in the same browser")
def signed_in_already(world: World) -> Effort:
    """A session that lives: nothing is asked."""
    syndic, email = _owner(world)
    person = Person(world, email)
    device = person.device()
    party, page = _at(syndic, device)
    party.complete(sign_in(page, email, PASSWORD))
    before = person.ends()
    began = Effort(**vars(before))
    party, page = _at(world.client(syndic), device)
    party.complete(page)
    after = person.ends()
    return Effort(*(getattr(after, name) - getattr(began, name) for name in vars(after)))


@journey("Signing in with a mistyped password, then the right one")
def one_slip(world: World) -> Effort:
    """A4: the name stays filled."""
    syndic, email = _owner(world)
    person = Person(world, email)
    party, page = _at(syndic, person.device())
    page = sign_in(page, email, "not-the-right-one")
    party.complete(page.submit("Connexion", **{"Mot de passe": PASSWORD}))
    return person.ends()


@journey("Forgotten password, and in")
def forgotten(world: World) -> Effort:
    """« Mot de passe oublié ? », the mail, a new password, and the login page of the extranet again."""
    syndic, email = _owner(world)
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    return _reset_and_in(person, syndic, page, email)


@journey("A locked account, unlocked by a reset, and in")
def locked(world: World) -> Effort:
    """A5: five failures, then « Mot de passe oublié ? »."""
    syndic, email = _owner(world)
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    page = sign_in(page, email, "wrong-password-1")
    for number in range(2, 6):
        page = page.submit("Connexion", **{"Mot de passe": f"wrong-password-{number}"})
    assert "verrouillé" in page.alert, page.text[:500]
    return _reset_and_in(person, syndic, page, email)


@journey("A retired identifier: told so, and in with the e-mail")
def retired(world: World) -> Effort:
    """B12: the printed code no longer opens anything."""
    syndic, email = _owner(world, legacy_disable="after_confirmation")
    account = syndic.accounts[0]
    person = Person(world, email)
    party, page = _at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password)
    assert "Cet identifiant ne peut plus être utilisé." in page.alert, page.text[:500]
    party.complete(sign_in(page, email, PASSWORD))
    return person.ends()


@journey("« Je n'ai pas choisi d'adresse »")
def disputed(world: World) -> Effort:
    """B12: telling the agency."""
    syndic, email = _owner(world, legacy_disable="after_confirmation")
    account = syndic.accounts[0]
    person = Person(world, email)
    _, page = _at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password).follow("Je n'ai pas choisi d'adresse")
    assert "C'est noté." in page.submit("Prévenir mon agence").text, "the syndic is told"
    return person.ends()


@journey("« Ce n'est pas moi », from a mail about somebody else's account")
def not_me(world: World) -> Effort:
    """B8: who got the mail and signs in to see, ends the attempt."""
    syndic, account, email = _known_address(world)
    _, page = _at(syndic, Device(Effort()))
    _until_mailed(page, account, {})
    person = Person(world, email)
    page = person.opens_link(email, person.device())
    page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    page.submit("Ce n'est pas moi")
    return person.ends()


def _at_home(world: World, email: str, *addresses: str) -> tuple[Person, Page]:
    """Signed in at the portal, on « Mon compte »: what led there is not counted."""
    device = Device(Effort())
    sign_in(device.get(f"{world.base}/login"), email, PASSWORD)
    person = Person(world, *addresses)
    device.effort = person.effort
    return person, device.get(f"{world.base}/account/")


def _once_more(page: Page) -> Page:
    assert page.heading == "Saisissez votre mot de passe", page.text[:500]
    return page.submit("Continuer", **{"Mot de passe": PASSWORD})


@journey("Changing the address, from « Mon compte »")
def another_address(world: World) -> Effort:
    """The password once more, the new address, the code that it was sent."""
    syndic, email = _owner(world)
    new = f"nouvelle@{syndic.slug}.example"
    person, page = _at_home(world, email, email, new)
    page = _once_more(page.follow("Changer d'adresse e-mail")).submit("Continuer", **{"Nouvelle adresse e-mail": new})
    page = page.submit("Valider", **{"Code reçu par e-mail": person.reads_code(new)})
    assert page.heading == "Votre adresse e-mail a changé", page.text[:500]
    return person.ends()


@journey("Adding an authenticator app, from « Mon compte »")
def adding_an_app(world: World) -> Effort:
    """To the ten recovery codes, the password once more on the way."""
    _, email = _owner(world)
    person, page = _at_home(world, email, email)
    page = _once_more(page.follow("Sécurité").follow(factors.APP))
    page = page.submit("Continuer")
    key = page.soup.select_one(".key code")
    assert key is not None, page.text[:500]
    page = factors.show_app(page, factors.App(key.get_text().replace(" ", "")).code)
    page.follow("J'ai gardé mes codes")
    return person.ends()


@journey("Signing in with e-mail, password and an authenticator app")
def second_factor(world: World) -> Effort:
    """A page more, a field more."""
    syndic, email = _owner(world)
    browser = Browser()
    sign_in(browser.get(f"{world.base}/login"), email, PASSWORD)
    app, _ = factors.enrol_app(world, browser)
    person = Person(world, email)
    party, page = _at(syndic, person.device())
    party.complete(factors.show_app(sign_in(page, email, PASSWORD), app.code))
    return person.ends()


@journey("New terms at the next sign-in")
def new_terms(world: World) -> Effort:
    """B5: a new material version asks again."""
    syndic, email = _owner(world)
    publish(world, syndic)
    person = Person(world, email)
    party, page = _at(syndic, person.device())
    party.complete(accept(sign_in(page, email, PASSWORD)))
    return person.ends()


def _reset_and_in(person: Person, syndic: TestSyndic, page: Page, email: str) -> Effort:
    page.follow("Mot de passe oublié ?").submit("Envoyer le lien", **{"Adresse e-mail": email})
    device = person.device()
    page = person.opens_link(email, device)
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    party, page = _at(syndic, device)
    party.complete(sign_in(page, email, FRESH))
    return person.ends()
