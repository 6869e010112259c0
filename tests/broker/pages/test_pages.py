"""Each page in each state can be used by everybody: axe finds nothing, and nothing is cut off on a small phone."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from broker.web.pages import Failing
from tests.broker.pages.conftest import Gallery
from tests.broker.pages.gallery.every import STATES
from tests.broker.pages.gallery.state import State

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
AXE = Axe().axe_script
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEADINGS = {
    "login": ("Mon compte immobilier", "My property account"),
    "start": ("Votre accès à l'espace client évolue !", "Access to your extranet is changing!"),
    "profile": ("Informations personnelles", "Personal information"),
    "terms": ("Conditions Générales d'Utilisation", "Terms of Use"),
    "waiting": ("Vous êtes maintenant connecté", "You are now signed in"),
    "done": ("Ce compte est associé", "This account is linked"),
    "finished": ("Ce compte est associé", "This account is linked"),
    "terms-again": ("Conditions Générales d'Utilisation", "Terms of Use"),
    "evidence": ("Mes preuves", "My evidence"),
    "accounts": ("Mes comptes", "My accounts"),
    "factor": ("Confirmez que c'est vous", "Confirm that it is you"),
    "security": ("Sécurité", "Security"),
    "recovery-codes": ("Codes de récupération", "Recovery codes"),
    "personal": ("Informations personnelles", "Personal information"),
    "password": ("Mot de passe", "Password"),
    "devices": ("Appareils connectés", "Connected devices"),
    "history": ("Historique", "History"),
    "logged-out": ("Vous êtes déconnecté", "You are signed out"),
}
CONTROLS = {
    "login": ["button:Connexion", "checkbox:Garder ma session active", "link:Mot de passe oublié ?"],
    "login-portal": ["button:Connexion", "button:Afficher le mot de passe", "link:Besoin d'aide pour se connecter ?"],
    "login-retired": ["link:Je n'ai pas choisi d'adresse"],
    "forgotten": ["textbox:Adresse e-mail", "button:Envoyer le lien"],
    "reset": ["textbox:Adresse e-mail", "textbox:Nouveau mot de passe", "button:Enregistrer"],
    "start": ["button:Étape suivante", "link:Plus tard"],
    "email": ["textbox:Adresse e-mail", "button:Continuer"],
    "personal": ["combobox:Civilité", "textbox:Prénom", "textbox:Nom", "textbox:Téléphone", "combobox:Langue",
                 "button:Enregistrer", "link:Mon compte"],
    "password": ["textbox:Nouveau mot de passe", "button:Proposer un mot de passe", "button:Enregistrer"],
    "devices": ["button:Déconnecter partout"],
    "history": ["link:Plus ancien"],
    "history-last": ["link:Revenir au plus récent"],
    "email-suggestion": ["button:Corriger", "button:Garder cette adresse"],
    "profile": ["combobox:Civilité", "textbox:Prénom", "textbox:Nom", "textbox:Téléphone", "combobox:Langue",
                "textbox:Mot de passe", "button:Proposer un mot de passe", "button:Continuer"],
    "terms": ["link:Imprimer", "checkbox:J'ai lu et j'accepte les présentes conditions", "button:Continuer"],
    "terms-print": ["button:Imprimer"],
    "terms-again": ["link:Imprimer", "checkbox:J'ai lu et j'accepte les présentes conditions", "button:Continuer",
                    "button:Me déconnecter"],
    "terms-again-print": ["button:Imprimer", "link:Revenir à l'étape en cours"],
    "evidence": ["link:Mon compte", "link:Télécharger mon fichier de preuves"],
    "waiting-accepted": ["link:Accéder à mon espace client", "button:Renvoyer le mail", "link:Corriger l'adresse",
                         "textbox:Code reçu par e-mail", "button:Valider"],
    "done": ["link:Accéder à mon espace client"],
    "sign-in": ["textbox:Adresse e-mail", "textbox:Mot de passe", "button:Connexion"],
    "review": ["button:Confirmer", "button:Ce n'est pas moi"],
    "not-partners-here": ["link:Utiliser une autre adresse"],
    "factor": ["button:Utiliser ma clé d'accès", "textbox:Code à 6 chiffres",
               "link:Utiliser un code de récupération"],
    "security-none": ["link:Ajouter une clé d'accès", "link:Ajouter une application d'authentification"],
    "recovery-codes": ["button:Créer de nouveaux codes"],
    "passkey": ["textbox:Nom de cette clé", "button:Créer la clé d'accès"],
    "end-session": ["button:Se déconnecter"],
    "address": ["textbox:Nouvelle adresse e-mail", "button:Continuer"],
    "address-suggestion": ["button:Corriger", "button:Garder cette adresse"],
    "address-code": ["textbox:Code reçu par e-mail", "button:Valider"],
    "address-link": ["textbox:Nouvelle adresse e-mail", "textbox:Mot de passe", "button:Confirmer"],
    "address-revert": ["textbox:Code reçu par e-mail", "button:Annuler le changement"],
    "address-regain": ["textbox:Identifiant", "textbox:Mot de passe de votre appel de fonds",
                       "textbox:Nouveau mot de passe", "button:Retrouver l'accès"],
    "reset-second-proof": ["textbox:Identifiant", "textbox:Mot de passe de votre appel de fonds"],
    "data": ["link:Télécharger mes données", "link:Supprimer mon compte"],
    "erasure": ["button:Supprimer mon compte"],
    "erasure-coming": ["button:Annuler la suppression"],
    "account-review": ["button:Tout est correct"],
    "accounts-many": ["searchbox:Rechercher un compte", "button:Rechercher"],
    "accounts-found": ["searchbox:Rechercher un compte", "link:Voir tous mes comptes"],
    "manage-renamed": ["link:Informations personnelles", "button:Choisir par défaut", "link:Renommer", "link:Détacher"],
    "rename": ["textbox:Nom du compte", "button:Enregistrer"],
    "detach": ["button:Détacher", "link:Ne rien détacher"],
    "not-partners-door": ["link:Utiliser une autre adresse"],
    "accounts": ["link:Appartement rue des Lilas", "link:Gérer mes comptes", "button:Se déconnecter"],
}  # fmt: skip
AUTOCOMPLETE = {
    "login": {"username": "username", "password": "current-password"},
    "forgotten": {"email": "email"},
    "reset": {"password": "new-password"},
    "email": {"email": "email"},
    "profile": {"given_name": "given-name", "family_name": "family-name", "phone": "tel", "password": "new-password"},
    "waiting": {"code": "one-time-code"},
    "factor": {"code": "one-time-code"},
    "sign-in": {"password": "current-password"},
}

pytestmark = pytest.mark.browser


def _opened(page: Page, gallery: Gallery, name: str, language: str = "fr") -> None:
    answer = page.goto(gallery.of(name, language))
    assert answer is not None, f"{name} gave no answer"
    assert answer.status == 200, f"{name} cannot be shown"


def _failing(state: State) -> list[Failing]:
    return [sentence for sentence in state.values.get("alert") or () if isinstance(sentence, Failing)]


def _violations(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    # With reduced motion no colour is caught half-way from one scheme to the other.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = page.evaluate("async options => (await axe.run(options)).violations", RULES)
    return [f"{each['id']}: {node['html']} ({node['failureSummary']})" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", STATES)
def test_every_page_is_accessible_light_and_dark_and_fits_a_small_phone(
    page: Page, gallery: Gallery, name: str
) -> None:
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", heard)
    page.set_viewport_size({"width": 320, "height": 640})
    for language in ("fr", "en"):
        _opened(page, gallery, name, language)
        assert page.locator("html").get_attribute("lang") == language, f"{name} does not say its language"
        page.evaluate(AXE)
        for scheme in SCHEMES:
            found = _violations(page, scheme)
            assert not found, f"{name} in {language}, {scheme}, shuts somebody out:\n" + "\n".join(found)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} in {language} is {width} px wide: 320 px must do without scrolling sideways"
    page.remove_listener("console", heard)
    assert not complaints, f"the browser complains of {name}: {complaints}"


@pytest.mark.parametrize("name", HEADINGS)
def test_headings_are_said_to_the_letter_in_both_languages(page: Page, gallery: Gallery, name: str) -> None:
    for language, heading in zip(("fr", "en"), HEADINGS[name], strict=True):
        _opened(page, gallery, name, language)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_bear_their_names_to_the_letter(page: Page, gallery: Gallery, name: str) -> None:
    _opened(page, gallery, name)
    for control in CONTROLS[name]:
        role, label = control.split(":")
        found = (
            page.get_by_label(label, exact=True)
            if role == "textbox"  # a password field has no role of its own
            else page.get_by_role(role, name=label, exact=True)  # type: ignore[arg-type]  # a literal of playwright's
        )
        expect(found, f"{name} must have a {role} « {label} »").to_have_count(1)


@pytest.mark.parametrize("name", AUTOCOMPLETE)
def test_password_managers_are_told_what_each_field_is(page: Page, gallery: Gallery, name: str) -> None:
    _opened(page, gallery, name)
    said = {field: page.locator(f"[name={field}]").get_attribute("autocomplete") for field in AUTOCOMPLETE[name]}
    assert said == AUTOCOMPLETE[name], f"{name} describes its fields wrongly"


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state.values.get("alert")])
def test_an_error_is_announced_and_has_the_focus(page: Page, gallery: Gallery, name: str) -> None:
    _opened(page, gallery, name)
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    for sentence in STATES[name].values["alert"]:
        expect(alert).to_contain_text(sentence)


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if _failing(state)])
def test_the_error_summary_leads_to_each_failing_field(page: Page, gallery: Gallery, name: str) -> None:
    _opened(page, gallery, name)
    for sentence in _failing(STATES[name]):
        page.get_by_role("alert").get_by_role("link", name=sentence).click()
        field = page.locator(f"#{sentence.field}")
        expect(field, f"« {sentence} » must lead to its field").to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")


def test_every_form_that_is_posted_carries_its_protection_and_its_request(page: Page, gallery: Gallery) -> None:
    for name in ("login", "email", "email-suggestion", "profile", "terms", "waiting"):
        _opened(page, gallery, name)
        for form in page.locator("form[method=post]").all():
            token = form.locator("[name=csrf_token]").input_value()
            assert token, f"a form of {name} has no csrf_token"
            action = form.get_attribute("action") or ""
            assert action.endswith("r=h4ndle"), f"a form of {name} loses the authorization request: {action}"


def test_the_current_account_is_marked_for_those_who_do_not_see_it(page: Page, gallery: Gallery) -> None:
    _opened(page, gallery, "accounts")
    expect(page.locator("main [aria-current=true]")).to_have_text("Appartement rue des Lilas")


def test_the_page_speaks_the_language_that_its_link_names(page: Page, gallery: Gallery) -> None:
    _opened(page, gallery, "help")
    page.get_by_role("link", name="English", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Need help signing in?")
    page.get_by_role("link", name="Français", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Besoin d'aide pour se connecter ?")
