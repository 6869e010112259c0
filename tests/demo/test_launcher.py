"""`make demo`: one start of everything, looked at from outside, then ended in the ways that things end."""

import json
import os
import signal
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx2
import psutil
import pytest

from tests.browser import Browser, Page
from tests.demo.launching import Launcher, eventually, gone

pytestmark = pytest.mark.xdist_group("demo")
SignIn = Callable[[str, str, str], Page]
SETTINGS = {"TROUSSEAU_RESEND_S": "7"}


@pytest.fixture(scope="module", name="launcher")
def _launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path_factory.mktemp("demo"))
    try:
        launcher.stay(**SETTINGS)
        yield launcher
    finally:
        launcher.clear()


@pytest.fixture(name="manifest")
def _manifest(launcher: Launcher) -> dict[str, Any]:
    return launcher.manifest()


@pytest.fixture(name="sign_in")
def _sign_in() -> Iterator[SignIn]:
    """Sign in at an extranet with a name and a password, each time in a new browser."""
    with ExitStack() as opened:

        def sign_in(extranet: str, name: str, password: str) -> Page:
            browser = opened.enter_context(closing(Browser()))
            page = browser.get(f"{extranet}/").follow("Se connecter")
            return page.submit("Connexion", **{"Adresse e-mail ou identifiant": name, "Mot de passe": password})

        yield sign_in


def _shown(page: Page, name: str) -> str:
    found = page.soup.select_one(f"[data-testid={name}]")
    assert found is not None, f"the extranet promises its {name}; the page at {page.url} says: {page.text[:400]}"
    return found.text


def test_the_manifest_has_what_a_program_needs_and_is_for_its_owner_only(
    launcher: Launcher, manifest: dict[str, Any]
) -> None:
    wanted = ["broker", "portal", "account", "accounts", "inbox", "admin", "timings"]
    assert list(manifest) == [*wanted, "syndics", "trust", "identities", "processes"]
    assert manifest["admin"] is None
    assert manifest["timings"] == {"resend_s": 7, "mail_link_s": 604800, "legacy_lock_s": 900}, (
        "a setting of the caller's passes through, the others are the defaults"
    )
    assert stat.S_IMODE(launcher.manifest_file.stat().st_mode) == 0o600, "it holds secrets"
    assert set(manifest["processes"]) == {"web", "worker", "beat", "postgres", "valkey"}
    assert len(manifest["processes"]["web"]) == 2, "the web processes themselves are named"


def test_each_syndic_lists_accounts_to_try(manifest: dict[str, Any]) -> None:
    for syndic in manifest["syndics"]:
        free = [each for each in syndic["accounts"] if each["state"] == "active"]
        silent = [each for each in free if not each["email"]]
        assert len(free) >= 20, f"{syndic['slug']} promises 20 unassociated accounts"
        assert len(silent) >= 5, f"{syndic['slug']} promises 5 of them without an address"
        assert all(each["password"] and each["holder"] for each in free), "each has a code and a holder"
    addresses = Counter(
        each["email"].casefold() for syndic in manifest["syndics"] for each in syndic["accounts"] if each["email"]
    )
    shared = {email for email, count in addresses.items() if count > 1}
    assert shared == {manifest["identities"][0]["email"]}, "who tries several accounts meets no partner by surprise"


def test_the_syndics_are_of_the_kinds_that_were_promised(manifest: dict[str, Any]) -> None:
    syndics = manifest["syndics"]
    assert [each["connector"] for each in syndics[:2]] == ["imported", "http"]
    policies = {(each["policy"]["association"], each["policy"]["deadline"] is None) for each in syndics}
    assert policies == {("optional", True), ("required", False)}
    client = syndics[0]["clients"][0]
    assert "http://127.0.0.1:9999/callback" in client["redirect_uris"], "a checker can play the relying party"
    assert "http://127.0.0.1:9999/logged-out" in client["post_logout_redirect_uris"]
    pairs = [(row["from"], row["to"]) for row in manifest["trust"]]
    assert len(pairs) == len(set(pairs)) == 4, "a row for each direction of the circle and of the agreement"


def test_everything_answers_and_each_issuer_is_itself(manifest: dict[str, Any]) -> None:
    for address in (manifest["portal"], manifest["inbox"]["url"], manifest["inbox"]["api"]):
        assert httpx2.get(address, timeout=30).is_success, address
    for syndic in manifest["syndics"]:
        found = httpx2.get(f"{syndic['issuer']}/.well-known/openid-configuration", timeout=30).json()
        assert found["issuer"] == syndic["issuer"], "discovery names the manifest's issuer"
        assert httpx2.get(f"{syndic['extranet']}/", timeout=30).is_success, "its extranet answers"
    assert httpx2.get(manifest["inbox"]["api"], timeout=30).json() == [], "whoever comes finds an empty inbox"


