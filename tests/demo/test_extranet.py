"""An extranet as relying party, driven by HTTP as a browser would."""

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from demo.extranet_config import ConfigError, read
from demo.tokens import Tokens
from tests.demo.broker_stand_in import SUBJECT
from tests.demo.conftest import Running

ACCOUNT = {"id": "a1", "identifier": "10042303", "label": "Appt 12, bât. B"}


@pytest.fixture(name="browser")
def _browser() -> requests.Session:
    return requests.Session()


def shown(page: str, testid: str) -> str:
    found = re.search(rf'data-testid="{testid}"[^>]*>(.*?)<', page, re.DOTALL)
    assert found, f"the page shows no {testid}"
    return html.unescape(found[1])


def sign_in(running: Running, browser: requests.Session) -> requests.Response:
    running.broker.userinfo |= {"name": "Mme Geneviève Lefèvre", "account": ACCOUNT}
    return browser.get(f"{running.url}/login", timeout=10)


def test_signing_in_shows_the_holder_the_account_and_the_claims(running: Running, browser: requests.Session) -> None:
    assert "Se connecter" in browser.get(running.url, timeout=10).text, "a visitor can sign in"
    page = sign_in(running, browser).text
    assert shown(page, "holder") == "Mme Geneviève Lefèvre", "the holder is shown"
    assert shown(page, "account-identifier") == "10042303", "the account is shown"
    claims = json.loads(shown(page, "claims"))
    assert claims["id_token"]["iss"] == running.broker.issuer, "the id_token's claims are shown"
    assert claims["userinfo"] == {"sub": SUBJECT, "name": "Mme Geneviève Lefèvre", "account": ACCOUNT}


def test_the_request_has_a_challenge_a_state_and_a_nonce_and_asks_for_the_accounts(
    running: Running, browser: requests.Session
) -> None:
    sign_in(running, browser)
    asked = running.broker.asked
    assert asked["code_challenge_method"] == "S256", "PKCE with S256"
    assert len(asked["state"]) >= 20 <= len(asked["nonce"]), "state and nonce cannot be guessed"
    assert asked["scope"].split() == ["openid", "profile", "email", "accounts", "offline_access"]
    assert asked["redirect_uri"] == f"{running.url}/callback"


def test_the_cookie_bears_the_syndics_name_and_the_page_leads_to_the_brokers_accounts(
    running: Running, browser: requests.Session
) -> None:
    page = sign_in(running, browser).text
    assert [cookie.name for cookie in browser.cookies] == ["extranet_merle-bleu"], "cookies know no ports"
    links = {html.unescape(link) for link in re.findall(r'href="([^"]+)"', page)}
    assert f"{running.broker.url}/account/accounts/manage" in links, "« Gérer mes comptes » leads to the broker"
    assert any(link.startswith(f"{running.broker.url}/account/accounts?iss=") for link in links)


LISTED = [{"id": "a1", "label": "Appt 12", "syndic": {"name": "Régie", "slug": "regie", "logo_uri": None}}]


def test_the_menu_is_asked_by_the_extranets_own_server(running: Running, browser: requests.Session) -> None:
    page = sign_in(running, browser)
    running.broker.accounts = LISTED
    assert 'data-accounts-menu="/accounts.json"' in page.text, "the script is told the extranet's own address"
    answer = browser.get(f"{running.url}/accounts.json", timeout=10)
    assert (answer.status_code, answer.json()) == (200, LISTED)
    assert answer.headers["Cache-Control"] == "no-store"
    policy = page.headers["Content-Security-Policy"]
    assert f"script-src {running.broker.url};" in policy, "the broker's script, and no other"
    assert "jeton" not in page.text + answer.text, "no token reaches the browser"


