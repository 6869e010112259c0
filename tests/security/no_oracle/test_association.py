"""Associating an account tells its owner of no address whether it has an identity: B3 to B6, and B7's page."""

from html import unescape

from broker.association import proofs
from tests.security.no_oracle.comparing import hold_work
from tests.security.no_oracle.outgoing import promised
from tests.security.no_oracle.owners import elsewhere, owners
from tests.security.no_oracle.people import RIGHT, WRONG
from tests.security.no_oracle.watching import Told, Visitor, Watched
from tests.world import World

PROFILE = {"civility": "Mme", "given_name": "Jeanne", "family_name": "Dupont", "locale": "fr", "password": RIGHT}


def test_no_page_until_the_mail_or_after_it_tells_whether_an_address_has_an_identity(
    house: World, watched: Watched
) -> None:
    people = owners(house, watched)
    assert people.open("/email").status == 200
    assert people.send("/email", email="{}").status == 303
    assert "Première association ?" in people.open("/profile").body
    assert "au moins 12 caractères" in people.send("/profile", **{**PROFILE, "password": "court"}).body
    hold_work(people.send("/profile", **PROFILE), argon2=1)
    assert people.open("/terms").status == 200
    assert people.send("/terms").status == 200, "the terms must be accepted"
    assert people.send("/terms", accept="on").status == 303
    assert "Un mail part" in people.open("/waiting").body
    for malformed_and_wrong in ("1234", "0000 0000"):
        assert "Ce code n'est pas le bon" in unescape(people.send("/waiting/code", code=malformed_and_wrong).body)
    assert people.send("/waiting/resend").status == 429, "a minute must pass"
    house.later(seconds=61)
    assert people.send("/waiting/resend").status == 303
    with house.application.app_context():
        assert promised(people.names) == dict.fromkeys(people.names, 2), "two mails to each address, known or not"


def test_an_address_is_corrected_alike_whether_or_not_the_new_one_has_an_identity(
    house: World, watched: Watched
) -> None:
    people = owners(house, watched)
    people.wait()
    house.later(seconds=61)
    assert "Corrigez votre adresse" in people.open("/email").body
    corrected = people.all_take(lambda visitor, name: _correct(visitor, people.syndic.slug, elsewhere(name)))
    assert corrected.status == 303
    assert "Un mail part" in people.open("/waiting").body
    with house.application.app_context():
        others = list(map(elsewhere, people.names))
        assert promised(others) == dict.fromkeys(others, 1), "one mail to each new address, known or not"


def test_the_mails_page_refuses_a_wrong_password_alike_until_the_attempt_is_void(
    house: World, watched: Watched
) -> None:
    """The identity's own password counts where there is one, the attempt's where there is none."""
    people = owners(house, watched)
    links = people.wait()

    def tried(typed: str) -> Told:
        form = {"password": WRONG}
        return people.all_take(
            lambda visitor, name: visitor.post(
                f"/confirm/{links[name]}", {**form, "email": typed or name}, name, links[name]
            )
        )

    assert people.all_take(lambda visitor, name: visitor.get(f"/confirm/{links[name]}", links[name])).status == 200
    hold_work(tried("autre@orange.fr"), argon2=1)
    for _ in range(proofs.TRIES - 1):
        told = tried("")
        hold_work(told, argon2=1)
        assert "Adresse e-mail ou mot de passe invalide." in told.body
    last = tried("")
    hold_work(last, argon2=1)
    assert last.status == 410, "the fifth failure ends the attempt"
    assert people.attempts() == 0, "every attempt has ended"


def _correct(visitor: Visitor, slug: str, address: str) -> Told:
    return visitor.post(f"/t/{slug}/association/email", {"email": address}, address)
