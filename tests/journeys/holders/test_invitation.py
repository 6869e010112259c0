"""A holder invites a person, who then holds the account too, with an identity of their own (JOURNEYS C8)."""

import re

from config.database import session, transaction
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tests.browser import Browser
from tests.journeys.factors import confirmed as password_again
from tests.journeys.factors import enrol_app
from tests.journeys.holders.inviting import (
    DONE,
    FRESH,
    HOLDERS,
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
)
from tests.journeys.owner import signed_in
from tests.journeys.steps import PASSWORD, associate, email_sign_in, legacy_sign_in
from tests.world import TestSyndic, World


def _links(world: World, syndic: TestSyndic) -> list[tuple[str, str, list[str]]]:
    query = "SELECT role, state, proofs FROM links WHERE syndic_id = %(id)s ORDER BY created_at, id"
    with world.application.app_context(), transaction():
        rows = session().connection().exec_driver_sql(query, {"id": syndics.get(syndic.slug).id})
        return [(row.role, row.state, row.proofs) for row in rows]


def test_an_invited_person_without_an_identity_makes_one_and_holds_the_account(world: World) -> None:
    inviter = holder(world, "jeanne")
    before = email_sign_in(inviter.syndic, inviter.email)
    invitation = invite(inviter)
    question = until_question(world, invitation)
    assert question.heading == QUESTION
    for named in (f"…{inviter.account.identifier[-4:]}", inviter.syndic.name, invitation.address):
        assert named in question.text, "both sides are named (R12)"
    assert "Conditions Générales d'Utilisation de la plateforme, version 2026-11" in question.text
    assert question.submit("Confirmer").heading == DONE
    theirs = email_sign_in(inviter.syndic, invitation.address)
    after = email_sign_in(inviter.syndic, inviter.email)
    assert theirs.userinfo["account"]["identifier"] == inviter.account.identifier
    assert theirs.id_claims["sub"] != after.id_claims["sub"] == before.id_claims["sub"], "a subject of their own"
    assert theirs.userinfo["person"] != after.userinfo["person"], "and they are another person to the extranet"
    assert _links(world, inviter.syndic) == [
        ("holder", "active", ["legacy", "mail-code"]),
        ("co-holder", "active", ["invitation", "mail-link"]),
    ]
    world.ledger_is_whole()


def test_the_tokens_of_a_co_holder_say_nothing_of_the_others(world: World) -> None:
    inviter = holder(world, "discrete")
    told = email_sign_in(inviter.syndic, guest_of(inviter)).userinfo
    for others in (inviter.email, inviter.account.email, inviter.account.holder):
        assert others not in told.values(), "neither the inviter nor the syndic's record of the account"
    assert email_sign_in(inviter.syndic, inviter.email).userinfo["name"] == inviter.account.holder


def test_the_ledger_holds_both_proofs_and_by_whose_invitation(world: World) -> None:
    inviter = holder(world, "preuve")
    guest_of(inviter)
    with world.application.app_context(), transaction() as work:
        chain = syndics.get(inviter.syndic.slug).id
        kinds = ("association.confirmed", "invitation.made")
        rows = work.query(LedgerEntry).filter(LedgerEntry.chain == chain, LedgerEntry.kind.in_(kinds)).all()
        own, made, theirs = (row.body for row in sorted(rows, key=lambda row: row.sequence))
    assert theirs["proofs"] == ["invitation", "mail-link"]
    assert theirs["invited_by"] == made["association"] == own["association"], "the inviter's link is named"


def test_the_mail_says_nothing_of_anybody_and_its_link_alone_gives_nothing(world: World) -> None:
    inviter = holder(world, "muette")
    invitation = invite(inviter)
    (mail,) = world.mails_to(invitation.address)
    said = mail.text + (mail.html or "") + mail.subject
    for named in (inviter.syndic.name, inviter.account.identifier, "Dupont", inviter.email, "Paul", invitation.code):
        assert named not in said, f"the mail tells {named!r}"
    assert len(re.findall(r"https?://\S+", mail.text)) == 1
    page = opened(world, invitation)
    for named in (inviter.syndic.name, inviter.account.identifier[-4:], inviter.email, invitation.address):
        assert named not in page.text, f"the page tells {named!r} to whoever holds the link"
    assert page.browser.get(f"{world.base}/invitation/person").status == 410
    assert page.browser.get(f"{world.base}/confirm/review").status == 410


