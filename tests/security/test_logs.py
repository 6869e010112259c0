"""Secrets and addresses never reach a log."""

import pytest

from tests.browser import Browser
from tests.journeys.steps import PASSWORD, confirm_by_link, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.world import World


def test_a_whole_association_with_failures_leaves_no_secret_in_the_logs(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    syndic = world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    account, email, browser = syndic.accounts[0], f"journal@{syndic.slug}.example", Browser()
    party, page = legacy_sign_in(browser, syndic, account)
    until_waiting(page, email)
    with world.smtp_down():
        world.work()
    world.later(minutes=2)
    world.work()
    link, code = world.mailed_link(email), world.mailed_code(email)
    confirm_by_link(world, browser, email)
    tokens = party.complete(browser.get(party.address(prompt="none")))
    Browser().get(link)  # used: refused, and logged
    Browser().get(f"{world.base}/reset/{'r' * 43}")
    Browser().post(link, {"email": email, "password": PASSWORD})  # without its form token: refused, and logged
    sign_in(RelyingParty(syndic).begin(Browser()), email, "a-typed-wrong-password")
    logged = "".join(capfd.readouterr())
    assert "refused" in logged, "the test reads the logs"
    secrets = [PASSWORD, account.password, "a-typed-wrong-password", code, link.rsplit("/", 1)[1], "r" * 43]
    secrets += [email, account.email or "", tokens.access_token, tokens.id_token, syndic.client_secret]
    secrets += [value for value in browser.http.cookies.values() if len(value) > 20]
    assert len(secrets) > 12
    found = [secret for secret in secrets if secret in logged]
    assert found == [], "no secret and no address is ever logged"
