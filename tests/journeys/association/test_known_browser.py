"""B4 says the same for every address, but to a browser that the address's own identity has used (JOURNEYS B4)."""

from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, associate, confirm_by_link, email_sign_in, legacy_sign_in
from tests.world import TestSyndic, World

RECOGNISED = "Votre adresse e-mail est reconnue. Veuillez saisir votre mot de passe pour rattacher vos comptes."


def _profile(browser: Browser, syndic: TestSyndic, email: str) -> Page:
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[1], acr_values="password", prompt="login")
    return page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": email})


def test_a_browser_that_the_identity_has_used_is_told_and_asked_for_the_password_alone(world: World) -> None:
    syndic = world.syndic()
    email = f"reconnue@{syndic.slug}.example"
    browser = associate(world, syndic, syndic.accounts[0], email)
    page = _profile(browser, syndic, email)
    assert RECOGNISED in page.text
    for label in ("Civilité", "Prénom", "Nom", "Téléphone", "Langue"):
        assert not [tag for tag in page.soup.find_all("label") if tag.get_text(strip=True) == label], label
    assert page.field("Mot de passe")["autocomplete"] == "current-password"
    assert "Saisissez votre mot de passe." in page.submit("Continuer").alert
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    assert confirm_by_link(world, Browser(), email).heading == "Ce compte est associé"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 2


def test_any_other_browser_sees_the_same_page_for_known_and_unknown_addresses(world: World) -> None:
    syndic = world.syndic()
    known, unknown = (f"{name}@{syndic.slug}.example" for name in ("connu", "autre"))
    associate(world, syndic, syndic.accounts[0], known)
    texts = {_profile(Browser(), syndic, email).text.replace(email, "") for email in (known, unknown)}
    assert len(texts) == 1, "nobody with a printed code learns which addresses have an account"
    assert RECOGNISED not in texts.pop()


def test_a_wrong_password_is_not_told_here_but_counts_at_the_mails_link(world: World) -> None:
    syndic = world.syndic()
    email = f"faux@{syndic.slug}.example"
    browser = associate(world, syndic, syndic.accounts[0], email)
    page = _profile(browser, syndic, email).submit("Continuer", **{"Mot de passe": "pas-le-bon-du-tout"})
    assert page.heading == "Conditions Générales d'Utilisation", "nothing is verified against an identity here"
    page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    world.work()
    sign_in = Browser().get(world.mailed_link(email))
    wrong = sign_in.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": "pas-le-bon-du-tout"})
    assert "invalide" in wrong.alert
    right = sign_in.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    assert right.submit("Confirmer").heading == "Ce compte est associé", "its own password alone counts"
