"""The syndic issues a second code: one more holder of the account associates, and nobody else notices (C8, B12)."""

from pathlib import Path

import httpx2
import pytest

from tests.browser import Browser
from tests.journeys.association.beginnings import known_address
from tests.journeys.extranets import running
from tests.journeys.holders.contesting import asked as contested
from tests.journeys.holders.inside import Inside
from tests.journeys.holders.inviting import FRESH, Holder, guest_of, holder
from tests.journeys.holders.second_codes import issue, revoke, state
from tests.journeys.owner import signed_in
from tests.journeys.steps import (
    PASSWORD,
    associate,
    confirm_by_code,
    email_sign_in,
    legacy_sign_in,
    until_waiting,
)
from tests.relying_party import RelyingParty
from tests.world import Account, World

RETIRED = "Cet identifiant ne peut plus être utilisé."
LAPSED = "Ce code n'est plus valable. Demandez-en un nouveau à votre agence."


def test_it_signs_in_where_the_first_secret_is_retired_and_leads_to_a_link_of_its_own(world: World) -> None:
    first = holder(world, "premier")
    inside, second = Inside(first.syndic, first.email), issue(world, first.syndic)
    party, page = legacy_sign_in(Browser(), first.syndic, second.account)
    legacy = party.complete(page)
    assert legacy.id_claims["acr"] == "legacy"
    own = email_sign_in(first.syndic, first.email).id_claims["sub"]
    assert legacy.id_claims["sub"] != own, "another person to the extranet, from the first sign-in on"
    address = f"conjoint@{first.syndic.slug}.example"
    associate(world, first.syndic, second.account, address)
    theirs = email_sign_in(first.syndic, address)
    assert theirs.id_claims["sub"] == legacy.id_claims["sub"], "nothing changes for the extranet when they migrate"
    assert inside.is_in, "the first holder notices nothing"
    _, page = legacy_sign_in(Browser(), first.syndic, second.account)
    assert RETIRED in page.alert, "its right holder is told (B12)"
    assert page.has("a", "Je n'ai pas choisi d'adresse")
    assert state(world, first.syndic, second) == "retired"
    world.ledger_is_whole()


@pytest.mark.parametrize("typed", ["upper", "spaced", "plain"])
def test_it_may_be_typed_as_people_type(world: World, typed: str) -> None:
    syndic = world.syndic()
    second = issue(world, syndic)
    code = second.account.password
    second.account.password = {"upper": code.upper(), "spaced": code.replace("-", " "), "plain": code.replace("-", "")}[
        typed
    ]
    party, page = legacy_sign_in(Browser(), syndic, second.account)
    assert party.complete(page).userinfo["account"]["identifier"] == second.account.identifier


def test_what_the_syndic_knows_of_the_first_person_is_not_shown_to_the_second(world: World) -> None:
    syndic = world.syndic()
    second = issue(world, syndic, holder="M. Paul Martin")
    party, page = legacy_sign_in(Browser(), syndic, second.account)
    told = party.complete(page).userinfo
    assert not {"name", "email"} & told.keys(), "the record speaks of somebody else"
    _, page = legacy_sign_in(Browser(), syndic, second.account, acr_values="password", prompt="login")
    page = page.submit("Étape suivante")
    assert "Votre agence connaît cette adresse" not in page.text
    assert page.submit("Continuer").alert, "an empty field takes nobody's address"
    page = page.submit("Continuer", **{"Adresse e-mail": f"paul@{syndic.slug}.example"})
    assert page.field("Nom")["value"] == "Martin", "for whom the letter was written"


def test_the_association_of_the_first_ends_neither_sign_in_nor_attempt_of_the_second(world: World) -> None:
    syndic = world.syndic()
    second = issue(world, syndic)
    browser, address = Browser(), f"second@{syndic.slug}.example"
    party, page = legacy_sign_in(browser, syndic, second.account, acr_values="password", prompt="login")
    page = until_waiting(page, address)
    tokens = party.complete(page.follow("Accéder à mon espace client"))
    associate(world, syndic, syndic.accounts[0], f"premier@{syndic.slug}.example")
    assert party.userinfo(tokens.access_token).status_code == 200, "the account's epoch is not this sign-in's"
    again = RelyingParty(syndic)
    assert "code=" in again.begin(browser, prompt="none").url
    assert confirm_by_code(world, browser.get(page.url), address).heading == "Ce compte est associé"
    assert email_sign_in(syndic, address).userinfo["account"]


