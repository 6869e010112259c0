"""One syndic with somebody in every situation, so that a request can be valid at every endpoint."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from config.database import transaction
from tenants.clients import registry
from tenants.clients import service as clients
from tenants.syndics import service as syndics
from tests.browser import Browser, Page
from tests.journeys.association.beginnings import contest_link, known_address
from tests.journeys.publishing import publish
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.security.person import Person, person
from tests.security.wire import Pair, Reply, Wire, send
from tests.world import TestSyndic, World

VERIFIER = "verifier-" + "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
ASSERTION_TYPE = b"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def pairs(**values: str | bytes) -> tuple[Pair, ...]:
    """Pairs of a query or a form."""
    return tuple((name.encode(), value.encode() if isinstance(value, str) else value) for name, value in values.items())


def cookies_of(browser: Browser) -> tuple[Pair, ...]:
    """What a browser holds."""
    return tuple((cookie.name.encode(), (cookie.value or "").encode()) for cookie in browser.http.cookies.jar)


@dataclass
class Stage:
    """Who stands where. Requests that use something up get it fresh from here."""

    world: World
    syndic: TestSyndic
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    email: str = ""
    signed_in: tuple[Pair, ...] = ()
    draft: tuple[Pair, ...] = ()
    waiting: tuple[Pair, ...] = ()
    proved: tuple[Pair, ...] = ()
    asked: tuple[Pair, ...] = ()
    shown: str = ""
    forms: tuple[Pair, ...] = ()
    csrf: str = ""
    confirm: str = ""
    reset: str = ""
    dispute: str = ""
    contest: str = ""
    contest_code: str = ""
    signing_client: str = ""
    own_client: tuple[str, str] = ("", "")
    _nonce: bytes = b""
    _nonce_since: float = 0.0

    @property
    def base(self) -> str:
        """The server."""
        return self.world.base

    @property
    def path(self) -> str:
        """The issuer's path."""
        return f"/t/{self.syndic.slug}"

    @property
    def basic(self) -> Pair:
        """The header by which the extranet says who it is."""
        login = f"{self.syndic.client_id}:{self.syndic.client_secret}".encode()
        return b"Authorization", b"Basic " + base64.b64encode(login)

    @cached_property
    def person(self) -> Person:
        """Of « Mon compte »; made when it is first asked for."""
        return person(self.world, self.syndic, *self.syndic.accounts[7:9])

    def authorization(self, **extra: str | bytes) -> tuple[Pair, ...]:
        """A valid authorization request's parameters."""
        return pairs(
            response_type="code",
            client_id=self.syndic.client_id,
            redirect_uri=self.syndic.redirect_uri,
            scope="openid profile email accounts offline_access",
            state="state-of-the-extranet",
            nonce="nonce-of-the-extranet",
            code_challenge=CHALLENGE,
            code_challenge_method="S256",
            **extra,
        )

    def handle(self, *, signed_in: bool = False, **extra: str) -> str:
        """The handle of a request that waits."""
        asked = self.send(
            Wire("GET", f"{self.path}/authorize", self.authorization(**extra), cookies=self.signed_in * signed_in)
        )
        assert asked.status == 303, asked.text[:300]
        return dict(asked.query)["r"]

    def code(self) -> str:
        """A fresh code of the person who is signed in."""
        asked = self.send(Wire("GET", f"{self.path}/authorize", self.authorization(), cookies=self.signed_in))
        return dict(asked.query)["code"]

    def announced(self) -> str:
        """Where the browser is sent after an announcement of the last account, which nothing else is done with."""
        person = pairs(identifier=self.syndic.accounts[-1].identifier, auth_time=str(int(time.time())))
        answer = self.send(Wire("POST", f"{self.path}/associations", form=person, headers=(self.basic,)))
        return str(answer.json()["request_uri"])

    def redemption(self) -> tuple[Pair, ...]:
        """A valid code request's parameters."""
        uri = self.syndic.redirect_uri
        return pairs(grant_type="authorization_code", code=self.code(), redirect_uri=uri, code_verifier=VERIFIER)

    def tokens(self) -> dict[str, str]:
        """Fresh tokens of the person who is signed in."""
        answer = self.send(Wire("POST", f"{self.path}/token", form=self.redemption(), headers=(self.basic,)))
        assert answer.status == 200, answer.text
        return dict(answer.json())

    def assertion(self, **changes: Any) -> str:
        """A client assertion as its client signs it; `changes` to its claims (None: without) and `header`."""
        now, header = int(time.time()), changes.pop("header", {})
        issuer, own = self.syndic.issuer, self.signing_client
        claims = {"iss": own, "sub": own, "aud": issuer, "exp": now + 60, "jti": secrets.token_hex(16), **changes}
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.serialize_compact({"alg": "ES256", **header}, json.dumps(kept), self.key, algorithms=["ES256"])

    def proof(self, endpoint: str, **changes: Any) -> str:
        """A DPoP proof of the same key for a POST to an endpoint."""
        header = {
            "alg": "ES256",
            "typ": "dpop+jwt",
            "jwk": self.key.as_dict(private=False),
            **changes.pop("header", {}),
        }
        claims = {"htm": "POST", "htu": f"{self.syndic.issuer}/{endpoint}", "iat": int(time.time())}
        claims |= {"jti": secrets.token_hex(16), "nonce": self.nonce.decode(), **changes}
        return jws.serialize_compact(header, json.dumps(claims), self.key, algorithms=["ES256"])

    @property
    def nonce(self) -> bytes:
        """The nonce that the server gives with its refusal."""
        if time.monotonic() - self._nonce_since > 200:
            self._nonce, self._nonce_since = b"-", time.monotonic()
            headers = (self.basic, (b"DPoP", self.proof("token").encode()))
            refused = self.send(Wire("POST", f"{self.path}/token", form=pairs(grant_type="x"), headers=headers))
            self._nonce = refused.header("DPoP-Nonce").encode()
        return self._nonce

    def send(self, request: Wire) -> Reply:
        """Send a request."""
        return send(self.base, request)

    def secrets(self) -> list[str]:
        """What no log may hold."""
        held = [
            value.decode()
            for cookies in (self.signed_in, self.draft, self.waiting, self.proved, self.asked)
            for _, value in cookies
        ]
        held += [
            self.confirm,
            self.reset,
            self.dispute,
            self.contest,
            self.contest_code,
            PASSWORD,
            self.syndic.client_secret,
            self.own_client[1],
        ]
        if "person" in self.__dict__:
            held += [self.person.email, self.person.new_email, *self.person.held]
        held += [self.email, *(account.password for account in self.syndic.accounts)]
        return [secret for secret in held if len(secret) > 5]


