"""What a browser holds or was shown at one syndic is worth nothing at another's pages."""

import pytest

from tests.security.houses import Houses, get, silent
from tests.security.stage import pairs
from tests.security.valid_protocol import par
from tests.security.wire import Pair, Wire


def _as_own(houses: Houses, held: str) -> tuple[Pair, ...]:
    """The one's legacy cookie under the name that it has at the other, as its holder may well send it."""
    cookies = getattr(houses.one, held)
    names = f"_{houses.one.syndic.slug}".encode(), f"_{houses.other.syndic.slug}".encode()
    moved = tuple((name.replace(*names), value) for name, value in cookies)
    assert moved != cookies, "a legacy cookie bears its syndic's name"
    return (*houses.other.forms, *(pair for pair in moved if pair[0] != houses.other.forms[0][0]))


@pytest.mark.parametrize("held", ["draft", "waiting"])
def test_a_legacy_sign_in_is_none_elsewhere(houses: Houses, held: str) -> None:
    cookies = _as_own(houses, held)
    assert silent(houses.other, cookies)["error"] == "login_required"
    pages = [
        "association",
        "association/email",
        "association/profile",
        "association/terms",
        "association/waiting",
        "association/done",
    ]
    for page in pages:
        answer = get(houses.other, page, cookies=cookies)
        assert 400 <= answer.status < 500, (
            f"{page} knows an attempt of another syndic: {answer.status} {answer.header('Location')}"
        )
        assert houses.one.syndic.slug not in answer.text
    for page in (
        "association/email",
        "association/profile",
        "association/terms",
        "association/waiting/resend",
        "association/waiting/code",
    ):
        form = pairs(csrf_token=houses.other.csrf, email="x@orange.fr", accept="on", code="12345678", password="p" * 20)
        asked = Wire("POST", f"{houses.other.path}/{page}", form=form, cookies=cookies)
        answer = houses.other.send(asked)
        assert 400 <= answer.status < 500, f"{page} goes on with another syndic's attempt: {answer.header('Location')}"


def test_a_logout_elsewhere_does_not_end_a_legacy_sign_in(houses: Houses) -> None:
    asked = Wire("POST", f"{houses.other.path}/end_session/confirmed", cookies=_as_own(houses, "draft"))
    houses.other.send(asked)
    get(houses.other, "end_session", cookies=_as_own(houses, "draft"))
    assert "code" in silent(houses.one, houses.one.draft), "it still stands at home"


def test_an_identity_session_is_none_where_nobody_trusts_its_origin(houses: Houses) -> None:
    assert silent(houses.other, houses.one.signed_in)["error"] == "login_required"
    answer = get(houses.other, "authorize", houses.other.authorization(), houses.one.signed_in)
    assert answer.header("Location").startswith(f"{houses.other.path}/login?r="), "the login page comes"
    assert "code" in silent(houses.one, houses.one.signed_in)


def test_a_pushed_request_is_unknown_elsewhere_and_still_good_at_home(houses: Houses) -> None:
    pushed = houses.one.send(par(houses.one)).json()["request_uri"]
    for client in (houses.one, houses.other):
        asked = pairs(client_id=client.syndic.client_id, request_uri=pushed)
        answer = get(houses.other, "authorize", asked, houses.other.signed_in)
        assert (answer.status, answer.header("Location")) == (400, "")
    home = pairs(client_id=houses.one.syndic.client_id, request_uri=pushed)
    assert "code" in dict(get(houses.one, "authorize", home, houses.one.signed_in).query)


@pytest.mark.parametrize("question", ["", "consent", "select_account"])
def test_a_waiting_request_is_unknown_elsewhere_and_its_questions_stay_unanswered(
    houses: Houses, question: str
) -> None:
    handle = houses.one.handle(signed_in=bool(question), **({"prompt": question} if question else {}))
    for cookies in (houses.one.signed_in, houses.other.signed_in):
        for page in ("resume", "consent", "choose"):
            answer = get(houses.other, page, pairs(r=handle), cookies)
            assert "code=" not in answer.header("Location"), f"{page} answered another syndic's request"
            assert answer.status == 303, f"{page} shows another syndic's request: {answer.status}"
        for page, said in (("consent", "continue"), ("consent", "cancel"), ("choose", "x")):
            form = pairs(csrf_token=houses.other.csrf, answer=said, account=said)
            own = tuple(pair for pair in cookies if pair[0] != houses.other.forms[0][0])
            asked = Wire(
                "POST", f"{houses.other.path}/{page}", pairs(r=handle), form, cookies=(*houses.other.forms, *own)
            )
            assert "error=" not in houses.other.send(asked).header("Location")
    answer = get(houses.one, "resume", pairs(r=handle), houses.one.signed_in)
    if question:
        path = {"consent": "consent", "select_account": "choose"}[question]
        assert answer.header("Location") == f"{houses.one.path}/{path}?r={handle}", "at home the question still waits"
    else:
        assert "code" in dict(answer.query), "at home it goes on"


def test_the_login_page_of_another_syndic_tells_nothing_of_a_request(houses: Houses) -> None:
    handle = houses.one.handle(login_hint="jeanne@un-secret.example")
    assert "un-secret" in get(houses.one, "login", pairs(r=handle)).text
    assert "un-secret" not in get(houses.other, "login", pairs(r=handle)).text


def test_the_holder_of_a_retired_identifier_disputes_at_its_own_syndic_only(houses: Houses) -> None:
    assert get(houses.one, "dispute", pairs(p=houses.one.dispute)).status == 200
    assert get(houses.other, "dispute", pairs(p=houses.one.dispute)).status == 404
    form = pairs(csrf_token=houses.other.csrf)
    asked = Wire("POST", f"{houses.other.path}/dispute", pairs(p=houses.one.dispute), form, cookies=houses.other.forms)
    assert houses.other.send(asked).status == 404
