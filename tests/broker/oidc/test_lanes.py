"""The short way of a sign-in says what the long way says, and only where all is well."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from broker.oidc.lanes import LANES, PUBLISHED, Lanes
from broker.web.authorisation import TABLE, Access
from tests.journeys.steps import associate
from tests.relying_party import RelyingParty
from tests.world import TestSyndic, World

EMAIL = "lane@orange.fr"
FORM = "application/x-www-form-urlencoded"
Said = tuple[str, dict[str, str], bytes]


class Asking:
    """One person, signed in, and the two ways to ask for the same."""

    def __init__(self, world: World, syndic: TestSyndic) -> None:
        email = f"{syndic.slug}-{EMAIL}"
        self.browser = associate(world, syndic, syndic.accounts[0], email)
        self.party = RelyingParty(syndic)
        page = self.party.begin(self.browser, scope="openid profile email accounts offline_access")
        self.tokens = self.party.redeem(self.party.code(page)).json()
        lanes = world.application.wsgi_app
        assert isinstance(lanes, Lanes), "the lanes stand in front of everything"
        self._short: Callable[..., Any] = lanes
        self._long: Callable[..., Any] = lanes._inner

    def both(self, method: str, endpoint: str, **more: Any) -> tuple[Said, Said]:
        """The answer of the lane, which must have been its own, and the view's."""
        environ = self.environ(method, endpoint, **more)
        lanes: Any = self._short
        assert lanes._said(dict(environ)) is not None, f"the {endpoint} lane answers a plain request itself"
        short = said(self._short, self.environ(method, endpoint, **more))
        return short, said(self._long, self.environ(method, endpoint, **more))

    def environ(self, method: str, endpoint: str, *, query: str = "", form: str = "", **more: str) -> dict[str, Any]:
        """A request as the web server tells it."""
        path = urlsplit(self.party.syndic.issuer).path
        body = {"CONTENT_LENGTH": str(len(form)), "CONTENT_TYPE": FORM} if form else {}
        return {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"{path}/{endpoint}",
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(form.encode()),
            **body,
            **more,
        }

    @property
    def basic(self) -> str:
        """The client's authentication."""
        syndic = self.party.syndic
        return "Basic " + base64.b64encode(f"{syndic.client_id}:{syndic.client_secret}".encode()).decode()

    @property
    def cookies(self) -> str:
        """What the browser sends."""
        return "; ".join(f"{name}={value}" for name, value in self.browser.http.cookies.items())


def said(way: Callable[..., Any], environ: dict[str, Any]) -> Said:
    """Status, headers by lower-case name, body."""
    told: list[Any] = []
    body = b"".join(way(environ, lambda status, headers, _error=None: told.extend((status, headers))))
    by_name = {name.lower(): value for name, value in told[1]}
    assert len(by_name) == len(told[1]), f"no header is given twice: {told[1]}"
    return told[0], by_name, body


@pytest.fixture
def asking(world: World) -> Asking:
    """Somebody who is signed in."""
    return Asking(world, world.syndic(accounts=1))


def test_every_lane_leads_to_an_endpoint_that_proves_its_caller_itself() -> None:
    for _, endpoint in LANES:
        access = TABLE[f"oidc.{endpoint}"]
        assert access in {Access.PUBLIC, Access.CLIENT, Access.TOKEN}, f"{endpoint}: a lane would pass its gate by"


def test_userinfo_is_the_same_by_both_ways(asking: Asking) -> None:
    bearer = f"Bearer {asking.tokens['access_token']}"
    short, long = asking.both("GET", "userinfo", HTTP_AUTHORIZATION=bearer)
    assert short == long


@pytest.mark.parametrize("endpoint", PUBLISHED)
def test_what_is_published_is_the_same_by_both_ways(asking: Asking, endpoint: str) -> None:
    said(asking._long, asking.environ("GET", endpoint))  # the picture has just been compared
    short, long = asking.both("GET", endpoint)
    assert short == long
    lanes: Any = asking._short
    assert lanes._said(asking.environ("GET", endpoint, query="x=%00")) is None, "what is odd is the view's"


def test_introspection_is_the_same_by_both_ways(asking: Asking) -> None:
    form = f"token={asking.tokens['access_token']}"
    short, long = asking.both("POST", "introspect", form=form, HTTP_AUTHORIZATION=asking.basic)
    assert short == long


def test_a_code_goes_back_in_the_same_way_by_both_ways(asking: Asking) -> None:
    query = urlsplit(asking.party.address()).query
    short, long = asking.both("GET", "authorize", query=query, HTTP_COOKIE=asking.cookies)
    addresses = [urlsplit(answer[1].pop("location")) for answer in (short, long)]
    told = [parse_qs(address.query) for address in addresses]
    assert told[0].pop("code") != told[1].pop("code"), "each code is its own"
    assert told[0] == told[1]
    assert addresses[0]._replace(query="") == addresses[1]._replace(query="")
    assert short[0] == long[0]
    assert short[1].items() <= long[1].items(), "the lane's headers are the view's"


def test_tokens_look_the_same_by_both_ways(asking: Asking) -> None:
    form = f"grant_type=refresh_token&refresh_token={asking.tokens['refresh_token']}"
    short, long = asking.both("POST", "token", form=form, HTTP_AUTHORIZATION=asking.basic)
    assert json.loads(short[2]).keys() == json.loads(long[2]).keys()
    for answer in (short, long):
        answer[1].pop("content-length")
    assert (short[0], short[1]) == (long[0], long[1])


@pytest.mark.parametrize(
    ("method", "endpoint", "more"),
    [
        ("GET", "userinfo", {"HTTP_AUTHORIZATION": "Bearer nonsense"}),
        ("GET", "userinfo", {}),
        ("POST", "token", {"form": "grant_type=authorization_code&code=nonsense"}),
        ("POST", "token", {"form": "grant_type=authorization_code&code=%00"}),
        ("POST", "token", {"form": "grant_type=refresh_token&grant_type=refresh_token"}),
        ("POST", "token", {"form": "grant_type=client_credentials"}),
        ("POST", "introspect", {"form": "token_type_hint=access_token"}),
        ("GET", "authorize", {"query": "response_type=code"}),
        ("GET", "authorize", {"query": "state=%ff"}),
    ],
)
def test_a_lane_is_silent_where_all_is_not_well(
    asking: Asking, method: str, endpoint: str, more: dict[str, str]
) -> None:
    given = {"HTTP_AUTHORIZATION": asking.basic, "HTTP_COOKIE": asking.cookies, **more}
    if endpoint == "userinfo" and "HTTP_AUTHORIZATION" not in more:
        del given["HTTP_AUTHORIZATION"]
    lanes: Any = asking._short
    environ = asking.environ(method, endpoint, **given)
    assert lanes._said(environ) is None, "a refusal is the view's alone"
    body = environ["wsgi.input"].read().decode()
    assert body == more.get("form", ""), "the view finds the body as it came"
