"""Syndics side by side: many at once, with names that look alike, odd addresses, and words full of markup."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from marshmallow import ValidationError

from config.database import transaction
from tenants.clients import service as clients
from tenants.clients.refusals import BadClient
from tenants.clients.schemas import ClientSchema
from tenants.syndics import service as syndics
from tests.browser import Arrived, Browser
from tests.journeys.steps import legacy_sign_in, sign_in
from tests.relying_party import RelyingParty, Tokens
from tests.security.wire import Reply, exchange
from tests.world import TestSyndic, World

THREADS = 8
FLOWS = 10
MARKUP = "<script>x()</script>\"'>{{ 7*7 }}"


def _owner(syndic: TestSyndic, number: int) -> list[Tokens]:
    """One owner in one browser: signs in with the printed code, then comes back silently, again and again."""
    account, browser = syndic.accounts[number], Browser()
    party = RelyingParty(syndic)
    gained = [party.complete(sign_in(party.begin(browser), account.identifier, account.password))]
    for _ in range(FLOWS - 1):
        party = RelyingParty(syndic)
        gained.append(party.complete(party.begin(browser, prompt="none")))
    browser.close()
    return gained


def test_the_flows_of_two_syndics_in_parallel_never_mix(world: World) -> None:
    """Both number their accounts alike. Each flow checks issuer, audience, state, nonce and keys by itself."""
    houses = [world.syndic(accounts=THREADS), world.syndic(accounts=THREADS)]
    tasks = [(syndic, number) for number in range(THREADS) for syndic in houses]
    with ThreadPoolExecutor(len(tasks)) as pool:
        gained = list(pool.map(lambda task: _owner(*task), tasks))
    subjects: dict[str, tuple[str, int]] = {}
    for (syndic, number), flows in zip(tasks, gained, strict=True):
        assert len(flows) == FLOWS
        for flow in flows:
            account = syndic.accounts[number]
            assert flow.id_claims["iss"] == syndic.issuer
            assert flow.userinfo["email"] == account.email, f"{syndic.slug} told of somebody else"
            assert flow.userinfo["account"]["identifier"] == account.identifier
            owner = subjects.setdefault(flow.id_claims["sub"], (syndic.slug, number))
            assert owner == (syndic.slug, number), "a subject is one account's at one syndic"
    assert len(subjects) == len(tasks), "each account has one subject, the same in every flow"


FOREIGN: list[tuple[bytes, bytes]] = [
    (b"Host", b"evil.example"), (b"Host", b"127.0.0.1:1"), (b"Host", b""), (b"Host", b"[::1"), (b"Host", b"a b"),
    (b"Host", b"\xff"), (b"X-Forwarded-Host", b"evil.example"), (b"X-Forwarded-Proto", b"https"),
    (b"X-Forwarded-Prefix", b"/t/other"), (b"X-Forwarded-Port", b"1"),
    (b"Forwarded", b"host=evil.example;proto=https"), (b"X-Original-URL", b"/t/other/jwks"),
    (b"X-Rewrite-URL", b"/t/other/jwks"), (b"X-Forwarded-For", b"1.2.3.4"), (b"X-HTTP-Method-Override", b"POST"),
]  # fmt: skip


def _ask(world: World, path: bytes, *headers: tuple[bytes, bytes]) -> Reply:
    own = [] if any(name == b"Host" for name, _ in headers) else [(b"Host", b"127.0.0.1")]
    lines = [b"GET " + path + b" HTTP/1.1", *(name + b": " + value for name, value in [*own, *headers])]
    return exchange(world.base, b"\r\n".join(lines) + b"\r\nConnection: close\r\n\r\n")


def test_no_header_changes_whose_issuer_speaks_or_where_it_leads(world: World) -> None:
    syndic = world.syndic(accounts=0)
    path = syndic.issuer.removeprefix(world.base).encode()
    discovery, asked = path + b"/.well-known/openid-configuration", RelyingParty(syndic).address()
    own = _ask(world, discovery).json()
    assert own["issuer"] == syndic.issuer
    for header in FOREIGN:
        told = _ask(world, discovery, header)
        assert told.status == 400 or told.json() == own, f"{header} changed what the issuer says"
        begun = _ask(world, asked.removeprefix(world.base).encode(), header)
        assert begun.header("Location").startswith(f"/t/{syndic.slug}/login?r="), (
            f"{header}: {begun.header('Location')}"
        )


def _tricks(one: str, other: str) -> list[str]:
    return [
        f"/t/{one}/../{other}/", f"/t/{one}/%2e%2e/{other}/", f"/t/{one}%2f..%2f{other}/", f"/t/{one}/..%2f{other}/",
        f"/t/{one}//../{other}/", f"/t/{one}/./", f"/t//{one}/", f"//t/{one}/", f"/t/{one}//", f"/t/{one.upper()}/",
        f"/T/{one}/", f"/t/{one}%20/", f"/t/%20{one}/", f"/t/{one};{other}/", f"/t/{one}%00/", f"/t/{one}%0a/",
        f"/t/{one},{other}/", f"/t/{one}%252f/", f"/t%2f{one}/", f"/t/{one}%2f", f"/t\\{one}\\",
        f"/t/{one}%5c..%5c{other}/", f"/t/{one}/t/{other}/", f"/t/{one[:-1]}/", f"/t/{one}-/", f"/t/{one}%e2%80%8b/",
        f"/t/{one.replace('a', '%d0%b0', 1)}/", f"/t/%61{one[1:]}/",
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(_tricks("one", "other"))))
def test_an_address_that_is_not_quite_an_issuers_is_nobodys_or_its_own(world: World, number: int) -> None:
    one, other = world.syndic(accounts=0), world.syndic(accounts=0)
    trick = _tricks(one.slug, other.slug)[number]
    for rest in (".well-known/openid-configuration", "jwks"):
        got = _ask(world, f"{trick}{rest}".encode("latin-1"))
        if got.status == 308:
            got = _ask(world, got.header("Location").removeprefix(world.base).encode())
        assert got.status in {200, 400, 404}, f"{trick}: {got.status}"
        if got.status == 200:
            path = one.issuer.removeprefix(world.base).encode()
            assert got.body == _ask(world, path + b"/" + rest.encode()).body, f"{trick} is the one's, or nobody's"


@pytest.mark.parametrize(
    "ending", ["authorize/", "authorize%2f", "authorize%20", "token/", "authorize;x", "AUTHORIZE", "jwks/x"]
)
def test_an_endpoint_has_one_address(world: World, ending: str) -> None:
    path = world.syndic(accounts=0).issuer.removeprefix(world.base)
    assert _ask(world, f"{path}/{ending}".encode()).status == 404


def _named(world: World, slug: str, **fields: Any) -> TestSyndic:
    """A syndic that has chosen its slug."""
    made = world.syndic(accounts=0, slug=slug, **fields)
    return replace(made, slug=slug, issuer=f"{world.base}/t/{slug}")


def test_a_syndic_whose_slug_begins_like_anothers_gets_none_of_its_sign_ins(world: World) -> None:
    honest = world.syndic()
    browser = Browser()
    party, page = legacy_sign_in(browser, honest, honest.accounts[0])
    party.complete(page)
    for slug in (f"{honest.slug}-2", honest.slug[:-1], f"x-{honest.slug[2:]}"):
        page = RelyingParty(_named(world, slug)).begin(browser)
        assert not isinstance(page, Arrived), f"{slug} was told who is signed in at {honest.slug}"
        assert page.heading == "Mon compte immobilier"


@pytest.mark.parametrize(
    "slug", ["A-b", "a_b", "a.b", "a/b", "é", "", "a b", "-a", "a-", "a\n", "x" * 41, "%61", "\u0430gence"]
)
def test_no_slug_can_pose_as_another_or_break_an_address(world: World, slug: str) -> None:
    with pytest.raises(Exception, match="slug"):
        world.syndic(accounts=0, slug=slug)


def test_the_words_of_a_hostile_syndic_are_only_words(world: World) -> None:
    contact = {"phone": MARKUP[:40], "email": f"{MARKUP}@x.example", "hours": MARKUP}
    syndic = world.syndic(name=MARKUP, legal_name=MARKUP, contact=contact)
    with world.application.app_context(), transaction():
        metadata = {"client_name": MARKUP, "redirect_uris": [syndic.redirect_uri]}
        client, secret = clients.add_client(syndics.get(syndic.slug), metadata)
        hostile = replace(syndic, client_id=client.client_id, client_secret=secret)
    browser = Browser()
    pages = [RelyingParty(hostile).begin(browser), browser.get(f"{syndic.issuer}/help")]
    _, consent = legacy_sign_in(browser, hostile, syndic.accounts[0], prompt="consent")
    for page in (*pages, consent, browser.get(f"{syndic.issuer}/association")):
        assert page.status == 200, page.text[:200]
        assert "<script>x()" not in page.response.text, f"{page.url} shows markup as markup"
        assert "49" not in page.heading, "and templates as templates"
        assert "x()" in page.text, f"{page.url} shows the name"


STRANGE_ADDRESSES = [
    "https://a.example/cb\r\nSet-Cookie: x=y", "https://a.example/\n", "\thttps://a.example/",
    "https://a.example/ cb", "https://a.example/\x00", "https://a.example;script-src-elem */cb",
    "https://a.example 'unsafe-inline'/cb", "https://*.example/cb", "https://a.example,b.example/",
    "https://a.example\\@b.example/", "https://a.example\\.b.example/", "https://a@b.example/", "https://:443/",
    "https:///cb", "//a.example/", "https://a.example:99999/", "https://a.example:x/", "https://[::1/",
    "https://é.example/", "https://a.example/é", "javascript:alert(1)//x", "data:text/html,x", "http://a.example/",
    "https://a.example/#", "https://a.example/\u202e", "https://a.example'/",
]  # fmt: skip


@pytest.mark.parametrize("address", STRANGE_ADDRESSES)
def test_no_address_of_a_client_can_break_a_header_or_a_policy(address: str) -> None:
    for name in ("redirect_uris", "post_logout_redirect_uris", "initiate_login_uri", "frontchannel_logout_uri"):
        fields: dict[str, Any] = {"client_name": "x", "redirect_uris": ["https://a.example/cb"]}
        fields[name] = [address] if name.endswith("uris") else address
        with pytest.raises((ValidationError, BadClient)):
            ClientSchema().load(fields)


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/cb?x=1&y=%20z",
        "https://a.example:8443/cb;v=1/(x)!$'*+,=:@~",
        "http://[::1]:9/cb",
        "https://xn--9ca.example/",
    ],
)
def test_an_ordinary_address_of_a_client_is_taken(address: str) -> None:
    assert ClientSchema().load({"client_name": "x", "redirect_uris": [address]})["redirect_uris"] == [address]
