"""Everything that a syndic can obtain: what its clients are answered, what is kept under its name, what it is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from sqlalchemy import select

from broker.models import metadata
from config.database import session
from tenants.audit.models import LedgerEntry
from tenants.syndics import service as syndics
from tests.browser import Arrived, Browser, Page
from tests.relying_party import RelyingParty
from tests.security.leaks.telltales import written
from tests.world import TestSyndic, World


@dataclass
class Obtained:
    """Text by the place where the syndic found it."""

    pieces: dict[str, str] = field(default_factory=dict)

    def page(self, where: str, page: Page) -> Page:
        """Keep a page, or the address at which the browser has arrived, with all headers."""
        body = page.url if isinstance(page, Arrived) else page.response.text
        self.pieces[where] = f"{page.url}\n{page.response.headers!r}\n{body}"
        return page

    def answer(self, where: str, answer: httpx2.Response) -> httpx2.Response:
        """Keep an answer with all headers."""
        self.pieces[where] = f"{answer.status_code}\n{answer.headers!r}\n{answer.text}"
        return answer

    def value(self, where: str, value: Any) -> None:
        """Keep what was decoded: claims of a token."""
        self.pieces[where] = json.dumps(value, ensure_ascii=False, default=str)

    def traces(self, telltales: Mapping[str, str]) -> list[str]:
        """Which telltale stands where."""
        return [
            f"{what} in {where}"
            for where, text in self.pieces.items()
            for what, value in telltales.items()
            if any(form in text for form in written(value))
        ]


def kept_under(world: World, syndic: TestSyndic, obtained: Obtained) -> None:
    """Every row of every table that is this syndic's, and its evidence: whatever an API, an export or a console of
    the syndic could ever show."""
    with world.application.app_context():
        row = syndics.get(syndic.slug)
        for table in metadata.sorted_tables:
            if "syndic_id" in table.columns:
                found = session().execute(select(table).where(table.c.syndic_id == row.id))
                obtained.pieces[f"table {table.name}"] = "\n".join(str(each) for each in found)
        chain = session().execute(select(LedgerEntry.__table__).where(LedgerEntry.chain == row.id))
        obtained.pieces["its evidence"] = "\n".join(str(each) for each in chain)
        contact = str(row.contact["email"])
    mails = [f"{mail.subject}\n{mail.text}\n{mail.html}" for mail in world.mails_to(contact)]
    obtained.pieces["its mails"] = "\n".join(mails)


def asked_by(syndic: TestSyndic, browser: Browser, obtained: Obtained, stolen: Mapping[str, str]) -> None:
    """Everything that a client asks with somebody's browser at hand: silently, by hints, with what is another's."""
    for name, extra in _requests(stolen):
        party = RelyingParty(syndic)
        page = obtained.page(f"authorize {name}", party.begin(browser, **extra))
        if isinstance(page, Arrived) and "code" in page.query:
            _keep_tokens(party, page, obtained, name)
    party = RelyingParty(syndic)
    for name, token in stolen.items():
        obtained.value(f"introspection of {name}", party.introspect(token))
        obtained.answer(f"userinfo of {name}", party.userinfo(token))
        obtained.answer(f"refresh of {name}", party.refresh(token))
        obtained.answer(f"redemption of {name}", party.redeem(token))
        obtained.answer(f"revocation of {name}", party.revoke(token))
    for path in ("accounts", "login", "choose", "consent", "end_session", "associate", "nothing-here"):
        obtained.page(f"page {path}", browser.get(f"{syndic.issuer}/{path}"))


def _requests(stolen: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    plain = [("silently", {"prompt": "none"}), ("with a page", {}), ("choosing", {"prompt": "select_account"})]
    plain += [("strongly", {"acr_values": "mfa"}), ("badly", {"response_type": "token"})]
    hinted = [
        (f"silently, {parameter} {name}", {"prompt": "none", parameter: value})
        for name, token in stolen.items()
        for parameter, value in (("id_token_hint", token), ("login_hint", token), ("login_hint", f"account:{token}"))
    ]
    return plain + hinted


def _keep_tokens(party: RelyingParty, page: Page, obtained: Obtained, name: str) -> None:
    tokens = party.complete(page)
    obtained.value(f"ID token {name}", tokens.id_claims)
    obtained.value(f"userinfo {name}", tokens.userinfo)
    obtained.value(f"introspection {name}", party.introspect(tokens.access_token))
    address = f"{party.syndic.issuer}/accounts"
    bearer = {"Authorization": f"Bearer {tokens.access_token}"}
    obtained.answer(f"menu {name}", party.http.get(address, headers=bearer))