def test_tokens_that_expire_are_renewed_each_by_the_newest_refresh_token() -> None:
    asked: list[str] = []

    def renew(refresh: str) -> dict[str, object]:
        asked.append(refresh)
        return {"access_token": f"access-{len(asked)}", "expires_in": len(asked), "refresh_token": f"{len(asked)}"}

    tokens = Tokens({"access_token": "access-0", "expires_in": 300, "refresh_token": "0"})
    assert tokens.access(renew) == "access-0", "as long as it is good"
    tokens = Tokens({"access_token": "access-0", "expires_in": 1, "refresh_token": "0"})
    assert [tokens.access(renew), tokens.access(renew)] == ["access-1", "access-2"]
    assert asked == ["0", "1"], "each refresh token serves once"
    assert Tokens({"access_token": "alone", "expires_in": 1}).access(renew) == "alone", "printed codes give no other"


def test_without_a_menu_the_extranet_says_so_to_the_script(running: Running, browser: requests.Session) -> None:
    assert browser.get(f"{running.url}/accounts.json", timeout=10).status_code == 401, "nobody is signed in"
    sign_in(running, browser)
    assert browser.get(f"{running.url}/accounts.json", timeout=10).status_code == 502, "the broker lists nothing"


def test_associating_asks_for_a_fresh_sign_in_with_a_password(running: Running, browser: requests.Session) -> None:
    browser.get(f"{running.url}/associate", timeout=10)
    asked = running.broker.asked
    assert (asked["prompt"], asked["acr_values"]) == ("login", "password"), "the parameters of an association"


def test_whoever_is_signed_in_with_codes_is_announced_and_sent_to_the_brokers_page(
    running: Running, browser: requests.Session
) -> None:
    running.broker.claims |= {"acr": "legacy", "auth_time": 1_700_000_000}
    sign_in(running, browser)
    landed = browser.get(f"{running.url}/associate", timeout=10)
    assert running.broker.announced == {"identifier": "10042303", "auth_time": "1700000000"}, "by its own server"
    assert running.broker.opened == {"request_uri": "urn:example:1"}, "the browser carries the reference alone"
    assert landed.text == "Associer ce compte ?"


def test_where_the_announcement_is_refused_the_broker_asks_for_a_sign_in(
    running: Running, browser: requests.Session
) -> None:
    running.broker.claims |= {"acr": "legacy", "auth_time": 1_700_000_000}
    running.broker.refuses_associations = True
    sign_in(running, browser)
    browser.get(f"{running.url}/associate", timeout=10)
    assert (running.broker.asked["prompt"], running.broker.asked["acr_values"]) == ("login", "password")


def test_a_sign_in_started_by_the_broker_keeps_its_hint_and_its_target(
    running: Running, browser: requests.Session
) -> None:
    start = {
        "iss": running.broker.issuer,
        "login_hint": "account:a1",
        "target_link_uri": f"{running.url}/?vue=charges",
    }
    landed = browser.post(f"{running.url}/login", data=start, timeout=10)
    assert running.broker.asked["login_hint"] == "account:a1", "the hint reaches the authorization endpoint"
    assert landed.url == f"{running.url}/?vue=charges", "the browser ends where it was meant to"


@pytest.mark.parametrize("target", ["https://ailleurs.example/", "//ailleurs.example", "http://127.0.0.1:1/x"])
def test_a_sign_in_never_ends_at_somebody_elses_address(
    running: Running, browser: requests.Session, target: str
) -> None:
    landed = browser.get(f"{running.url}/login", params={"target_link_uri": target}, timeout=10)
    assert landed.url == f"{running.url}/", f"{target} is not ours to send people to"


def test_a_start_that_names_another_issuer_is_refused(running: Running, browser: requests.Session) -> None:
    answer = browser.get(f"{running.url}/login", params={"iss": "https://ailleurs.example"}, timeout=10)
    assert answer.status_code == 400, "another issuer is refused"
    assert running.broker.asked == {}, "and nothing is asked of anybody"


@pytest.mark.parametrize(
    ("part", "lie"),
    [
        ("claims", {"nonce": "un-autre"}),
        ("claims", {"iss": "https://ailleurs.example"}),
        ("claims", {"aud": "un-autre-client"}),
        ("claims", {"exp": 1}),
        ("userinfo", {"sub": "quelqu-un-d-autre"}),
    ],
)
def test_a_false_answer_signs_nobody_in(
    running: Running, browser: requests.Session, part: str, lie: dict[str, object]
) -> None:
    getattr(running.broker, part).update(lie)
    answer = browser.get(f"{running.url}/login", timeout=10)
    assert answer.status_code == 400, f"{part} with {lie} was believed"
    assert "Se connecter" in browser.get(running.url, timeout=10).text, "nobody is signed in"


