"""The former address takes a change back (SECURITY R4): seven days, a typed code, a freeze, and a second proof."""

from concurrent.futures import ThreadPoolExecutor

from passlib.hash import sha512_crypt
from sqlalchemy import select

from config.database import transaction
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.journeys.owner import change, owner, signed_in
from tests.journeys.steps import associate, email_sign_in
from tests.world import TestSyndic, World

CODE, FRESH = "Code reçu par e-mail", "nuage-girafe-bouton-soleil"
FROZEN = "Le changement d'adresse est annulé"
NEW_PRINTED = "nouveau-code-imprime"


def reissued(world: World, syndic: TestSyndic, number: int = 0, secret: str = NEW_PRINTED) -> str:
    """What an agency does: a new secret for the account. Returns it."""
    with world.application.app_context(), transaction() as work:
        wanted = select(LegacyAccount).where(
            LegacyAccount.syndic_id == syndics.get(syndic.slug).id,
            LegacyAccount.identifier == syndic.accounts[number].identifier,
        )
        account = work.scalars(wanted).one()
        account.state, account.epoch, account.tombstone = "active", account.epoch + 1, None
        account.secret_scheme, account.secret_hash = "sha512_crypt", sha512_crypt.using(rounds=1000).hash(secret)
    return secret


def _changed(world: World, name: str) -> tuple[str, str, TestSyndic, Browser]:
    old, syndic, browser = owner(world, name)
    new = f"{name}-nouveau@{syndic.slug}.example"
    change(world, browser, new)
    return old, new, syndic, browser


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def _revert(world: World, old: str) -> tuple[str, Page]:
    link, code = world.mailed_link(old), world.mailed_code(old)
    return link, Browser().get(link).submit("Annuler le changement", **{CODE: code})


def _regain(page: Page, syndic: TestSyndic, secret: str, password: str = FRESH) -> Page:
    return page.submit(
        "Retrouver l'accès",
        **{
            "Identifiant": syndic.accounts[0].identifier,
            "Mot de passe de votre appel de fonds": secret,
            "Nouveau mot de passe": password,
        },
    )


def test_the_former_address_freezes_both_and_comes_back_by_a_new_printed_code(world: World) -> None:
    old, new, syndic, browser = _changed(world, "reprise")
    link, page = _revert(world, old)
    assert page.heading == FROZEN
    assert browser.get(f"{world.base}/account/").heading == "Mon compte immobilier", "the intruder is out at once"
    _, refused = signed_in(world, old)
    assert "cette adresse est bloquée" in refused.alert, "the freeze is said to whoever has the password"
    assert "Mot de passe invalide" in signed_in(world, new)[1].alert, "the new address opens nothing"
    world.work()
    for address in (old, new):
        assert world.mails_to(address)[0].subject == "Votre adresse e-mail est bloquée", f"{address} is told"
    page = _regain(Browser().get(link), syndic, syndic.accounts[0].password)
    assert "ne suffisent pas" in page.alert, "the printed code of before is no second proof"
    page = _regain(Browser().get(link), syndic, reissued(world, syndic))
    assert page.heading == "Votre nouveau mot de passe est enregistré"
    _, page = signed_in(world, old, FRESH)
    assert page.heading == "Vérifiez votre compte", "after a recovery the owner looks at the accounts"
    assert page.submit("Tout est correct").heading == "Mes comptes"
    assert len(email_sign_in(syndic, old, FRESH).userinfo["accounts"]) == 1
    world.ledger_is_whole()


def test_a_frozen_address_cannot_be_reset(world: World) -> None:
    old, new, _, _ = _changed(world, "gel")
    _revert(world, old)
    for address in (old, new):
        page = Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": address})
        assert page.heading == "Consultez votre messagerie", "the request is answered like any other"
        world.work()
        assert "/reset/" not in world.mails_to(address)[0].text, "no mail holds a link that resets"
    assert "elle est bloquée" in world.mails_to(old)[0].text


def test_a_reset_that_was_under_way_dies_with_the_freeze(world: World) -> None:
    old, new, _, _ = _changed(world, "course")
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": new})
    world.work()
    link = world.mailed_link(new)
    _revert(world, old)
    assert Browser().get(link).status == 410


def test_a_frozen_identity_gets_no_account_by_association(world: World) -> None:
    old, _, syndic, _ = _changed(world, "rattache")
    _revert(world, old)
    refused = False
    try:
        associate(world, syndic, syndic.accounts[1], old)
    except AssertionError as error:
        refused = "cette adresse est bloquée" in str(error)
    assert refused, "nothing is added to an address that is blocked"


def test_five_wrong_codes_a_day_and_again_tomorrow(world: World) -> None:
    old, _, _, _ = _changed(world, "cinq")
    link, code = world.mailed_link(old), world.mailed_code(old)
    page = Browser().get(link)
    for typed in ("", "abc", "1234"):
        page = page.submit("Annuler le changement", **{CODE: typed})
    for _ in range(5):
        again = page.submit("Annuler le changement", **{CODE: _wrong(code)})
        assert again.status == 200
    assert page.submit("Annuler le changement", **{CODE: code}).status == 429, "not even the right one is checked"
    world.later(days=1)
    assert page.submit("Annuler le changement", **{CODE: code}).heading == FROZEN


