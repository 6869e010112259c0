"""« Mot de passe »: who has typed the old one chooses a new one, and nothing that rests on the old one lives on."""

from tests.broker.account.owners import NEW_PASSWORD, Person, at_the_portal, enter, is_signed_in, person
from tests.broker.oidc.receiver import BACK, client_of, receiving
from tests.browser import Browser, Page
from tests.journeys.steps import NAME, PASSWORD, associate
from tests.world import World

CHANGED = "Votre mot de passe est changé"


def _change(who: Person, password: str = NEW_PASSWORD) -> Page:
    return who.confirmed("password").submit("Enregistrer", **{"Nouveau mot de passe": password})


def test_the_old_password_is_asked_for_first(world: World) -> None:
    who = person(world)
    page = who.page("password")
    assert page.heading == "Saisissez votre mot de passe"
    page = page.submit("Continuer", **{"Mot de passe": NEW_PASSWORD})
    assert "Mot de passe invalide" in page.alert
    form = {"csrf_token": page.hidden("csrf_token"), "password": NEW_PASSWORD}
    page = who.browser.post(f"{world.base}/account/password", form)
    assert page.heading == "Saisissez votre mot de passe", "a form posted straight away is not taken either"
    at_the_portal(world, who.email, PASSWORD)


def test_the_new_password_signs_in_and_the_old_one_does_not(world: World) -> None:
    who = person(world)
    assert _change(who).heading == CHANGED
    at_the_portal(world, who.email, NEW_PASSWORD)
    page = Browser().get(f"{world.base}/login").submit("Connexion", **{NAME: who.email, "Mot de passe": PASSWORD})
    assert "Mot de passe invalide" in page.alert


def test_the_rule_is_said_and_a_password_is_proposed(world: World) -> None:
    who = person(world)
    page = who.confirmed("password")
    for weak, said in (("trop court", "12 caractères"), ("aaaaaaaaaaaaaaaa", "trop facile à deviner")):
        page = page.submit("Enregistrer", **{"Nouveau mot de passe": weak})
        assert said in page.alert
    page = page.submit("Proposer un mot de passe")
    proposed = str(page.field("Nouveau mot de passe")["value"])
    assert len(proposed.split("-")) == 4
    assert proposed in page.text, "it can be read, to be noted"
    assert page.submit("Enregistrer").heading == CHANGED
    at_the_portal(world, who.email, proposed)


def test_every_other_session_ends_and_its_extranets_are_told_and_this_one_stays(world: World) -> None:
    with receiving() as told:
        syndic = world.syndic()
        client = client_of(world, syndic, told, back=BACK)
        who = person(world, client)
        elsewhere = Browser()
        enter(client, elsewhere, who.email)
        portal = at_the_portal(world, who.email)
        _change(who)
        assert is_signed_in(world, who.browser), "who changes the password stays signed in"
        assert not is_signed_in(world, elsewhere)
        assert not is_signed_in(world, portal)
        world.work()
        assert len(told.posts) == 1, "the extranet of the other session is told; that of this one is not"


def test_a_copy_of_this_browsers_cookie_dies_with_the_old_password(world: World) -> None:
    who = person(world)
    page, copy = who.confirmed("password"), Browser()
    copy.http.cookies.update(who.browser.http.cookies)
    assert is_signed_in(world, copy)
    page.submit("Enregistrer", **{"Nouveau mot de passe": NEW_PASSWORD})
    assert not is_signed_in(world, copy)


def test_refresh_tokens_of_before_are_dead(world: World) -> None:
    who = person(world)
    party = who.owner.party()
    tokens = who.owner.tokens(party)
    _change(who)
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    again = who.owner.tokens(who.owner.party())
    assert "refresh_token" in again, "this browser's session gives new ones without a question"


def test_a_reset_mail_of_before_leads_nowhere(world: World) -> None:
    who = person(world)
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": who.email})
    world.work()
    link = world.mailed_link(who.email)
    _change(who)
    assert "Ce lien n'est plus valable." in Browser().get(link).text


def test_the_address_is_told_and_the_history_says_so(world: World) -> None:
    who = person(world)
    _change(who)
    world.work()
    mail = world.mails_to(who.email)[0]
    assert "Le mot de passe de votre compte a été changé." in " ".join(mail.text.split())
    assert "Vous avez changé votre mot de passe." in who.page("history").text
    world.ledger_is_whole()


def test_a_form_left_open_in_a_browser_that_was_signed_out_changes_nothing(world: World) -> None:
    who = person(world)
    page = who.confirmed("password")
    portal = at_the_portal(world, who.email)
    portal.get(f"{world.base}/account/devices").submit("Déconnecter partout")
    assert page.submit("Enregistrer", **{"Nouveau mot de passe": NEW_PASSWORD}).heading == "Mon compte immobilier"
    at_the_portal(world, who.email, PASSWORD)


def test_a_second_tab_that_was_confirmed_too_may_change_it_again(world: World) -> None:
    who = person(world)
    one, other = who.confirmed("password"), who.page("password")
    assert one.submit("Enregistrer", **{"Nouveau mot de passe": NEW_PASSWORD}).heading == CHANGED
    third = "carafe-dimanche-girafe-plafond"
    assert other.submit("Enregistrer", **{"Nouveau mot de passe": third}).heading == CHANGED
    assert is_signed_in(world, who.browser)
    at_the_portal(world, who.email, third)


def test_the_new_password_attaches_a_further_account(world: World) -> None:
    who = person(world)
    _change(who)
    associate(world, who.owner.syndic, who.owner.syndic.accounts[1], who.email, NEW_PASSWORD)