def test_the_first_identity_opens_both_partners_extranets_with_one_password(
    manifest: dict[str, Any], sign_in: SignIn
) -> None:
    person = manifest["identities"][0]
    syndics = {each["slug"]: each for each in manifest["syndics"]}
    links = Counter(link["syndic"] for link in person["links"])
    assert sorted(links.values()) == [1, 2], "an account at one partner, two at the other"
    for slug, count in links.items():
        page = sign_in(syndics[slug]["extranet"], person["email"], person["password"])
        claims = json.loads(_shown(page, "claims"))
        assert claims["id_token"]["acr"] == "password", "it is the identity that signed in"
        assert len(claims["userinfo"]["accounts"]) == count, "all of its accounts at this syndic, and no other's"
        assert claims["userinfo"]["account"]["identifier"] in {link["identifier"] for link in person["links"]}


def test_states_of_linked_accounts_are_true(manifest: dict[str, Any], sign_in: SignIn) -> None:
    syndics = {each["slug"]: each for each in manifest["syndics"]}
    for person in manifest["identities"]:
        for link in person["links"]:
            syndic = syndics[link["syndic"]]
            account = next(each for each in syndic["accounts"] if each["identifier"] == link["identifier"])
            page = sign_in(syndic["extranet"], account["identifier"], account["password"])
            retired = "Cet identifiant ne peut plus être utilisé." in page.alert
            assert retired == (account["state"] == "disabled"), f"{link} is {account['state']}, says the manifest"


def test_an_old_code_opens_the_extranet_that_keeps_it(manifest: dict[str, Any], sign_in: SignIn) -> None:
    syndic = next(each for each in manifest["syndics"] if each["connector"] == "http")
    account = syndic["accounts"][0]
    page = sign_in(syndic["extranet"], account["identifier"], account["password"]).follow("Plus tard")
    assert _shown(page, "account-identifier") == account["identifier"]


def test_a_second_launcher_in_the_folder_says_so_and_leaves_the_first_alone(launcher: Launcher) -> None:
    status, said = launcher.run(PORT="8000")
    assert status == 1, "it does not start"
    assert f"running in {launcher.folder} already (pid {launcher.process.pid}" in said, said
    assert launcher.manifest_file.exists(), "the manifest of the first is still there"


@pytest.mark.parametrize("name", ["worker", "web", "beat", "valkey", "postgres"])
def test_what_is_killed_comes_back(launcher: Launcher, manifest: dict[str, Any], name: str) -> None:
    before = _pids(manifest, name)
    os.kill(before[0], signal.SIGKILL)

    def replaced() -> list[int]:
        now = _pids(launcher.manifest(), name)
        return now if before[0] not in now and len(now) == len(before) else []

    after = eventually(f"the manifest names a new {name} for the killed one", replaced)
    assert all(psutil.pid_exists(pid) for pid in after), "and it runs"
    eventually("the broker is ready again", lambda: _is_ready(manifest["broker"]))


def test_ctrl_c_ends_all_of_it(launcher: Launcher) -> None:
    family = launcher.family()
    said = launcher.interrupt()
    assert launcher.process.returncode == 0, f"Ctrl-C is no failure: {said}"
    assert gone(family), f"nothing is left running of {[each.pid for each in family]}"
    assert not launcher.manifest_file.exists(), "the manifest goes with what it speaks of"


def test_kept_data_go_on_and_a_killed_launcher_takes_all_with_it(launcher: Launcher, sign_in: SignIn) -> None:
    _end(launcher)
    kept = json.loads((launcher.folder / "kept.json").read_text("utf-8"))
    launcher.stay(KEEP="1")
    manifest = launcher.manifest()
    assert manifest["syndics"] == kept["syndics"], "the same issuers, clients and secrets"
    person = manifest["identities"][0]
    page = sign_in(manifest["syndics"][0]["extranet"], person["email"], person["password"])
    assert _shown(page, "account-identifier") == person["links"][0]["identifier"], "and the same people sign in"
    family = launcher.family()
    launcher.kill()
    eventually("all have gone with the killed launcher", lambda: gone(family))


def _end(launcher: Launcher) -> None:
    if launcher.process.poll() is None:
        launcher.interrupt()


def _pids(manifest: dict[str, Any], name: str) -> list[int]:
    found = manifest["processes"][name]
    return found if isinstance(found, list) else [found]


def _is_ready(broker: str) -> bool:
    try:
        return httpx2.get(f"{broker}/readyz", timeout=30).is_success
    except httpx2.HTTPError:
        return False
