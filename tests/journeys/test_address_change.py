"""« Changer d'adresse e-mail » (SECURITY R4): by code, by link, told, and nothing by halves."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser import Browser, Page
from tests.journeys.owner import ask_change, change, confirmed, owner, signed_in
from tests.journeys.steps import PASSWORD, email_sign_in, legacy_sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import World

CODE = "Code reçu par e-mail"
OVER = "Ce changement d'adresse n'est plus valable."


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def test_a_change_by_code_moves_everything_to_the_new_address(world: World) -> None:
    old, syndic, browser = owner(world, "avant")
    new = f"apres@{syndic.slug}.example"
    other, _ = signed_in(world, old)
    page = ask_change(world, browser, new)
    assert page.heading == "Confirmez votre nouvelle adresse"
    page = page.submit("Valider", **{CODE: world.mailed_code(new)})
    assert page.heading == "Votre adresse e-mail a changé"
    assert new in browser.get(f"{world.base}/account/").text, "the browser that asked goes on"
    assert other.get(f"{world.base}/account/").heading == "Mon compte immobilier", "every other session has ended"
    assert len(email_sign_in(syndic, new).userinfo["accounts"]) == 1, "the accounts came along"
    _, page = signed_in(world, old)
    assert "Mot de passe invalide" in page.alert, "the former address signs nobody in"
    world.work()
    told = world.mails_to(old)[0]
    assert told.subject == "Votre adresse e-mail a changé"
    assert new not in told.text, "the former mailbox is not told which address it is now"
    world.ledger_is_whole()


def test_the_mail_to_the_new_address_names_nobody(world: World) -> None:
    old, syndic, browser = owner(world, "discret")
    new = f"discret-nouveau@{syndic.slug}.example"
    ask_change(world, browser, new)
    mail = world.mails_to(new)[0]
    for secret in (old, syndic.name, syndic.accounts[0].identifier, syndic.accounts[0].identifier[-4:], "Dupont"):
        assert secret not in mail.text + (mail.html or ""), f"the mail says {secret}"


def test_a_change_by_link_on_another_device_asks_for_address_and_password_and_signs_nobody_in(world: World) -> None:
    _, syndic, browser = owner(world, "lien")
    new = f"lien-nouveau@{syndic.slug}.example"
    ask_change(world, browser, new)
    page = Browser().get(world.mailed_link(new))
    again = page.submit("Confirmer", **{"Nouvelle adresse e-mail": new, "Mot de passe": "not-the-right-one-at-all"})
    assert "Mot de passe invalide" in again.alert
    done = again.submit("Confirmer", **{"Nouvelle adresse e-mail": new, "Mot de passe": PASSWORD})
    assert done.heading == "Votre adresse e-mail a changé"
    assert done.has("a", "Se connecter"), "a link and a password are no sign-in of this browser"
    assert browser.get(f"{world.base}/account/").heading == "Mon compte immobilier", "the browser that asked is out too"
    _, page = signed_in(world, new)
    assert page.heading == "Mes comptes"


def test_a_scanner_that_opens_the_links_and_submits_their_forms_changes_nothing(world: World) -> None:
    old, syndic, browser = owner(world, "robot")
    new = f"robot-nouveau@{syndic.slug}.example"
    waiting = ask_change(world, browser, new)
    link, scanner = world.mailed_link(new), Browser()
    for _ in range(20):
        page = scanner.get(link)
        scanner.http.head(link)
        page.submit("Confirmer")
        page.submit("Confirmer", **{"Nouvelle adresse e-mail": "x@y.example", "Mot de passe": "whatever"})
    waiting.submit("Valider", **{CODE: world.mailed_code(new)})
    world.work()
    link = world.mailed_link(old)
    for _ in range(20):
        page = scanner.get(link)
        scanner.http.head(link)
        page.submit("Annuler le changement")
        page.submit("Annuler le changement", **{CODE: "abc"})
    assert signed_in(world, new)[1].heading == "Mes comptes", "the new address is still the owner's"


def test_an_address_that_somebody_has_gets_the_same_pages_and_never_a_code(world: World) -> None:
    taken, syndic, _ = owner(world, "prise")
    _, _, browser = owner(world, "curieux")
    free = f"libre@{syndic.slug}.example"
    pages = [ask_change(world, browser, email) for email in (taken, free)]
    said = [page.response.text.replace(email, "X") for page, email in zip(pages, (taken, free), strict=True)]
    strip = [_without_tokens(each) for each in said]
    assert strip[0] == strip[1], "nobody learns whether an address is known"
    assert world.mails_to(taken)[0].subject == "Cette adresse e-mail est déjà utilisée"
    page = ask_change(world, browser, taken)
    for _ in range(4):
        page = page.submit("Valider", **{CODE: "12345678"})
        assert "Ce code n'est pas le bon." in page.alert
    assert page.submit("Valider", **{CODE: "12345678"}).alert.startswith(OVER)
    assert signed_in(world, taken)[1].heading == "Mes comptes"


def _without_tokens(text: str) -> str:
    kept = [line for line in text.splitlines() if "csrf_token" not in line and "nonce=" not in line]
    return "\n".join(kept)


def test_five_wrong_codes_void_the_change_and_a_malformed_one_is_no_try(world: World) -> None:
    _, syndic, browser = owner(world, "essais")
    new = f"essais-nouveau@{syndic.slug}.example"
    page = ask_change(world, browser, new)
    right = world.mailed_code(new)
    for typed in ("", "abc", "1234567", "１２３４５６７８"):
        page = page.submit("Valider", **{CODE: typed})
    for _ in range(4):
        page = page.submit("Valider", **{CODE: _wrong(right)})
        assert page.status == 200, "four wrong codes leave a fifth try"
    assert page.submit("Valider", **{CODE: _wrong(right)}).status == 410
    assert page.submit("Valider", **{CODE: right}).status == 410, "the right code comes too late"


def test_of_twenty_simultaneous_wrong_codes_five_are_checked(world: World) -> None:
    _, syndic, browser = owner(world, "rafale")
    new = f"rafale-nouveau@{syndic.slug}.example"
    page = ask_change(world, browser, new)
    wrong = _wrong(world.mailed_code(new))
    cookies = dict(browser.http.cookies)

    def attempt(_: int) -> int:
        again = Browser()
        again.http.cookies.update(cookies)
        return Page(again, page.response).submit("Valider", **{CODE: wrong}).status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(attempt, range(20)))
    assert statuses.count(200) == 4, f"four are told that it was wrong, all others that it is over: {statuses}"


def test_the_code_is_good_in_the_browser_that_asked_only(world: World) -> None:
    old, syndic, browser = owner(world, "ailleurs")
    new = f"ailleurs-nouveau@{syndic.slug}.example"
    page = ask_change(world, browser, new)
    elsewhere, _ = signed_in(world, old)
    assert elsewhere.get(f"{world.base}/account/address/code").status == 410
    stolen = Page(elsewhere, page.response)
    form = elsewhere.get(f"{world.base}/account/accounts")
    token = form.hidden("csrf_token")
    answer = elsewhere.post(f"{world.base}/account/address/code", {"csrf_token": token, "code": world.mailed_code(new)})
    assert answer.status == 410, "a code that was read over a shoulder is worth nothing elsewhere"
    assert stolen.heading == "Confirmez votre nouvelle adresse"
    assert page.submit("Valider", **{CODE: world.mailed_code(new)}).heading == "Votre adresse e-mail a changé"


def test_a_change_lasts_an_hour(world: World) -> None:
    _, syndic, browser = owner(world, "tard")
    new = f"tard-nouveau@{syndic.slug}.example"
    page = ask_change(world, browser, new)
    world.later(minutes=61)
    assert page.submit("Valider", **{CODE: world.mailed_code(new)}).status == 410
    assert Browser().get(world.mailed_link(new)).status == 410


def test_a_second_change_voids_the_first(world: World) -> None:
    _, syndic, browser = owner(world, "deux")
    first, second = f"un@{syndic.slug}.example", f"deux-bis@{syndic.slug}.example"
    tab = ask_change(world, browser, first)
    other = ask_change(world, browser, second)
    assert Browser().get(world.mailed_link(first)).status == 410
    assert "Ce code n'est pas le bon." in tab.submit("Valider", **{CODE: world.mailed_code(first)}).alert
    assert other.submit("Valider", **{CODE: world.mailed_code(second)}).heading == "Votre adresse e-mail a changé"
    assert signed_in(world, second)[1].heading == "Mes comptes"


def test_twice_the_right_code_in_two_tabs_changes_once(world: World) -> None:
    _, syndic, browser = owner(world, "onglets")
    new = f"onglets-nouveau@{syndic.slug}.example"
    page = ask_change(world, browser, new)
    code, cookies = world.mailed_code(new), dict(browser.http.cookies)

    def attempt(_: int) -> Page:
        tab = Browser()
        tab.http.cookies.update(cookies)
        return Page(tab, page.response).submit("Valider", **{CODE: code})

    with ThreadPoolExecutor(4) as pool:
        headings = [each.heading for each in pool.map(attempt, range(4))]
    assert headings.count("Votre adresse e-mail a changé") == 1, headings
    assert signed_in(world, new)[1].heading == "Mes comptes"


def test_of_two_owners_who_want_one_address_at_once_one_gets_it(world: World) -> None:
    one, syndic, browser = owner(world, "premier")
    two, _, rival = owner(world, "second")
    wanted = f"voulue@{syndic.slug}.example"
    first = ask_change(world, browser, wanted)
    code = world.mailed_code(wanted)
    second = ask_change(world, rival, wanted)
    other = world.mailed_code(wanted)
    assert code != other
    with ThreadPoolExecutor(2) as pool:
        pages = list(
            pool.map(lambda pair: pair[0].submit("Valider", **{CODE: pair[1]}), [(first, code), (second, other)])
        )
    headings = sorted(page.heading for page in pages)
    assert headings == ["Nous n'avons pas pu continuer", "Votre adresse e-mail a changé"]
    loser = next(page for page in pages if page.status == 409)
    assert "déjà utilisée" in loser.alert
    still = two if pages[0].status == 200 else one
    assert signed_in(world, still)[1].heading == "Mes comptes", "who came second keeps the former address"


def test_a_reset_voids_the_change(world: World) -> None:
    old, syndic, browser = owner(world, "reset")
    new, fresh = f"reset-nouveau@{syndic.slug}.example", "nuage-girafe-bouton-soleil"
    ask_change(world, browser, new)
    link = world.mailed_link(new)
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": old})
    world.work()
    page = Browser().get(world.mailed_link(old))
    page.submit("Enregistrer", **{"Adresse e-mail": old, "Nouveau mot de passe": fresh})
    assert Browser().get(link).status == 410, "an intruder's change does not survive the owner's reset"


def test_a_lock_voids_the_change(world: World) -> None:
    old, syndic, browser = owner(world, "verrou")
    new = f"verrou-nouveau@{syndic.slug}.example"
    page = ask_change(world, browser, new)
    stranger = Browser().get(f"{world.base}/login")
    for _ in range(5):
        stranger = stranger.submit("Connexion", **{"Adresse e-mail ou identifiant": old, "Mot de passe": "wrong-again"})
    assert page.submit("Valider", **{CODE: world.mailed_code(new)}).status == 410
    page = confirmed(browser, f"{world.base}/account/address")
    assert "verrouillé" in page.submit("Continuer", **{"Nouvelle adresse e-mail": new}).alert


def test_a_slip_of_the_finger_is_asked_back(world: World) -> None:
    _, _, browser = owner(world, "faute")
    page = confirmed(browser, f"{world.base}/account/address")
    page = page.submit("Continuer", **{"Nouvelle adresse e-mail": "jeanne@gmial.com"})
    assert "Vouliez-vous dire jeanne@gmail.com ?" in page.text
    assert page.submit("Garder cette adresse").heading == "Confirmez votre nouvelle adresse"


@pytest.mark.parametrize("typed", ["jeanne@", "", "@"])
def test_an_address_that_is_none_is_said_so(world: World, typed: str) -> None:
    _, _, browser = owner(world, "aucune")
    page = confirmed(browser, f"{world.base}/account/address")
    assert "n'est pas complète" in page.submit("Continuer", **{"Nouvelle adresse e-mail": typed}).alert


def test_past_five_changes_a_day_no_mail_goes_out(world: World) -> None:
    _, syndic, browser = owner(world, "bombe")
    for number in range(5):
        ask_change(world, browser, f"bombe-{number}@{syndic.slug}.example")
    page = confirmed(browser, f"{world.base}/account/address")
    page = page.submit("Continuer", **{"Nouvelle adresse e-mail": f"bombe-5@{syndic.slug}.example"})
    world.work()
    assert page.status == 429
    assert not world.mails_to(f"bombe-5@{syndic.slug}.example")


def test_the_change_asks_for_the_password_again(world: World) -> None:
    _, _, browser = owner(world, "ecran")
    assert browser.get(f"{world.base}/account/address").heading == "Saisissez votre mot de passe"


def test_an_attempt_that_waits_for_the_new_address_is_left_alone(world: World) -> None:
    _, syndic, browser = owner(world, "attente")
    new, tenant = f"attente-nouveau@{syndic.slug}.example", Browser()
    _, page = legacy_sign_in(tenant, syndic, syndic.accounts[1], acr_values="password", prompt="login")
    waiting = until_waiting(page, new, PASSWORD)
    world.work()
    code = world.mailed_code(new)
    change(world, browser, new)
    page = waiting.submit("Valider", **{CODE: code})
    assert page.has("button", "Connexion"), "the address has an identity by now: its own password is asked for"


def test_extranets_of_before_are_out_and_tokens_are_dead(world: World) -> None:
    old, syndic, browser = owner(world, "jetons")
    party = RelyingParty(syndic)
    tokens = party.complete(
        party.begin(Browser()).submit("Connexion", **{"Adresse e-mail ou identifiant": old, "Mot de passe": PASSWORD})
    )
    change(world, browser, f"jetons-nouveau@{syndic.slug}.example")
    assert party.userinfo(tokens.access_token).status_code == 401


def test_a_browser_that_knew_the_former_address_knows_the_new_one(world: World) -> None:
    _, syndic, browser = owner(world, "connu")
    new = f"connu-nouveau@{syndic.slug}.example"
    change(world, browser, new)
    browser.get(f"{world.base}/account/accounts").submit("Se déconnecter")
    stranger = Browser().get(f"{world.base}/login")
    for _ in range(5):
        stranger = stranger.submit("Connexion", **{"Adresse e-mail ou identifiant": new, "Mot de passe": "wrong-again"})
    assert "verrouillé" in stranger.alert
    assert signed_in(world, new, browser=browser)[1].heading == "Mes comptes", "no stranger shuts the owner out"
