"""Apache's mod_auth_openidc in front of an extranet: a person signs in, is known by `sub`, and logs out."""

import json

import pytest

from tests.browser import Browser, Page
from tests.clients import apache
from tests.journeys.steps import PASSWORD, associate, sign_in
from tests.world import World

pytestmark = pytest.mark.apache


def _shown(page: Page, name: str) -> str:
    assert page.heading == "Mon espace client", f"the protected page was promised, not {page.url}: {page.text[:600]}"
    return str(page.soup.find(id=name).get_text())  # type: ignore[union-attr]  # the page has it, see apache.SHOWN


def test_behind_apache_an_owner_signs_in_and_is_known_by_sub(world: World) -> None:
    with apache.running(world) as extranet:
        account = extranet.syndic.accounts[0]
        page = Browser().get(extranet.url)
        assert page.heading == "Mon compte immobilier", "a protected page sends to the login page"
        page = sign_in(page, account.identifier, account.password)
        assert page.url.startswith(extranet.url)
        assert _shown(page, "REMOTE_USER") == _shown(page, "OIDC_CLAIM_sub") != "(none)"
        assert _shown(page, "OIDC_CLAIM_acr") == "legacy"
        assert json.loads(_shown(page, "OIDC_CLAIM_account"))["identifier"] == account.identifier


def test_behind_apache_nothing_changes_when_the_owner_migrates(world: World) -> None:
    with apache.running(world) as extranet:
        account, email = extranet.syndic.accounts[0], f"apache@{extranet.syndic.slug}.example"
        before = sign_in(Browser().get(extranet.url), account.identifier, account.password)
        associate(world, extranet.syndic, account, email)
        after = sign_in(Browser().get(extranet.url), email, PASSWORD)
        assert _shown(after, "OIDC_CLAIM_acr") == "password"
        assert _shown(after, "REMOTE_USER") == _shown(before, "REMOTE_USER")
        assert _shown(after, "OIDC_CLAIM_account") == _shown(before, "OIDC_CLAIM_account")
        assert _shown(after, "OIDC_CLAIM_person") != "(none)"


def test_a_logout_behind_apache_ends_the_session_here_and_there(world: World) -> None:
    with apache.running(world) as extranet:
        account, browser = extranet.syndic.accounts[0], Browser()
        sign_in(browser.get(extranet.url), account.identifier, account.password)
        target = f"{extranet.url}/logged-out"
        page = browser.get(f"{extranet.url}/callback", params={"logout": target})
        assert (page.heading, page.url) == ("Au revoir", target)
        assert browser.get(extranet.url).heading == "Mon compte immobilier", "the login page comes again"


def test_a_link_behind_apache_starts_the_association(world: World) -> None:
    with apache.running(world) as extranet:
        account, browser = extranet.syndic.accounts[0], Browser()
        sign_in(browser.get(extranet.url), account.identifier, account.password)
        asked = {
            "iss": extranet.syndic.issuer,
            "target_link_uri": f"{extranet.url}/",
            "auth_request_params": "prompt=login&acr_values=password",
        }
        page = browser.get(f"{extranet.url}/callback", params=asked)
        assert page.heading == "Mon compte immobilier", page.text[:600]
        page = sign_in(page, account.identifier, account.password)
        assert page.heading == "Votre accès à l'espace client évolue !"
        assert _shown(page.follow("Plus tard"), "OIDC_CLAIM_acr") == "legacy"


def test_apache_takes_a_sign_in_that_the_broker_begins(world: World) -> None:
    with apache.running(world) as extranet:
        page = Browser().get(f"{extranet.url}/callback", params={"iss": extranet.syndic.issuer})
        assert page.heading == "Mon compte immobilier", page.text[:600]
