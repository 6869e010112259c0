"""What owners of second factors do beside showing them: a reset, a removal, many things at once."""

import threading
from collections.abc import Callable

from sqlalchemy import select

from broker.identities import service as identities
from broker.identities.factors.models import AuthenticatorApp, FactorCheck, RecoveryCode
from config.database import session
from tests.broker.oidc.owners import Owner
from tests.browser import Browser, Page
from tests.journeys.factors import (
    SECURITY,
    security,
)
from tests.world import World

Model = type[RecoveryCode] | type[AuthenticatorApp] | type[FactorCheck]


LOGIN = "Mon compte immobilier"


NEW_PASSWORD = "girafe-ruban-lampe-jardin"


def reset_password(world: World, email: str) -> None:
    """Choose `NEW_PASSWORD` by the mailed link."""
    page = Browser().get(f"{world.base}/forgotten")
    page.submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    page = Browser().get(world.mailed_link(email))
    page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": NEW_PASSWORD})


def remove_app(world: World, browser: Browser) -> None:
    """« Retirer » the one factor that is shown first."""
    page = security(world, browser).follow("Retirer")
    assert page.heading == "Retirer cette étape ?", page.text[:300]
    assert page.submit("Retirer").heading == SECURITY


def kept(world: World, person: Owner, model: Model) -> int:
    """How many rows of that kind the person has."""
    with world.application.app_context():
        found = identities.by_email(person.email)
        assert found is not None
        return len(session().scalars(select(model).where(model.identity_id == found.id)).all())


def at_once(acts: list[Callable[[], Page]]) -> list[Page]:
    """Do them all at the same moment."""
    ready, pages = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Page]) -> None:
        ready.wait()
        pages.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pages
