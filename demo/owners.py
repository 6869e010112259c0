"""The identities that the demonstration begins with, made as owners make them: page by page, over HTTP."""

import re
import time
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx2

from demo.failures import DemoError
from demo.layout import Layout
from demo.manifest import Facts, account_entry
from demo.samples import Account, Samples, Syndic
from demo.walking import Browser, Page

CODE = re.compile(r"\b(\d{4}) ?(\d{4})\b")
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.05
PASSWORDS = ("corbeau-lampe-tracteur-violon", "genou-parasol-melon-fanfare")
IN_TURN = "Vos anciens identifiants seront désactivés."


@dataclass(frozen=True)
class Owner:
    """A person to be: address, password, and the accounts to link, the default one first."""

    email: str
    password: str
    accounts: tuple[tuple[Syndic, Account], ...]


def chosen(samples: Samples) -> tuple[Owner, ...]:
    """Who has accounts at both partners of the first circle, two at the first; and somebody at the last syndic."""
    by_slug = {syndic.slug: syndic for syndic in samples.syndics}
    one, other = (by_slug[slug] for slug in samples.trust["circle"][0]["members"][:2])
    last = samples.syndics[-1]
    alone = next(each for each in last.accounts if each.email and each.email.casefold() not in samples.shared_addresses)
    return (
        _of_both(one, other),
        Owner(str(alone.email), PASSWORDS[1], ((last, alone),)),
    )


def _of_both(one: Syndic, other: Syndic) -> Owner:
    for account in one.accounts:
        here, there = one.held_by(account.email or "-"), other.held_by(account.email or "-")
        if len(here) > 1 and there:
            accounts = ((one, here[0]), (one, here[1]), (other, there[0]))
            return Owner(str(account.email), PASSWORDS[0], accounts)
    raise DemoError(f"In demo/data nobody has two accounts at {one.slug} and one at {other.slug}.")


def make(layout: Layout, owner: Owner, facts: Facts) -> None:
    """Link the owner's accounts one after the other, and write into `facts` what came of it.

    Raises:
        DemoError: a page, the mail or the disablement did not come.
    """
    entries = {entry["slug"]: entry for entry in facts["syndics"]}
    with closing(Browser(layout.logs / "web.log")) as browser:
        for syndic, account in owner.accounts:
            _associate(layout, browser, entries[syndic.slug]["extranet"], account, owner)
        _await_disablement(layout, browser)
    for syndic, account in owner.accounts:
        _note(entries[syndic.slug], account)
    links = [{"syndic": syndic.slug, "identifier": account.identifier} for syndic, account in owner.accounts]
    defaults = [{**link, "default": number == 0} for number, link in enumerate(links)]
    facts["identities"].append({"email": owner.email, "password": owner.password, "links": defaults})


def empty_inbox(layout: Layout) -> None:
    """Throw away the mails of all this: who comes next finds an empty box."""
    _ask_inbox(layout, "DELETE")


def _note(entry: dict[str, Any], account: Account) -> None:
    state = "linked" if entry["policy"]["legacy_disable"] == "never" else "disabled"
    # An account that was listed to be tried is in use now.
    entry["accounts"] = [each for each in entry["accounts"] if each["identifier"] != account.identifier]
    entry["accounts"].append(account_entry(account, state))


def _associate(layout: Layout, browser: Browser, extranet: str, account: Account, owner: Owner) -> None:
    earlier = {mail["id"] for mail in _mails(layout)}
    page = _until_waiting(browser, extranet, account, owner)
    page = page.press("Valider", **{"Code reçu par e-mail": _mailed_code(layout, owner.email, earlier)})
    if page.offers("Connexion"):  # the address has an identity by now, and its password is asked
        page = page.press("Connexion", **{"Adresse e-mail": owner.email, "Mot de passe": owner.password})
    page = page.press("Confirmer")
    if page.heading != "Ce compte est associé":
        raise DemoError(f"{account.identifier} was not linked: the page says « {page.heading} ».")


def _until_waiting(browser: Browser, extranet: str, account: Account, owner: Owner) -> Page:
    """From the extranet's « Associer mon compte » to the page that waits for the code."""
    page = browser.get(f"{extranet}/associate")
    code = {"Adresse e-mail ou identifiant": account.identifier, "Mot de passe": account.password}
    page = page.press("Connexion", **code).press("Étape suivante")
    page = page.press("Continuer", **{"Adresse e-mail": owner.email})
    page = page.press("Continuer", **{"Mot de passe": owner.password})
    return page.press("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})


def _mailed_code(layout: Layout, email: str, earlier: set[str]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for mail in _mails(layout):
            found = CODE.search(mail["text"] or "")
            if mail["id"] not in earlier and mail["to"].casefold() == email.casefold() and found:
                return "".join(found.groups())
        time.sleep(LOOK_SECONDS)
    raise DemoError(f"No mail with a code reached {email} in {PATIENCE_SECONDS:.0f} s.", log=layout.logs / "worker.log")


def _await_disablement(layout: Layout, browser: Browser) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while IN_TURN in unescape(browser.get(f"{layout.broker}/account/accounts").text):
        if time.monotonic() > deadline:
            raise DemoError("The former identifiers are not disabled.", log=layout.logs / "worker.log")
        time.sleep(LOOK_SECONDS)


def _mails(layout: Layout) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = _ask_inbox(layout, "GET").json()
    return mails


def _ask_inbox(layout: Layout, method: str) -> httpx2.Response:
    try:
        return httpx2.request(method, f"{layout.inbox}/api/messages", trust_env=False).raise_for_status()
    except httpx2.HTTPError as error:
        raise DemoError(f"The inbox does not answer: {error}", log=layout.logs / "inbox.log") from error