def test_an_answer_of_another_issuer_signs_nobody_in(running: Running, browser: requests.Session) -> None:
    running.broker.answer_iss = "https://ailleurs.example"
    assert browser.get(f"{running.url}/login", timeout=10).status_code == 400, "the iss of the answer is checked"


def test_an_answer_for_another_browser_signs_nobody_in(running: Running, browser: requests.Session) -> None:
    begun = browser.get(f"{running.url}/login", timeout=10, allow_redirects=False).headers["Location"]
    answer = requests.get(begun, timeout=10, allow_redirects=False).headers["Location"]
    assert requests.get(answer, timeout=10).status_code == 400, "a state of another browser is refused"


def test_an_answer_signs_in_once(running: Running, browser: requests.Session) -> None:
    begun = browser.get(f"{running.url}/login", timeout=10, allow_redirects=False).headers["Location"]
    answer = browser.get(begun, timeout=10, allow_redirects=False).headers["Location"]
    assert browser.get(answer, timeout=10).ok, "the browser that began is signed in"
    assert browser.get(answer, timeout=10).status_code == 400, "the same answer is not taken twice"


@pytest.mark.parametrize("error", ["access_denied", "login_required", "server_error", "<b>"])
def test_a_refusal_gives_a_calm_page_that_offers_to_sign_in(
    running: Running, browser: requests.Session, error: str
) -> None:
    running.broker.error = error
    answer = browser.get(f"{running.url}/login", timeout=10)
    assert answer.status_code == 400, "a refusal is no success"
    assert "Se connecter" in answer.text, "the page offers to try again"
    assert "<b>" not in answer.text, "nothing of the answer becomes part of the page"


def test_logging_out_ends_both_sessions_with_the_hint_and_the_way_back(
    running: Running, browser: requests.Session
) -> None:
    sign_in(running, browser)
    left = browser.get(f"{running.url}/logout", timeout=10)
    sent = running.broker.logout
    assert "Vous êtes déconnecté" in left.text, "the heading says so"
    assert sent["post_logout_redirect_uri"] == f"{running.url}/logged-out", "the way back is named"
    assert sent["id_token_hint"].count(".") == 2, "the id_token is the hint"
    assert "Se connecter" in browser.get(running.url, timeout=10).text, "the extranet's own session has ended"
    assert "Vous êtes déconnecté" in browser.get(f"{running.url}/logout", timeout=10).text, "twice does no harm"


def test_a_broker_that_does_not_answer_is_said_as_such(tmp_path: Path) -> None:
    config = _config_file(tmp_path)
    command = [sys.executable, "-m", "demo.extranet", "--config", str(config), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own words
        assert program.stdout
        url = program.stdout.readline().split(": ", 1)[1].strip()
        answer = requests.get(f"{url}/login", timeout=10)
        program.terminate()
        assert program.wait(10) == 0, "SIGTERM ends the program cleanly"
    assert answer.status_code == 502, "the fault is the broker's"
    assert "ne répond pas" in answer.text, "and the page says so"


def _config_file(folder: Path, **changed: object) -> Path:
    known = {
        "slug": "merle-bleu",
        "name": "Merle",
        "colour": "#1f4e8c",
        "issuer": "http://127.0.0.1:1/t/merle-bleu",
        "base": "http://127.0.0.1:1",
        "client_id": "c",
        "client_secret": "s",
        "accounts_csv": None,
    }
    path = folder / "extranet.json"
    path.write_text(json.dumps(known | changed), "utf-8")
    return path


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"colour": "red"}, "colour"), ({"slug": "Merle Bleu"}, "slug"), ({"port": 1}, "port")],
)
def test_a_faulty_configuration_is_refused_with_its_reason(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        read(_config_file(tmp_path, **changed))