def arranged(world: World) -> Stage:
    """Bring somebody into every situation."""
    stage = Stage(world, world.syndic(accounts=10))
    first, second, third, fourth, fifth, *_ = stage.syndic.accounts
    _add_clients(stage)
    stage.email, other = (f"{name}@{stage.syndic.slug}.example" for name in ("premier", "second"))
    associate(world, stage.syndic, first, stage.email)
    browser = Browser()
    sign_in(RelyingParty(stage.syndic).begin(browser), stage.email, PASSWORD)
    stage.signed_in = cookies_of(browser)
    _, retired = legacy_sign_in(Browser(), stage.syndic, first)
    stage.dispute = dict(_query(retired, "Je n'ai pas choisi d'adresse"))["p"]
    associate(world, stage.syndic, second, other)
    stage.contest = contest_link(world, known_address(second)).rsplit("/", 1)[1]
    stage.contest_code = world.mailed_code(known_address(second))
    stage.reset = _reset(world, other)
    stage.draft = cookies_of(_until_terms(stage, third))
    stage.waiting, stage.confirm, _ = _waiting(stage, fourth, "quatrieme")
    _, _, page = _waiting(stage, fifth, "cinquieme")
    code = world.mailed_code(f"cinquieme@{stage.syndic.slug}.example")
    page.submit("Valider", **{"Code reçu par e-mail": code})
    stage.proved = cookies_of(page.browser)
    stage.asked, stage.shown = _asked(world)
    form = Browser()
    stage.csrf = str(form.get(f"{world.base}/login").soup.find("input", {"name": "csrf_token"})["value"])  # type: ignore[index]  # it is there
    stage.forms = cookies_of(form)
    return stage


def _asked(world: World) -> tuple[tuple[Pair, ...], str]:
    """A browser that is signed in and must accept new terms first, and what its page says that it showed."""
    syndic, browser = world.syndic(accounts=1), Browser()
    email = f"sixieme@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    publish(world, syndic)
    page = sign_in(RelyingParty(syndic).begin(browser), email, PASSWORD)
    return cookies_of(browser), page.hidden("shown")


def _add_clients(stage: Stage) -> None:
    common = {"redirect_uris": [stage.syndic.redirect_uri], "grant_types": ["client_credentials", "authorization_code"]}
    signs = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [stage.key.as_dict(private=False)]}}
    with stage.world.application.app_context(), transaction():
        row = syndics.get(stage.syndic.slug)
        stage.signing_client = clients.add_client(row, {**common, **signs, "client_name": "Signe"})[0].client_id
        posts = {**common, "token_endpoint_auth_method": "client_secret_post", "client_name": "Poste"}
        client, secret = clients.add_client(row, posts)
        stage.own_client = (client.client_id, secret)
    registry.forget()


def _query(page: Page, link: str) -> list[tuple[str, str]]:
    return Reply(303, [("Location", str(page.link(link)["href"]))], b"").query


def _reset(world: World, email: str) -> str:
    page = Browser().get(f"{world.base}/forgotten")
    page.submit(str(page.soup.find("main").find("button").get_text(strip=True)), **{"Adresse e-mail": email})  # type: ignore[union-attr]  # they are there
    world.work()
    return world.mailed_link(email).rsplit("/", 1)[1]


def _until_terms(stage: Stage, account: Any) -> Browser:
    browser = Browser()
    _, page = legacy_sign_in(browser, stage.syndic, account, acr_values="password")
    page = page.submit("Étape suivante")
    page = page.submit("Continuer", **{"Adresse e-mail": f"troisieme@{stage.syndic.slug}.example"})
    page.submit("Continuer", **{"Mot de passe": PASSWORD})
    return browser


def _waiting(stage: Stage, account: Any, name: str) -> tuple[tuple[Pair, ...], str, Page]:
    email, browser = f"{name}@{stage.syndic.slug}.example", Browser()
    _, page = legacy_sign_in(browser, stage.syndic, account, acr_values="password")
    page = until_waiting(page, email)
    stage.world.work()
    return cookies_of(browser), stage.world.mailed_link(email).rsplit("/", 1)[1], page
