"""A sign-in made elsewhere goes silently only where it is trusted, and is like none everywhere else."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from broker.identities import releases
from config.database import transaction
from config.embedded.postgres import EmbeddedPostgres
from tenants.syndics import service as syndics
from tenants.trust import service as trust
from tests.broker.oidc.menus import Holder, asked, holder, signed_in
from tests.broker.oidc.owners import OFFLINE, owner
from tests.broker.oidc.relayed import relayed
from tests.broker.oidc.round_trips import RoundTrips
from tests.browser import Arrived, Browser
from tests.journeys.steps import NAME, PASSWORD, legacy_sign_in, sign_in
from tests.relying_party import RelyingParty
from tests.world import World

ONE_USE = re.compile(r"(?<=[?&]r=)[\w-]+|(?<=nonce-)[\w+/=]+")
UNTRUSTED = ("link",)


def _ends_trust(person: Holder) -> None:
    with person.world.application.app_context(), transaction():
        trust.deny(syndics.get(person.partner.slug).id, syndics.get(person.home.slug).id)


class Asking:
    """One broker, warm, asked by browsers that differ in nothing but the session that they hold."""

    def __init__(self, person: Holder, trips: RoundTrips, transport: httpx2.WSGITransport) -> None:
        self.person, self.trips, self.transport = person, trips, transport
        self.party = RelyingParty(person.partner)

    def __call__(self, cookies: dict[str, str], **extra: str) -> tuple[object, ...]:
        """Status, headers, body, and the statements that were made for it."""
        before = len(self.trips.statements)
        with httpx2.Client(transport=self.transport, cookies=cookies) as http:
            answer = http.get(self.party.address(**extra))
        headers = [(name, ONE_USE.sub("", value)) for name, value in answer.headers.items()]
        return answer.status_code, headers, ONE_USE.sub("", answer.text), self.trips.statements[before:]


@pytest.fixture
def asking(world: World, postgres: EmbeddedPostgres, database: str) -> Iterator[Asking]:
    """Somebody who is signed in at a syndic that the one that asks does not trust."""
    person = holder(world, purposes=UNTRUSTED, shown=False)
    with relayed(postgres, database) as (application, trips):
        made = Asking(person, trips, httpx2.WSGITransport(app=application))
        for _ in range(3):
            made({}, prompt="none")
            made(dict(person.browser.http.cookies), prompt="none")
            made({})
            made(dict(person.browser.http.cookies))
        yield made


@pytest.mark.parametrize(
    "extra",
    [
        {"prompt": "none"},
        {"prompt": "none", "login_hint": "account:x"},
        {"prompt": "none", "max_age": "10"},
        {"prompt": "none", "acr_values": "phr"},
        {"prompt": "none", "claims": '{"id_token":{"acr":{"essential":true,"values":["phr"]}}}'},
        {"prompt": "select_account"},
        {"prompt": "consent"},
        {},
    ],
)
def test_a_session_elsewhere_answers_as_none_does_by_the_same_statements(asking: Asking, extra: dict[str, str]) -> None:
    """A hostile extranet that asks again and again, in a frame or not, has nothing to compare."""
    cookies = dict(asking.person.browser.http.cookies)
    names = [name for name in cookies if "session" in name]
    assert names, "she holds a session"
    dead = {**cookies, **dict.fromkeys(names, "x" * 43)}
    none = {name: value for name, value in cookies.items() if name not in names}
    answers = [asking(held, **extra) for held in (cookies, dead, none, {})]
    assert [answer[:3] for answer in answers] == [answers[-1][:3]] * 4
    assert [answer[3] for answer in answers] == [answers[-1][3]] * 4, "not even when it comes may tell"
    if extra.get("prompt") == "none":
        assert "error=login_required" in str(answers[0][1])


def test_an_account_there_or_none_makes_no_difference(asking: Asking, world: World) -> None:
    stranger = world.syndic(accounts=0)
    asking.party = RelyingParty(stranger)
    cookies = dict(asking.person.browser.http.cookies)
    asking(cookies, prompt="none")
    assert asking(cookies, prompt="none") == asking({}, prompt="none")


def test_another_session_that_may_answer_is_not_hidden_by_one_that_may_not(world: World) -> None:
    person = holder(world, purposes=UNTRUSTED, shown=False)
    browser = Browser()
    account = person.partner.accounts[1]
    party, page = legacy_sign_in(browser, person.partner, account)
    party.complete(page)
    home = RelyingParty(person.home)
    home.complete(sign_in(home.begin(browser), person.owner.email, PASSWORD))
    party = RelyingParty(person.partner)
    tokens = party.complete(party.begin(browser, prompt="none"))
    assert tokens.id_claims["acr"] == "legacy", "the sign-in that took place here answers"


def test_a_logout_does_not_tell_either_whether_there_is_a_session_elsewhere(world: World) -> None:
    """Any extranet holds some genuine id_token, by which it may ask to have the browser back."""
    person, syndic = holder(world, purposes=UNTRUSTED, shown=False), world.syndic()
    other = owner(world, syndic)
    own = RelyingParty(syndic)
    hint = own.complete(own.begin(other.browser)).id_token
    back = {"id_token_hint": hint, "post_logout_redirect_uri": "http://127.0.0.1:9999/logged-out", "state": "s"}
    answers = [browser.http.get(own.metadata["end_session_endpoint"], params=back)
               for browser in (person.browser, Browser())]  # fmt: skip
    assert [(each.status_code, each.headers["location"]) for each in answers] == [
        (303, "http://127.0.0.1:9999/logged-out?state=s")
    ] * 2
    assert person.menu(), "and it ends nothing"
    asked_first = RelyingParty(person.home)
    page = person.browser.get(asked_first.metadata["end_session_endpoint"])
    assert page.has("button", "Se déconnecter"), "where she signed in she is asked as ever"


def _code(person: Holder, party: RelyingParty) -> str:
    return party.code(party.begin(person.browser, scope=OFFLINE))


def test_what_rests_on_trust_ends_with_it_at_each_use(world: World) -> None:
    person = holder(world)
    party = RelyingParty(person.partner)
    body = party.redeem(_code(person, party)).json()
    access, refresh = body["access_token"], body["refresh_token"]
    assert party.introspect(refresh)["active"] is True
    unused = RelyingParty(person.partner)
    code = _code(person, unused)
    _ends_trust(person)
    assert party.introspect(refresh) == {"active": False}, "what a refresh would refuse"
    assert party.introspect(access) == {"active": False}
    assert party.userinfo(access).status_code == 401
    assert asked(person.partner, access).status_code == 401
    assert party.refresh(refresh).json()["error"] == "invalid_grant"
    assert unused.redeem(code).json()["error"] == "invalid_grant", "a code that is on its way gives nothing"


def test_at_home_and_by_its_own_login_page_everything_goes_on(world: World) -> None:
    person = holder(world)
    own = person.token()
    crossing = RelyingParty(person.partner)
    crossing.complete(crossing.begin(person.browser))
    _ends_trust(person)
    assert person.menu(own), "a sign-in at home rests on no trust"
    party = RelyingParty(person.partner)
    page = party.begin(person.browser)
    assert page.heading == "Mon compte immobilier"
    party.complete(page.submit("Connexion", **{NAME: person.owner.email, "Mot de passe": PASSWORD}))
    silent = RelyingParty(person.partner)
    assert isinstance(silent.begin(person.browser, prompt="none"), Arrived)
    silent.complete(silent.begin(person.browser)), "signed in there, she needs no trust"


def _filled(person: Holder, **extra: str) -> str:
    page = RelyingParty(person.partner).begin(person.browser, **extra)
    assert page.heading == "Mon compte immobilier"
    return str(page.field(NAME).get("value"))


def _release(person: Holder) -> None:
    with person.world.application.app_context(), transaction():
        releases.release(person.person(), syndics.get(person.partner.slug).id, {"email"})


def test_the_login_page_holds_the_address_only_where_the_syndic_may_know_it(world: World) -> None:
    person = holder(world, purposes=UNTRUSTED, shown=False)
    assert _filled(person) == "", "a sign-in elsewhere is nobody's business here"
    assert _filled(person, login_hint="account:x") == ""
    assert _filled(person, login_hint="jeanne@orange.fr") == "jeanne@orange.fr", "what the extranet itself says"
    _release(person)
    assert _filled(person) == person.owner.email, "she lets this syndic see it"
    assert _filled(person, prompt="login") == "", "another sign-in is asked for: it may be one with printed codes"


def test_the_login_page_holds_the_address_that_was_typed_there_in_this_session(world: World) -> None:
    person = holder(world, purposes=UNTRUSTED, shown=False)
    party = RelyingParty(person.partner)
    party.complete(sign_in(party.begin(person.browser), person.owner.email, PASSWORD))
    world.later(minutes=2)
    assert _filled(person, max_age="60") == person.owner.email
    other = signed_in(person.home, person.owner.email)
    page = RelyingParty(person.partner).begin(other)
    assert str(page.field(NAME).get("value")) == "", "in another session it was not"