def test_of_twenty_simultaneous_wrong_codes_five_are_checked(world: World) -> None:
    old, _, _, _ = _changed(world, "rafale")
    link, wrong = world.mailed_link(old), _wrong(world.mailed_code(old))
    pages = [Browser().get(link) for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda page: page.submit("Annuler le changement", **{CODE: wrong}).status, pages))
    assert statuses.count(200) == 5, f"no sixth code is checked: {statuses}"


def test_after_seven_days_the_former_address_has_no_say(world: World) -> None:
    old, new, _, _ = _changed(world, "sept")
    link = world.mailed_link(old)
    page = Browser().get(link)
    world.later(days=7, minutes=1)
    assert page.submit("Annuler le changement", **{CODE: world.mailed_code(old)}).status == 410
    assert Browser().get(link).status == 410
    assert signed_in(world, new)[1].heading == "Mes comptes"


def test_reverting_twice_freezes_once(world: World) -> None:
    old, _, syndic, _ = _changed(world, "double")
    link, code = world.mailed_link(old), world.mailed_code(old)
    tabs = [Browser().get(link) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda tab: tab.submit("Annuler le changement", **{CODE: code}), tabs))
    assert {page.heading for page in pages} <= {FROZEN, "Nous n'avons pas pu continuer"}, [p.text for p in pages]
    assert _regain(Browser().get(link), syndic, reissued(world, syndic)).heading.startswith("Votre nouveau")
    late = tabs[0].submit("Annuler le changement", **{CODE: code})
    assert late.status == 410, "once access is regained, the link is of no more use"
    assert signed_in(world, old, FRESH)[1].heading == "Vérifiez votre compte"


def test_the_first_of_two_changes_can_be_taken_back_and_the_second_address_has_no_say_then(world: World) -> None:
    first, second, syndic, browser = _changed(world, "chaine")
    third = f"chaine-troisieme@{syndic.slug}.example"
    change(world, browser, third)
    theirs, code = world.mailed_link(second), world.mailed_code(second)
    link, page = _revert(world, first)
    assert page.heading == FROZEN
    assert Browser().get(theirs).status == 410, "an address that came later takes nothing back any more"
    assert code
    assert "Mot de passe invalide" in signed_in(world, third)[1].alert
    assert _regain(Browser().get(link), syndic, reissued(world, syndic)).heading.startswith("Votre nouveau")
    assert signed_in(world, first, FRESH)[1].heading == "Vérifiez votre compte"


def test_the_second_address_may_revert_and_then_the_first(world: World) -> None:
    first, second, syndic, browser = _changed(world, "retour")
    change(world, browser, f"retour-troisieme@{syndic.slug}.example")
    assert _revert(world, second)[1].heading == FROZEN
    link, page = _revert(world, first)
    assert page.heading == FROZEN, "the earlier address has the last word"
    assert _regain(Browser().get(link), syndic, reissued(world, syndic)).heading.startswith("Votre nouveau")
    assert signed_in(world, first, FRESH)[1].heading == "Vérifiez votre compte"


def test_another_owners_new_code_is_no_second_proof(world: World) -> None:
    old, _, syndic, _ = _changed(world, "voisin")
    link, _ = _revert(world, old)
    page = (
        Browser()
        .get(link)
        .submit(
            "Retrouver l'accès",
            **{
                "Identifiant": syndic.accounts[1].identifier,
                "Mot de passe de votre appel de fonds": syndic.accounts[1].password,
                "Nouveau mot de passe": FRESH,
            },
        )
    )
    assert "ne suffisent pas" in page.alert
    assert "bloquée" in signed_in(world, old)[1].alert


def test_guesses_at_the_new_code_are_counted_like_any_sign_in(world: World) -> None:
    old, _, syndic, _ = _changed(world, "devine")
    link, page = _revert(world, old)
    secret = reissued(world, syndic)
    for _ in range(5):
        page = _regain(page, syndic, "not-the-printed-code")
    assert "ne suffisent pas" in _regain(page, syndic, secret).alert, "no sixth code is checked"
    world.later(minutes=16)
    assert _regain(Browser().get(link), syndic, secret).heading.startswith("Votre nouveau")


def test_a_weak_password_is_refused_before_anything_is_counted(world: World) -> None:
    old, _, syndic, _ = _changed(world, "faible")
    link, _ = _revert(world, old)
    secret = reissued(world, syndic)
    assert "12 caractères" in _regain(Browser().get(link), syndic, secret, "court").alert
    assert _regain(Browser().get(link), syndic, secret).heading.startswith("Votre nouveau")


def test_the_new_address_may_begin_again_by_itself_after_a_malicious_revert(world: World) -> None:
    old, new, syndic, _ = _changed(world, "legitime")
    _revert(world, old)
    syndic.accounts[0].password = reissued(world, syndic, secret="code-du-vrai-proprietaire")
    associate(world, syndic, syndic.accounts[0], new, "plume-balcon-orage-tomate")
    tokens = email_sign_in(syndic, new, "plume-balcon-orage-tomate")
    assert len(tokens.userinfo["accounts"]) == 1, "whoever has the agency's new code is never shut out"
