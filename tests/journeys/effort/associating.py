"""From the printed code to « Ce compte est associé », each the shortest way that a person finds."""

from tests.journeys.effort.person import Device, Effort, Person
from tests.journeys.effort.steps import (
    REQUIRED,
    begin_at,
    finish_by_code,
    finish_by_link,
    journey,
    known_address,
    owner,
    until_mailed,
)
from tests.journeys.steps import PASSWORD, sign_in
from tests.world import Account, World


@journey("First association by code, at the address that the syndic knows")
def by_code_known_address(world: World) -> Effort:
    """B1 to B8 with the field left empty, the code typed where it began."""
    syndic, account, email = known_address(world)
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    return finish_by_code(person, until_mailed(page, account, {}), email)


@journey("First association by link on another device, at the address that the syndic knows")
def by_link_known_address(world: World) -> Effort:
    """B1 to B8 with the field left empty, the mail opened on a phone."""
    syndic, account, email = known_address(world)
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    until_mailed(page, account, {})
    return finish_by_link(person, email)


@journey("First association by code, at an address of the owner's choice")
def by_code_another_address(world: World) -> Effort:
    """The same with another address typed."""
    syndic, account, _ = known_address(world)
    email = f"choisie@{syndic.slug}.example"
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    return finish_by_code(person, until_mailed(page, account, {"Adresse e-mail": email}), email)


@journey("First association by link on another device, at an address of the owner's choice")
def by_link_another_address(world: World) -> Effort:
    """The same with another address typed, the mail opened on a phone."""
    syndic, account, _ = known_address(world)
    email = f"choisie@{syndic.slug}.example"
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    until_mailed(page, account, {"Adresse e-mail": email})
    return finish_by_link(person, email)


@journey("First association by code, where the syndic knows no address")
def by_code_no_known_address(world: World) -> Effort:
    """Nothing can stay empty: a field more."""
    syndic = world.syndic(accounts=0, **REQUIRED)
    account = Account("20000001", "code-sans-adresse", "M. Paul Martin", None)
    syndic.accounts.append(account)
    world.import_accounts(syndic)
    email = f"premiere@{syndic.slug}.example"
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    return finish_by_code(person, until_mailed(page, account, {"Adresse e-mail": email}), email)


@journey("First association with a proposed password, by code, at the address that the syndic knows")
def proposed_password(world: World) -> Effort:
    """« Proposer un mot de passe »: a page more, a field less."""
    syndic, account, email = known_address(world)
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password).submit("Étape suivante")
    page = page.submit("Continuer").submit("Proposer un mot de passe").submit("Continuer")
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    return finish_by_code(person, page, email)


@journey("First association with a typo in the address, asked back and mended, by code")
def typo_asked_back(world: World) -> Effort:
    """« Vouliez-vous dire … ? », « Corriger »."""
    syndic, account, _ = known_address(world)
    email = f"{syndic.slug}-faute@gmail.com"
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password).submit("Étape suivante")
    page = page.submit("Continuer", **{"Adresse e-mail": email.replace("gmail", "gmial")}).submit("Corriger")
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    return finish_by_code(person, page, email)


@journey("First association with an address corrected after the mail went out, by code")
def corrected_address(world: World) -> Effort:
    """« Corriger l'adresse » on the waiting page; the mail to the wrong address reaches somebody else."""
    syndic, account, _ = known_address(world)
    wrong, email = f"faux@{syndic.slug}.example", f"juste@{syndic.slug}.example"
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    page = until_mailed(page, account, {"Adresse e-mail": wrong})
    person.lets_mails_arrive()
    page = page.follow("Corriger l'adresse")
    page = page.submit("Continuer", **{"Adresse e-mail": email})
    return finish_by_code(person, page, email)


@journey("« Plus tard » at the interstitial")
def later(world: World) -> Effort:
    """The policy `required` before its deadline: in at once."""
    syndic, account, _ = known_address(world)
    person = Person(world)
    party, page = begin_at(syndic, person.device())
    party.complete(sign_in(page, account.identifier, account.password).follow("Plus tard"))
    return person.ends()


@journey("Associating from the extranet's menu, where the policy is optional, by code")
def optional_from_the_menu(world: World) -> Effort:
    """« Associer mon compte », signed in: the extranet asks for the identity, its printed code is asked for again."""
    syndic = world.syndic(association_policy="optional")
    account = syndic.accounts[0]
    assert account.email is not None, "the syndic knows an address of its first account"
    person = Person(world, account.email)
    _, page = begin_at(syndic, person.device(), acr_values="password", prompt="login")
    return finish_by_code(person, until_mailed(page, account, {}), account.email)


@journey("A second account at the same syndic, by code")
def second_account(world: World) -> Effort:
    """The same address and password (C1)."""
    syndic, email = owner(world, **REQUIRED)
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    return finish_by_code(person, until_mailed(page, syndic.accounts[1], {"Adresse e-mail": email}), email)


@journey("« Je n'ai pas choisi d'adresse »")
def disputed(world: World) -> Effort:
    """B12: telling the agency."""
    syndic, email = owner(world, legacy_disable="after_confirmation")
    account = syndic.accounts[0]
    person = Person(world, email)
    _, page = begin_at(syndic, person.device())
    page = sign_in(page, account.identifier, account.password).follow("Je n'ai pas choisi d'adresse")
    assert "C'est noté." in page.submit("Prévenir mon agence").text, "the syndic is told"
    return person.ends()


@journey("« Ce n'est pas moi », from a mail about somebody else's account")
def not_me(world: World) -> Effort:
    """B8: who got the mail and signs in to see, ends the attempt."""
    syndic, account, email = known_address(world)
    _, page = begin_at(syndic, Device(Effort()))
    until_mailed(page, account, {})
    person = Person(world, email)
    page = person.opens_link(email, person.device())
    page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    page.submit("Ce n'est pas moi")
    return person.ends()