def test_an_existing_identity_shows_its_own_password(world: World) -> None:
    syndic = world.syndic(accounts=2)
    inviter, other = holder(world, "invitante", syndic), f"paul@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], other, FRESH)
    invitation = invite(inviter)
    page = show_code(opened(world, invitation), other, invitation.code)
    assert "Votre adresse e-mail est reconnue." in page.text, "its reader has read the mailbox"
    assert "Il vous reste 4 tentatives" in page.submit("Continuer", **{"Mot de passe": PASSWORD}).alert
    page = accept_terms(page.submit("Continuer", **{"Mot de passe": FRESH})).submit("Confirmer")
    assert page.heading == DONE
    told = email_sign_in(syndic, other, FRESH).userinfo
    assert {each["identifier"] for each in told["accounts"]} == {each.identifier for each in syndic.accounts}


def test_an_enrolled_second_factor_is_asked_for(world: World) -> None:
    syndic = world.syndic(accounts=2)
    inviter, other = holder(world, "facteur", syndic), f"paul@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], other)
    app, _ = enrol_app(world, signed_in(world, other)[0])
    invitation = invite(inviter)
    page = until_question(world, invitation)
    assert page.heading == "Confirmez que c'est vous"
    assert page.browser.get(f"{world.base}/confirm/review").heading == "Confirmez que c'est vous", "not around it"
    page = page.submit("Valider", **{"Code à 6 chiffres": app.code})
    assert page.heading == QUESTION, page.text[:400]
    assert page.submit("Confirmer").heading == DONE


def test_the_known_address_is_told_and_may_contest_and_every_holder_is_told(world: World) -> None:
    inviter = holder(world, "annonce")
    invitation = invite(inviter)
    accept(world, invitation)
    assert inviter.account.email is not None
    known = world.mails_to(inviter.account.email)
    assert sum("/contest/" in mail.text for mail in known) == 2, "of the first link, and of this one"
    told = [mail.subject for mail in world.mails_to(inviter.email)]
    assert "Une autre personne a maintenant accès à l'un de vos comptes" in told
    assert "Un changement sur votre compte" in told, "that an invitation went out in their name"
    assert all(invitation.address not in mail.text for mail in [*known, *world.mails_to(inviter.email)])


def test_the_terms_are_there_in_full_to_print_and_must_be_accepted(world: World) -> None:
    inviter = holder(world, "conditions")
    invitation = invite(inviter)
    page = show_code(opened(world, invitation), invitation.address, invitation.code)
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD})
    printed = page.follow("Imprimer")
    assert len(printed.text) > 2000, "the text in full"
    page = printed.follow("Revenir à l'étape en cours")
    assert "cochez la case" in page.submit("Continuer").alert
    assert page.browser.get(f"{world.base}/confirm/review").status == 410, "not before the terms are accepted"
    assert accept_terms(page).heading == QUESTION


