"""An invitation in the wrong hands, in the wrong order, too often, too late, and twice at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from broker.association.models import Invitation
from broker.identities import service as identities
from config.database import session
from tests.browser import Browser
from tests.journeys.holders.inviting import (
    CODE,
    DONE,
    FRESH,
    GONE,
    INVITE,
    QUESTION,
    accept,
    accept_terms,
    again,
    asked,
    guest_of,
    holder,
    invite,
    opened,
    show_code,
    until_question,
    withdraw,
)
from tests.journeys.steps import PASSWORD, associate, email_sign_in
from tests.world import World


def _has_identity(world: World, email: str) -> bool:
    with world.application.app_context():
        return identities.by_email(email) is not None


def _tries(world: World, email: str) -> int | None:
    with world.application.app_context():
        return session().scalar(select(Invitation.tries).where(Invitation.email == email))


def test_the_code_without_the_link_gives_nothing(world: World) -> None:
    inviter = holder(world, "sans-lien")
    invitation = invite(inviter)
    page = opened(world, invitation)
    guessed = page.browser.post(
        f"{world.base}/invitation/{'A' * 43}",
        {"csrf_token": page.hidden("csrf_token"), "email": invitation.address, "code": invitation.code},
    )
    assert guessed.status == 410
    assert GONE in guessed.text


def test_a_stranger_who_reads_the_mail_has_five_tries_for_the_code(world: World) -> None:
    inviter = holder(world, "cinq-essais")
    invitation = invite(inviter)
    page = opened(world, invitation)
    tried = [show_code(page, invitation.address, invitation.wrong) for _ in range(5)]
    assert [each.status for each in tried[:4]] == [200] * 4, "four are told that it was wrong"
    assert show_code(page, invitation.address, invitation.code).status == 410, "not even the right one is taken"
    assert "trop de fois" in inviter.holders().text, "the inviter sees why"


def test_and_no_sixth_not_even_at_once(world: World) -> None:
    inviter = holder(world, "six-a-la-fois")
    invitation = invite(inviter)
    pages = [opened(world, invitation) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        tried = list(pool.map(lambda page: show_code(page, invitation.address, invitation.wrong), pages))
    assert {page.status for page in tried} <= {200, 410}
    assert [page.status for page in tried].count(200) <= 5, "whoever is told that it was wrong has had a try"
    assert _tries(world, invitation.address) == 5, "five were checked"
    assert show_code(pages[0], invitation.address, invitation.code).status == 410, "not even the right one is taken"
    assert not _has_identity(world, invitation.address)


@pytest.mark.parametrize("typed", ["", "1234", "abcdefgh", "1234567é", "123456789"])
def test_a_malformed_code_or_another_address_is_no_try(world: World, typed: str) -> None:
    inviter = holder(world, "malforme")
    invitation = invite(inviter)
    page = opened(world, invitation)
    for _ in range(8):
        page = show_code(page, invitation.address, typed)
        assert "Adresse e-mail ou code invalide." in page.alert
    for _ in range(8):
        page = show_code(page, "autre@orange.fr", invitation.wrong)
    assert show_code(page, invitation.address, invitation.code).heading == "Informations personnelles"


def test_a_mistyped_address_whose_owner_opens_everything_gets_nothing(world: World) -> None:
    """The stranger has the mail, but nobody told them the code; the inviter then takes it back."""
    inviter = holder(world, "mistyped")
    invitation = invite(inviter, "inconnu")
    page = opened(world, invitation)
    for number in range(3):
        page = show_code(page, invitation.address, f"{number:08d}")
    assert withdraw(inviter).has("a", "Inviter un co-titulaire")
    assert show_code(page, invitation.address, invitation.code).status == 410
    assert not _has_identity(world, invitation.address), "an invitation makes nobody"


def test_a_hostile_inviter_makes_no_identity_of_an_address(world: World) -> None:
    """The inviter knows address and code: without the mailbox neither an identity nor a password comes of it."""
    inviter = holder(world, "hostile")
    invitation = invite(inviter, "victime")
    assert not _has_identity(world, invitation.address)
    page = until_question(world, invitation, FRESH)
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": invitation.address})
    world.work()
    assert "/reset/" not in world.mails_to(invitation.address)[0].text, "a reset finds nobody"
    assert not _has_identity(world, invitation.address), "nor does anything before « Confirmer » (R1)"
    assert page.submit("Confirmer").heading == DONE
    assert email_sign_in(inviter.syndic, invitation.address, FRESH).userinfo["account"]


def test_withdrawn_it_leads_nowhere_not_even_from_the_last_page(world: World) -> None:
    inviter = holder(world, "reprise")
    invitation = invite(inviter)
    first, last = opened(world, invitation), until_question(world, invitation)
    assert "L'invitation est annulée." in withdraw(inviter).text
    assert show_code(first, invitation.address, invitation.code).status == 410
    assert last.submit("Confirmer").status == 410
    assert GONE in opened(world, invitation).text
    assert not _has_identity(world, invitation.address)


def test_used_it_says_so_and_a_second_click_makes_no_second_link(world: World) -> None:
    inviter = holder(world, "deux-fois")
    invitation = invite(inviter)
    page = until_question(world, invitation)
    assert page.submit("Confirmer").heading == DONE
    assert page.submit("Confirmer").status == 410
    assert "Ce lien a déjà été utilisé." in opened(world, invitation).text
    assert "2 personnes ouvrent ce compte" in inviter.holders().text


def test_on_two_devices_the_first_to_confirm_counts_and_passwords_never_mix(world: World) -> None:
    inviter = holder(world, "appareils")
    invitation = invite(inviter)
    here, there = until_question(world, invitation, PASSWORD), until_question(world, invitation, FRESH)
    assert here.submit("Confirmer").heading == DONE
    assert there.submit("Confirmer").status == 410
    assert email_sign_in(inviter.syndic, invitation.address, PASSWORD).userinfo["account"]
    assert "2 personnes" in inviter.holders().text


def test_two_confirmations_at_once_make_one_link(world: World) -> None:
    inviter = holder(world, "ensemble")
    invitation = invite(inviter)
    pages = [until_question(world, invitation) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda page: page.submit("Confirmer"), pages))
    assert sum(page.heading == DONE for page in done) == 1, [page.status for page in done]
    assert "2 personnes" in inviter.holders().text
    world.ledger_is_whole()


def test_after_seven_days_it_has_expired_everywhere(world: World) -> None:
    inviter = holder(world, "tardive")
    invitation = invite(inviter)
    page = opened(world, invitation)
    world.later(days=7, minutes=1)
    assert "Ce lien a expiré." in opened(world, invitation).text
    assert show_code(page, invitation.address, invitation.code).status == 410


def test_concurrent_invitations_of_one_address_to_two_accounts_are_apart(world: World) -> None:
    syndic = world.syndic(accounts=2)
    first, second = holder(world, "une", syndic, 0), holder(world, "deux", syndic, 1)
    one = invite(first)
    begun = show_code(opened(world, one), one.address, one.code)
    two = invite(second)
    assert show_code(opened(world, two), two.address, one.code).alert, "one's code does not open the other"
    accept(world, two, FRESH)
    page = begun.submit("Continuer", **{"Mot de passe": PASSWORD})
    assert "Il vous reste" in page.alert, "by now the address has an identity: its own password counts"
    page = accept_terms(page.submit("Continuer", **{"Mot de passe": FRESH})).submit("Confirmer")
    assert page.heading == DONE
    told = email_sign_in(syndic, one.address, FRESH).userinfo
    assert len(told["accounts"]) == 2


def test_an_identity_that_appears_before_the_last_click_must_show_its_password(world: World) -> None:
    syndic = world.syndic(accounts=2)
    inviter = holder(world, "apparue", syndic)
    invitation = invite(inviter)
    last = until_question(world, invitation, FRESH)
    associate(world, syndic, syndic.accounts[1], invitation.address, PASSWORD)
    page = last.submit("Confirmer")
    assert "Votre adresse e-mail est reconnue." in page.text, page.text[:400]
    assert page.submit("Continuer", **{"Mot de passe": FRESH}).alert
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    assert page.heading == QUESTION
    assert page.submit("Confirmer").heading == DONE
    assert email_sign_in(syndic, invitation.address, PASSWORD).userinfo["account"]


def test_a_reset_of_the_invited_identity_voids_what_it_had_shown(world: World) -> None:
    syndic = world.syndic(accounts=2)
    inviter = holder(world, "remise", syndic)
    address = f"paul@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], address)
    last = until_question(world, invite(inviter))
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": address})
    world.work()
    page = Browser().get(world.mailed_link(address))
    page.submit("Enregistrer", **{"Adresse e-mail": address, "Nouveau mot de passe": FRESH})
    assert last.submit("Confirmer").status == 410, "the password that was shown is of before (R2)"


def test_five_are_open_for_an_account_and_not_six(world: World) -> None:
    inviter = holder(world, "trop")
    for number in range(5):
        invite(inviter, f"invite-{number}")
    page = asked(inviter, f"sixieme@{inviter.syndic.slug}.example")
    assert page.status == 429
    assert "Trop d'invitations" in page.alert
    withdraw(inviter)
    invite(inviter, "sixieme")


def test_of_eight_sent_at_once_five_are_open_and_three_are_refused(world: World) -> None:
    inviter = holder(world, "ensemble-cinq")
    form = again(inviter.accounts().follow(INVITE))
    slug, token = inviter.syndic.slug, form.hidden("csrf_token")
    forms = [{"csrf_token": token, "name": f"N{number}", "email": f"n{number}@{slug}.example"} for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        statuses = [page.status for page in pool.map(lambda each: form.browser.post(form.url, each), forms)]
    assert sorted(statuses) == [200] * 5 + [429] * 3, statuses
    world.work()
    assert sum(len(world.mails_to(each["email"])) for each in forms) == 5, "no mail of those that were refused"


def test_ten_a_day_come_from_one_person_whatever_is_withdrawn(world: World) -> None:
    inviter = holder(world, "dix")
    for number in range(10):
        invite(inviter, f"invite-{number}")
        withdraw(inviter)
    assert asked(inviter, f"onzieme@{inviter.syndic.slug}.example").status == 429
    world.later(hours=25)
    inviter.come_back()
    invite(inviter, "onzieme")


def test_the_same_address_twice_is_one_invitation(world: World) -> None:
    inviter = holder(world, "doublon")
    invitation = invite(inviter)
    page = asked(inviter, invitation.address)
    assert page.status == 409
    assert "Vous avez déjà invité cette adresse" in page.alert
    assert len(world.mails_to(invitation.address)) == 1


def test_nobody_invites_themselves(world: World) -> None:
    inviter = holder(world, "soi-meme")
    assert "C'est votre propre adresse." in asked(inviter, inviter.email).alert


def test_an_address_that_gets_much_mail_is_left_in_peace(world: World) -> None:
    syndic = world.syndic(accounts=2)
    address, inviter = f"cible@{syndic.slug}.example", holder(world, "harceleuse", syndic)
    for number in range(9):
        asked(inviter, address, f"Cible {number}")
        withdraw(inviter)
    other = holder(world, "complice", syndic, 1)
    statuses = []
    for _ in range(3):
        statuses.append(asked(other, address).status)
        if statuses[-1] == 200:
            withdraw(other)
    assert 429 in statuses, "ten a day, over all purposes and senders (R15)"
    world.work()
    assert len(world.mails_to(address)) <= 10


def test_another_persons_pages_are_not_there(world: World) -> None:
    syndic = world.syndic(accounts=2)
    inviter, stranger = holder(world, "proprietaire", syndic, 0), holder(world, "voisine", syndic, 1)
    invitation = invite(inviter)
    guest_of(inviter, "pierre")
    again(stranger.browser.get(f"{world.base}/account/address"))
    guests = [str(tag["href"]) for tag in inviter.holders().soup.find_all("a") if "/guest/" in str(tag.get("href"))]
    for path in (inviter.holders().url, invitation.page.url, world.base + guests[0]):
        assert stranger.browser.get(path).status == 404, path
    own = stranger.holders().url
    which = invitation.page.url.rsplit("/", 1)[1]
    assert stranger.browser.get(f"{own}/invitation/{which}").status == 404


def test_the_form_of_the_code_is_protected_and_names_the_code_as_it_is_told(world: World) -> None:
    inviter = holder(world, "formulaire")
    page = opened(world, invite(inviter))
    assert page.field(CODE)["inputmode"] == "numeric"
    assert page.response.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in page.response.headers["cache-control"]
