"""Attacks that need more coincidences than chance has patience for, each walked once."""

from tests.browser import Browser, Page
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, until_waiting
from tests.world import World

FRESH = "prairie-violon-scie-colombe"
BOTH = ("Adresse e-mail", "Mot de passe")


def _proved(world: World, email: str, password: str = PASSWORD) -> Page:
    return (
        Browser().get(world.mailed_link(email)).submit("Connexion", **dict(zip(BOTH, (email, password), strict=True)))
    )


def _reset(world: World, email: str) -> None:
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    page = Browser().get(world.mailed_link(email))
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": FRESH})
    assert not page.alert, page.text[:300]


def test_what_a_stolen_password_has_proved_dies_with_the_password(world: World) -> None:
    """A thief with the old password and the mail's link waits at « Confirmer » while the owner resets (R2)."""
    syndic = world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    email = f"volee@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[1])
    until_waiting(page, email)
    world.work()
    thief = _proved(world, email)
    assert thief.has("button", "Confirmer"), thief.text[:300]
    link = world.mailed_link(email)
    _reset(world, email)
    came = thief.submit("Confirmer")
    assert came.heading != "Ce compte est associé", "a login in progress dies with the password that it showed"
    assert thief.browser.get(f"{world.base}/account/accounts").heading == "Mon compte immobilier", "nobody is let in"
    page = Browser().get(link).submit("Connexion", **dict(zip(BOTH, (email, FRESH), strict=True)))
    assert page.submit("Confirmer").heading == "Ce compte est associé", "the owner goes on with the new password"


def test_an_identity_that_appeared_meanwhile_is_asked_for_its_own_password(world: World) -> None:
    """Two attempts for one address, both at « Confirmer »: the second made no identity, so it must know the first's."""
    syndic = world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    email, pages = f"deux@{syndic.slug}.example", []
    for account, password in zip(syndic.accounts[:2], (PASSWORD, FRESH), strict=True):
        _, page = legacy_sign_in(Browser(), syndic, account)
        until_waiting(page, email, password)
        world.work()
        pages.append(_proved(world, email, password))
    assert pages[0].submit("Confirmer").heading == "Ce compte est associé"
    came = pages[1].submit("Confirmer")
    assert came.heading == "Confirmez votre adresse e-mail", f"the identity's password is asked for: {came.text[:200]}"
    came = came.submit("Connexion", **dict(zip(BOTH, (email, FRESH), strict=True)))
    assert came.alert, "the attempt's own password is not the identity's"