def test_the_holders_page_counts_persons_and_names_own_guests_only(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    inviter = holder(world, "premiere", syndic)
    second = holder(world, "seconde", syndic)
    guest = guest_of(inviter)
    mine, theirs = inviter.holders(), second.holders()
    assert "3 personnes ouvrent ce compte" in mine.text
    assert "3 personnes ouvrent ce compte" in theirs.text
    assert "Paul" in mine.text
    assert "Paul" not in theirs.text, "another holder's guest has no name here"
    for address in (guest, second.email):
        assert address not in mine.text, "nobody's address but one that this person just invited"


def test_a_co_holder_sees_the_role_and_may_not_invite(world: World) -> None:
    inviter = holder(world, "role")
    browser, page = signed_in(world, guest_of(inviter))
    assert "Vous êtes co-titulaire de ce compte." in page.text
    page = page.follow("Gérer mes comptes")
    assert not page.has("a", INVITE)
    holders = page.follow(HOLDERS)
    assert not holders.has("a", INVITE)
    form = again(browser.get(holders.url + "/invite"))
    assert "Vous ne pouvez pas inviter de co-titulaire" in form.text
    token = str(again(browser.get(f"{world.base}/account/password")).hidden("csrf_token"))
    forced = browser.post(holders.url + "/invite", {"csrf_token": token, "name": "X", "email": "x@orange.fr"})
    assert forced.status == 403, forced.text[:300]


def test_inviting_and_taking_back_ask_for_the_password_again(world: World) -> None:
    inviter = holder(world, "prudente")
    invite(inviter)
    world.later(minutes=11)
    for path in ("Voir le code ou annuler", INVITE):
        page = inviter.holders().follow(path)
        assert page.heading == "Saisissez votre mot de passe", path
    assert password_again(inviter.holders().follow("Voir le code ou annuler")).has("button", "Annuler l'invitation")


def test_the_inviter_reads_the_code_again_as_often_as_needed(world: World) -> None:
    inviter = holder(world, "distraite")
    invitation = invite(inviter)
    world.later(days=2)
    inviter.come_back()
    page = again(inviter.browser.get(invitation.page.url))
    assert f"{invitation.code[:4]} {invitation.code[4:]}" in page.text
    accept(world, invitation)
    assert invitation.code[:4] + " " not in again(inviter.browser.get(invitation.page.url)).text, "then no more"


def test_a_likely_slip_in_the_address_is_asked_back(world: World) -> None:
    inviter = holder(world, "faute")
    page = asked(inviter, "paul@gmial.com")
    assert "Vouliez-vous dire paul@gmail.com ?" in page.text
    assert page.submit("Corriger").heading == "Invitation de Paul"


def test_known_and_unknown_addresses_look_the_same_to_the_inviter(world: World) -> None:
    syndic = world.syndic(accounts=3)
    inviter = holder(world, "curieuse", syndic)
    associate(world, syndic, syndic.accounts[1], f"alix@{syndic.slug}.example")
    pages = []
    for name in ("alix", "brun"):
        invitation = invite(inviter, name)
        said = invitation.page.text.replace(invitation.code[:4], "").replace(invitation.code[4:], "")
        pages.append(said.replace(name, "x").replace(name.title(), "X"))
    assert pages[0] == pages[1], "whether somebody has an identity is not told (R10)"
    listed = inviter.holders().text
    assert listed.count("En cours, jusqu'au") == 2


def test_who_holds_the_account_already_says_so_calmly(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    inviter, _ = (
        holder(world, "invite-titulaire", syndic),
        associate(world, syndic, syndic.accounts[0], f"paul@{syndic.slug}.example"),
    )
    page = until_question(world, invite(inviter)).submit("Confirmer")
    assert page.heading == "Ce compte est déjà associé"
    assert "3 personnes" not in inviter.holders().text


def test_not_me_ends_the_invitation_and_makes_nothing(world: World) -> None:
    inviter = holder(world, "refusee")
    invitation = invite(inviter)
    page = until_question(world, invitation).submit("Ce n'est pas moi")
    assert page.heading == "Rien n'a été associé"
    assert opened(world, invitation).status == 410
    assert "n'a pas accepté" in inviter.holders().text
    _, page = legacy_sign_in(Browser(), inviter.syndic, inviter.account)
    assert "Cet identifiant ne peut plus être utilisé." in page.alert, "the account stays as it was"


def test_syndics_that_are_no_partners_are_refused_to_the_invited_person_only(world: World) -> None:
    elsewhere, inviter = world.syndic(), holder(world, "etrangere")
    address = f"paul@{inviter.syndic.slug}.example"
    associate(world, elsewhere, elsewhere.accounts[0], address)
    invitation = invite(inviter)
    page = until_question(world, invitation).submit("Confirmer")
    assert page.status == 409
    assert "Vos biens sont gérés par des syndics qui ne sont pas partenaires." in page.alert
    assert "Utiliser une autre adresse" in page.text
    assert not page.has("a", "Utiliser une autre adresse"), "there is no sign-in of theirs to go back to"
    assert "1 personne" not in inviter.holders().text
    assert "En cours" in inviter.holders().text, "the inviter sees an invitation that waits, like any other"
