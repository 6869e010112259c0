"""Two web processes behind nginx: people sign in through it, and none of them notices that one process died."""

import json
import re
import subprocess

import httpx2
import pytest

from tests.deployment import load
from tests.deployment.house import BASE, HOST, House
from tests.deployment.visitors import WAITING
from tests.journeys import steps

AT_ONCE = 3
pytestmark = pytest.mark.nginx


def test_an_owner_signs_in_through_nginx_with_the_code_and_then_with_an_address(house: House) -> None:
    account, party = house.account(), house.party()
    page = steps.sign_in(party.begin(house.visitor()), account.identifier, account.password)
    tokens = party.complete(page.follow("Plus tard") if page.has("a", "Plus tard") else page)
    assert tokens.id_claims["iss"] == house.syndic.issuer, "ID token, keys and userinfo are what discovery says"
    signed_in = house.sign_in(house.associate())
    assert signed_in.refresh().status_code == 200, "a refresh token is worth tokens"
    assert all(cookie.secure for cookie in signed_in.visitor.http.cookies.jar), "cookies travel by https only"


def test_every_service_is_healthy_by_its_own_check_and_tells_when_it_is_not(house: House) -> None:
    for name in ("postgres", "valkey", "web1", "web2", "worker", "beat", "nginx"):
        assert house.engine.is_healthy(name), f"{name} is healthy: {house.engine.services[name]['healthcheck']['test']}"
    idle = house.engine.run("worker", ["python", "-m", "workers.lively", "beat"], check=False)
    assert idle.returncode == 1, "where no beat is at work, its check says so"


def test_a_web_process_that_is_killed_under_load_loses_no_sign_in(house: House) -> None:
    """A form that was in the dead process's hands is sent again by its person; whatever else, nginx sends again."""
    with load.running(*[house.legacy_sign_in] * AT_ONCE) as signing_in:
        signing_in.await_more(4)
        house.engine.kill("web1")
        signing_in.await_more(6)
        assert not house.engine.is_healthy("web1"), "a dead web process is not healthy"
        house.engine.up("web1")
        signing_in.await_more(2)


def test_replacing_both_web_processes_under_load_is_noticed_by_nobody(house: House) -> None:
    before = _unanswered(house)
    with load.running(*[house.legacy_sign_in] * AT_ONCE) as signing_in:
        signing_in.await_more(2)
        for name in ("web1", "web2"):
            grace = house.engine.stop(name)
            assert grace < 20, f"{name} ends when it is told to, not by force: {grace:.0f} s"
            house.engine.up(name)
            signing_in.await_more(2)
    assert _unanswered(house) == before, "a process that is told to stop answers what has begun"


def test_where_no_web_process_answers_the_page_asks_for_patience(house: House) -> None:
    house.engine.kill("web1")
    house.engine.kill("web2")
    try:
        answer = httpx2.Client(transport=house.transport(), trust_env=False).get(f"{BASE}/login")
        assert answer.status_code == 503
        assert WAITING in answer.text
        assert answer.headers["retry-after"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["server"] == "nginx", "no version is told"
    finally:
        house.engine.up("web1", "web2")


def test_nothing_secret_is_in_the_logs_and_one_id_goes_from_nginx_to_the_worker(house: House) -> None:
    house.associate()
    token = "x" * 43
    http = httpx2.Client(transport=house.transport(), trust_env=False)
    for path in (f"/confirm/{token}?code={token}", f"/t/{house.syndic.slug}/switch/{token}", f"/reset/{token}"):
        http.get(BASE + path)
    lines = [json.loads(line) for line in (house.engine.own("nginx") / "access.log").read_text().splitlines()]
    logged = (house.engine.own("nginx") / "access.log").read_text() + house.engine.log("nginx")
    assert token not in logged, "no token of a link is kept"
    assert "?" not in logged, "nothing is kept of what stands behind the question mark"
    assert not re.search(r"127\.0\.0\.1\b", logged), "networks are kept, not visitors"
    ids = {line["request_id"] for line in lines}
    promised = set(re.findall(r'"request_id": "([0-9a-f]{32})"', house.engine.log("worker")))
    assert promised & ids, "what the worker does bears the id of the request that nginx passed on"


def test_nginx_speaks_no_old_tls_and_sends_plain_http_away(house: House) -> None:
    address = house.engine.address("nginx")
    answer = httpx2.get(f"http://{address}:8080/login", headers={"Host": HOST}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{HOST}/login")
    tested = subprocess.run(  # noqa: S603 - our own words
        ["openssl", "s_client", "-connect", f"{address}:8443", "-tls1_1"],  # noqa: S607 - Debian's
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert tested.returncode != 0, "TLS 1.1 is not spoken"


def test_a_visitor_cannot_say_where_he_comes_from(house: House) -> None:
    http = httpx2.Client(transport=house.transport(), trust_env=False)
    http.get(f"{BASE}/login", headers={"X-Forwarded-For": "203.0.113.7", "X-Request-Id": "a" * 32})
    line = (house.engine.own("nginx") / "access.log").read_text().splitlines()[-1]
    assert json.loads(line)["request_id"] != "a" * 32, "nginx gives ids of its own"
    assert json.loads(line)["network"] == "127.0.0.0/24", "what a visitor says of the own address counts for nothing"


def _unanswered(house: House) -> int:
    """How many requests have been asked for patience so far."""
    lines = (house.engine.own("nginx") / "access.log").read_text().splitlines()
    return sum(json.loads(line)["status"] == 503 for line in lines)