def test_the_association_of_the_second_leaves_the_first_secret_and_its_sign_ins(world: World) -> None:
    syndic = world.syndic()
    shared = Browser()
    party, page = legacy_sign_in(shared, syndic, syndic.accounts[0])
    tokens = party.complete(page)
    second = issue(world, syndic)
    associate(world, syndic, second.account, f"second@{syndic.slug}.example")
    assert party.userinfo(tokens.access_token).status_code == 200
    associate(world, syndic, syndic.accounts[0], f"premier@{syndic.slug}.example")
    subjects = {
        email_sign_in(syndic, f"{name}@{syndic.slug}.example").id_claims["sub"] for name in ("premier", "second")
    }
    assert len(subjects) == 2
    assert tokens.id_claims["sub"] in subjects, "the first link inherits the subject of the first secret"


def test_its_confirmation_ends_its_other_sign_ins_and_spares_the_one_that_began(world: World) -> None:
    syndic = world.syndic()
    second, elsewhere, here = issue(world, syndic), Browser(), Browser()
    other, page = legacy_sign_in(elsewhere, syndic, second.account)
    lost = other.complete(page)
    party, page = legacy_sign_in(here, syndic, second.account, acr_values="password", prompt="login")
    page = until_waiting(page, f"second@{syndic.slug}.example")
    kept = party.complete(page.follow("Accéder à mon espace client"))
    confirm_by_code(world, here.get(page.url), f"second@{syndic.slug}.example")
    assert other.userinfo(lost.access_token).status_code == 401, "as an epoch that rises"
    assert party.userinfo(kept.access_token).status_code == 200, "the owner is inside at that moment, and stays"


def test_an_existing_identitys_confirmation_spares_no_sign_in(world: World) -> None:
    syndic = world.syndic()
    address = f"second@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], address)
    second, browser = issue(world, syndic), Browser()
    party, page = legacy_sign_in(browser, syndic, second.account, acr_values="password", prompt="login")
    page = until_waiting(page, address)
    tokens = party.complete(page.follow("Accéder à mon espace client"))
    world.work()
    page = browser.get(page.url).submit("Valider", **{"Code reçu par e-mail": world.mailed_code(address)})
    page = page.submit("Connexion", **{"Adresse e-mail": address, "Mot de passe": PASSWORD}).submit("Confirmer")
    assert page.heading == "Ce compte est associé"
    assert party.userinfo(tokens.access_token).status_code == 401


def test_revoked_it_opens_nothing_and_ends_what_it_opened(world: World) -> None:
    syndic = world.syndic()
    second, browser = issue(world, syndic), Browser()
    party, page = legacy_sign_in(browser, syndic, second.account, acr_values="password", prompt="login")
    page = until_waiting(page, f"second@{syndic.slug}.example")
    tokens = party.complete(page.follow("Accéder à mon espace client"))
    revoke(world, syndic, second)
    assert party.userinfo(tokens.access_token).status_code == 401
    world.work()
    link = world.mailed_link(f"second@{syndic.slug}.example")
    page = (
        Browser()
        .get(link)
        .submit("Connexion", **{"Adresse e-mail": f"second@{syndic.slug}.example", "Mot de passe": PASSWORD})
    )
    assert page.submit("Confirmer").status == 410, "nor does an attempt on it come to an end"
    _, page = legacy_sign_in(Browser(), syndic, second.account)
    assert LAPSED in page.alert
    assert not page.has("a", "Je n'ai pas choisi d'adresse")


def test_run_out_it_says_so_to_its_holder_only(world: World) -> None:
    syndic = world.syndic()
    second = issue(world, syndic, days=3)
    world.later(days=3, minutes=1)
    _, page = legacy_sign_in(Browser(), syndic, second.account)
    assert LAPSED in page.alert
    wrong = Account(second.account.identifier, "0000-0000-0000", "", None)
    _, page = legacy_sign_in(Browser(), syndic, wrong)
    assert "Mot de passe invalide" in page.alert


