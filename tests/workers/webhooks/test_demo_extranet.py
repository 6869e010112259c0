"""The demonstration's extranet beside the real broker: it hears what happened, and of sessions that have ended."""

from pathlib import Path

from config.database import transaction
from tenants.syndics import service as syndics
from tenants.webhooks import endpoints
from tests.browser import Browser
from tests.journeys.extranets import running
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.world import World


def test_the_extranet_hears_of_an_association_and_of_a_logout_elsewhere(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, keeps_its_codes=False) as extranet:
        syndic = extranet.syndic
        with transaction():
            endpoints.add(syndics.get(syndic.slug).id, "Extranet", f"{extranet.url}/webhooks")
        world.change_client(syndic, backchannel_logout_uri=f"{extranet.url}/backchannel-logout")
        email = f"claire@{syndic.slug}.example"
        associate(world, syndic, syndic.accounts[0], email)
        world.work()
        page = Browser().get(f"{extranet.url}/events")
        assert "association.confirmed" in page.text
        assert "legacy.disabled" in page.text
        browser = Browser()
        page = sign_in(browser.get(f"{extranet.url}/login"), email, PASSWORD)
        assert page.heading == "Bonjour", page.text[:300]
        browser.get(f"{world.base}/account/devices").submit("Déconnecter partout")
        world.work()
        assert browser.get(extranet.url).heading == "Votre espace client", "it was told, and nobody is signed in there"
