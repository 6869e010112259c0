"""« Ce n'est pas moi » where several persons hold the account: what falls with a link, and what stands (B13, C8)."""

from broker.association import endings
from broker.identities import service as identities
from config.database import transaction
from tests.browser import Browser
from tests.journeys.holders.contesting import asked
from tests.journeys.holders.inside import Inside
from tests.journeys.holders.inviting import (
    GONE,
    INVITE,
    accept,
    guest_of,
    holder,
    invite,
    opened,
    remove,
    until_question,
)
from tests.journeys.owner import signed_in
from tests.journeys.steps import PASSWORD, associate, email_sign_in, legacy_sign_in
from tests.world import World

SUSPENDED = "L'accès est suspendu"


def test_who_was_invited_by_a_contested_link_is_suspended_with_it(world: World) -> None:
    thief = holder(world, "voleuse")
    accomplice, pending = guest_of(thief, "complice"), invite(thief, "autre")
    inside = [Inside(thief.syndic, email) for email in (thief.email, accomplice)]
    last = until_question(world, pending)
    assert asked(world, thief).submit("Ce n'est pas moi").heading == SUSPENDED
    assert [each.is_in for each in inside] == [False, False], "no way in stays through a guest"
    assert GONE in opened(world, pending).text, "nor through an invitation"
    assert last.submit("Confirmer").status == 410
    world.work()
    assert "est suspendu" in world.mails_to(accomplice)[0].subject, "the guest hears of it"
    alerts = [mail for mail in world.mails_to(f"contact@{thief.syndic.slug}.example") if "contesté" in mail.subject]
    assert len(alerts) == 1
    assert not thief.accounts().has("a", INVITE)
    world.ledger_is_whole()


def test_detaching_first_does_not_save_the_guest(world: World) -> None:
    thief = holder(world, "detachee")
    accomplice = guest_of(thief, "complice")
    with world.application.app_context(), transaction():
        person = identities.by_email(thief.email)
        assert person is not None
        endings.record(endings.end(person, [identities.links_of(person.id)[0][0]], "detached"))
    inside = Inside(thief.syndic, accomplice)
    assert inside.is_in
    assert asked(world, thief).submit("Ce n'est pas moi").heading == SUSPENDED
    assert not inside.is_in


def test_a_contested_guest_falls_alone_and_the_inviter_invites_no_more(world: World) -> None:
    inviter = holder(world, "titulaire")
    guest, pending = guest_of(inviter, "inconnu"), invite(inviter, "suivant")
    inside = {email: Inside(inviter.syndic, email) for email in (inviter.email, guest)}
    question = asked(world, inviter, 1)
    assert "votre propre accès et ceux des autres titulaires restent les mêmes" in question.text
    assert question.submit("Ce n'est pas moi").heading == SUSPENDED
    assert inside[inviter.email].is_in, "the inviter's own proofs stand"
    assert not inside[guest].is_in
    assert GONE in opened(world, pending).text
    assert not inviter.holders().has("a", INVITE), "nobody is invited before that is settled"
    world.work()
    alert = next(m for m in world.mails_to(f"contact@{inviter.syndic.slug}.example") if "contesté" in m.subject)
    assert "restent les mêmes" in alert.text, "the syndic is not told to print new codes"
    remove(inviter)
    assert inviter.holders().has("a", INVITE), "once the guest is gone, they may again"


def test_no_invitation_revives_a_suspended_link(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    thief, other = holder(world, "voleur", syndic), holder(world, "seconde", syndic)
    asked(world, thief).submit("Ce n'est pas moi")
    invitation = invite(other, "voleur")
    page = until_question(world, invitation).submit("Confirmer")
    assert page.status == 409
    assert "suspendu" in page.text
    assert "Cet accès est suspendu" in thief.accounts().text


def test_a_holder_by_other_proofs_stands_when_another_is_contested(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    honest, thief = holder(world, "honnete", syndic), holder(world, "voleur", syndic)
    guest = guest_of(honest)
    inside = [Inside(syndic, email) for email in (honest.email, guest)]
    asked(world, thief, 1).submit("Ce n'est pas moi")
    world.work()
    assert [each.is_in for each in inside] == [True, True]
    assert "/no-account" not in signed_in(world, thief.email)[1].url
    _, page = legacy_sign_in(Browser(), syndic, honest.account)
    assert "Cet identifiant ne peut plus être utilisé." in page.alert, "the shared secret is in doubt"


def test_a_second_association_by_the_shared_code_ends_no_invitation(world: World) -> None:
    """Somebody who still uses the shared code associates it: what others hold or began goes on."""
    syndic = world.syndic(legacy_disable="never")
    inviter = holder(world, "premiere", syndic)
    pending = invite(inviter)
    last = until_question(world, pending)
    associate(world, syndic, syndic.accounts[0], f"conjoint@{syndic.slug}.example", PASSWORD)
    assert last.submit("Confirmer").heading == "Ce compte est associé"
    assert email_sign_in(syndic, pending.address).userinfo["account"]
    assert "3 personnes" in inviter.holders().text


def test_an_accepted_invitation_leaves_the_shared_code_as_it_is(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    inviter = holder(world, "partage", syndic)
    shared = Browser()
    party, page = legacy_sign_in(shared, syndic, syndic.accounts[0])
    tokens = party.complete(page)
    accept(world, invite(inviter))
    assert party.userinfo(tokens.access_token).status_code == 200, "who is inside by it stays inside"
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    assert party.complete(page).id_claims["acr"] == "legacy"