def test_another_identifier_or_syndic_does_not_take_it(world: World) -> None:
    one, other = world.syndic(), world.syndic()
    second = issue(world, one)
    for syndic, identifier in ((one, one.accounts[1].identifier), (other, second.account.identifier)):
        _, page = legacy_sign_in(Browser(), syndic, Account(identifier, second.account.password, "", None))
        assert "Mot de passe invalide" in page.alert


def test_two_second_codes_are_two_persons(world: World) -> None:
    syndic = world.syndic()
    codes = [issue(world, syndic), issue(world, syndic)]
    for number, each in enumerate(codes):
        associate(world, syndic, each.account, f"personne-{number}@{syndic.slug}.example")
    subjects = {
        email_sign_in(syndic, f"personne-{number}@{syndic.slug}.example").id_claims["sub"] for number in range(2)
    }
    assert len(subjects) == 2


def test_its_holder_is_a_holder_and_invites(world: World) -> None:
    syndic = world.syndic()
    second = issue(world, syndic)
    associate(world, syndic, second.account, f"seconde@{syndic.slug}.example")
    email = f"seconde@{syndic.slug}.example"
    inviter = Holder(world, syndic, syndic.accounts[0], email, signed_in(world, email)[0])
    assert email_sign_in(syndic, guest_of(inviter)).userinfo["account"]


def test_a_contest_of_its_link_leaves_the_accounts_own_secret(world: World) -> None:
    first = holder(world, "premiere")
    second = issue(world, first.syndic)
    associate(world, first.syndic, second.account, f"inconnu@{first.syndic.slug}.example")
    stays, falls = (Inside(first.syndic, email) for email in (first.email, f"inconnu@{first.syndic.slug}.example"))
    assert contested(world, first, 1).submit("Ce n'est pas moi").heading == "L'accès est suspendu"
    assert stays.is_in
    assert not falls.is_in
    _, page = legacy_sign_in(Browser(), first.syndic, second.account)
    assert RETIRED in page.alert


def test_a_contest_of_the_first_link_revokes_the_codes_that_lie_about(world: World) -> None:
    first = holder(world, "volee")
    second, browser = issue(world, first.syndic), Browser()
    party, page = legacy_sign_in(browser, first.syndic, second.account)
    tokens = party.complete(page)
    contested(world, first).submit("Ce n'est pas moi")
    assert party.userinfo(tokens.access_token).status_code == 401
    assert state(world, first.syndic, second) == "revoked"


def test_it_is_no_second_proof_of_somebody_elses_recovery(world: World) -> None:
    """Whoever holds mailbox and second code of a co-owner must not get over the question for a re-issued code."""
    first = holder(world, "dormante")
    second = issue(world, first.syndic)
    world.later(days=37 * 31)
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": first.email})
    world.work()
    page = Browser().get(world.mailed_link(first.email))
    page = page.submit(
        "Enregistrer",
        **{
            "Adresse e-mail": first.email,
            "Nouveau mot de passe": FRESH,
            "Identifiant": second.account.identifier,
            "Mot de passe de votre appel de fonds": second.account.password,
        },
    )
    assert page.alert, page.text[:400]


def test_at_a_source_of_the_syndics_own_it_is_verified_here_and_the_source_is_not_asked(
    world: World, tmp_path: Path
) -> None:
    with running(world, tmp_path, keeps_its_codes=True) as extranet:
        syndic = extranet.syndic
        party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
        party.complete(page)
        second = issue(world, syndic)
        associate(world, syndic, second.account, f"second@{syndic.slug}.example")
        assert httpx2.get(f"{extranet.url}/legacy/effects").json() == {}, "the first secret is not disabled"
        party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
        assert party.complete(page).id_claims["acr"] == "legacy"
    assert (
        known_address(syndic.accounts[0])
        not in email_sign_in(syndic, f"second@{syndic.slug}.example").userinfo.values()
    )
