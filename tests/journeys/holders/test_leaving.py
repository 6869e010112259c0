"""One holder's departure never touches the others; an inviter takes back what was theirs to give (JOURNEYS C8)."""

from broker.identities import service as identities
from config.database import session, transaction
from tests.journeys.holders.inside import Inside
from tests.journeys.holders.inviting import (
    GONE,
    accept,
    guest_of,
    holder,
    invite,
    opened,
    remove,
    until_question,
)
from tests.journeys.owner import signed_in
from tests.journeys.steps import PASSWORD, associate, email_sign_in
from tests.world import World
from workers.erasure.closing import close


def test_who_is_removed_is_out_at_once_and_nobody_else_is(world: World) -> None:
    inviter = holder(world, "retire")
    removed, stays = guest_of(inviter, "paul"), guest_of(inviter, "anne")
    inside = {email: Inside(inviter.syndic, email) for email in (removed, stays, inviter.email)}
    page = remove(inviter)
    assert "Cette personne n'ouvre plus ce compte." in page.text
    assert not inside[removed].is_in, "its tokens, its refresh and its silent sign-in end"
    assert inside[stays].is_in, "another guest's go on"
    assert inside[inviter.email].is_in
    world.work()
    told = world.mails_to(removed)[0]
    assert told.subject == "Votre accès à un compte partagé a pris fin"
    assert "04 74 00 00 00" in told.text
    assert "retiré de l'un de vos comptes" in world.mails_to(inviter.email)[0].text, "both are told"
    assert "2 personnes" in inviter.holders().text
    world.ledger_is_whole()


def test_a_removed_persons_other_accounts_and_session_stay(world: World) -> None:
    syndic = world.syndic(accounts=2)
    inviter, guest = holder(world, "garde", syndic), f"paul@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[1], guest)
    accept(world, invite(inviter))
    browser, _ = signed_in(world, guest)
    remove(inviter)
    page = browser.get(f"{world.base}/account/accounts")
    assert page.heading == "Mes comptes", "the session goes on"
    assert syndic.accounts[1].identifier[-4:] in page.text
    assert [each["identifier"] for each in email_sign_in(syndic, guest).userinfo["accounts"]] == [
        syndic.accounts[1].identifier
    ]
    assert "a été retiré par la personne" in browser.get(f"{world.base}/account/history").text


def test_removing_twice_and_another_holders_guest(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    inviter, other = holder(world, "une-fois", syndic), holder(world, "autre", syndic)
    guest_of(inviter)
    question = inviter.browser.get(inviter.holders().follow("Retirer").url)
    if question.heading == "Saisissez votre mot de passe":
        question = question.submit("Continuer", **{"Mot de passe": PASSWORD})
    assert question.submit("Retirer").status == 200
    assert question.submit("Retirer").status == 404, "it is gone, and says so"
    assert not other.holders().has("a", "Retirer"), "other holders remove nobody"


def test_who_was_removed_can_be_invited_again_under_a_new_subject(world: World) -> None:
    inviter = holder(world, "de-nouveau")
    guest = guest_of(inviter)
    before = email_sign_in(inviter.syndic, guest).id_claims["sub"]
    remove(inviter)
    accept(world, invite(inviter))
    assert email_sign_in(inviter.syndic, guest).id_claims["sub"] != before


def test_when_the_inviter_is_erased_the_guest_stays_and_open_invitations_end(world: World) -> None:
    inviter = holder(world, "effacee")
    guest, pending = guest_of(inviter), invite(inviter, "attend")
    last = until_question(world, pending)
    inside = Inside(inviter.syndic, guest)
    with world.application.app_context(), transaction():
        person = identities.by_email(inviter.email)
        assert person is not None
        close([person])
    assert inside.is_in, "one holder's departure never touches the others"
    assert GONE in opened(world, pending).text
    assert last.submit("Confirmer").status == 410
    world.work()
    assert inside.is_in, "nor does what the workers do afterwards"


def test_a_guests_erasure_leaves_the_inviter(world: World) -> None:
    inviter = holder(world, "reste")
    guest = guest_of(inviter)
    inside = Inside(inviter.syndic, inviter.email)
    with world.application.app_context(), transaction():
        person = identities.by_email(guest)
        assert person is not None
        close([person])
    world.work()
    assert inside.is_in
    assert "Vous êtes la seule personne" in inviter.holders().text


def test_the_guest_of_a_link_that_is_suspended_meanwhile_does_not_come_in(world: World) -> None:
    inviter = holder(world, "suspendue")
    pending = invite(inviter)
    last = until_question(world, pending)
    with world.application.app_context(), transaction():
        session().connection().exec_driver_sql(
            "UPDATE links SET state = 'suspended' WHERE identity_id = "
            "(SELECT id FROM identities WHERE email = %(email)s)",
            {"email": inviter.email},
        )
    assert GONE in opened(world, pending).text
    assert last.submit("Confirmer").status == 410
