"""« Mot de passe oublié ? » answers every address alike, and writes to every address."""

import pytest

from broker.identities import passwords, reset
from broker.identities.emails import parsed
from broker.identities.models import PasswordReset
from broker.web.network import Caller
from config.database import transaction
from config.settings import settings
from tests.security.no_oracle.comparing import Answers, hold_alike, hold_work
from tests.security.no_oracle.outgoing import forget, promised
from tests.security.no_oracle.people import WRONG, add_identities, addresses
from tests.security.no_oracle.watching import Watched
from tests.world import World

PLACE = "oubli"
SENT = 3
"""How many mails of each kind are really sent."""


@pytest.fixture(scope="module")
def known(house: World) -> list[str]:
    """Addresses of identities."""
    emails = addresses("connue", PLACE)
    with house.application.app_context(), transaction():
        add_identities(emails)
    return emails


UNKNOWN = addresses("perdue", PLACE)


def asked(watched: Watched, names: list[str], times: int = 1) -> Answers:
    """What each address is told that asks for a link, and by the page that comes then."""
    return {
        name: [
            answer
            for _ in range(times)
            for answer in (
                watched.visitor(number).post("/forgotten", {"email": name}, name),
                watched.visitor(number).get("/forgotten?sent=1", name),
            )
        ]
        for number, name in enumerate(names)
    }


def test_a_reset_is_promised_to_every_address_alike(house: World, watched: Watched, known: list[str]) -> None:
    asked(watched, ["chauffe@orange.fr"], 2)
    told = hold_alike(asked(watched, known), asked(watched, UNKNOWN))
    hold_work(told[0])
    assert told[0].status == 303
    with house.application.app_context():
        mails = promised([*known, *UNKNOWN])
    assert mails == dict.fromkeys([*known, *UNKNOWN], 1), "one mail to each address, known or not"
    with house.application.app_context(), transaction():
        forget([*known[SENT:], *UNKNOWN[SENT:]])
    house.work()
    for name in (*known[:SENT], *UNKNOWN[:SENT]):
        assert len(house.mails_to(name)) == 1, f"the mail to {name} has gone out"


def test_a_request_beyond_the_days_cap_is_answered_alike(house: World, watched: Watched) -> None:
    known, unknown = addresses("assidu", PLACE), addresses("jamais", PLACE)
    most = settings().mail_caps.asked_per_address_day
    with house.application.app_context(), transaction():
        add_identities(known)
    with house.application.app_context(), transaction():
        for number, name in enumerate((*known, *unknown)):
            address = parsed(name)
            assert address is not None
            for _ in range(most):
                reset.request_mail(address, "fr", Caller("", f"10.0.{number}.0/24"))
    asked(watched, ["chauffe-six@orange.fr"], 2)
    told = hold_alike(asked(watched, known), asked(watched, unknown))
    assert told[0].status == 303
    with house.application.app_context():
        assert set(promised([*known, *unknown]).values()) == {most}, "nobody is written to without end"


@pytest.mark.parametrize("password", [WRONG, "court"])
def test_the_page_of_a_link_tells_of_no_other_address(
    house: World, watched: Watched, known: list[str], password: str
) -> None:
    """Whoever holds one address's link may type any other."""
    mine = f"{len(password)}@{PLACE}.example"
    with house.application.app_context(), transaction() as work:
        add_identities([mine])
        address = parsed(mine)
        assert address is not None
        reset.request_mail(address, "fr", Caller("", "10.1.0.0/24"))
        row = work.query(PasswordReset).filter_by(email=mine).one()
        minted = reset.mint(row.id)
        assert minted is not None

    def tried(names: list[str]) -> Answers:
        form = {"password": password}
        path = f"/reset/{minted.token}"
        return {n: [watched.visitor(k).post(path, {**form, "email": n}, n)] for k, n in enumerate(names)}

    tried(["chauffe@orange.fr"])
    told = hold_alike(tried(known), tried(UNKNOWN))
    assert told[0].status == 200
    assert told[0].hashes == (), "no password is set for an address that is not the mail's"
    assert passwords.weakness(WRONG, mine) is None, "the password is one that would be taken"


def test_a_link_that_never_was_tells_nobody_anything(watched: Watched) -> None:
    """The mail to an unknown address holds no link: a guessed token finds what a used one does."""
    tokens = [f"{number:043d}" for number in range(200)]
    opened = {token: [watched.visitor(0).get(f"/reset/{token}", token)] for token in tokens}
    told = hold_alike(dict(list(opened.items())[:100]), dict(list(opened.items())[100:]))
    assert told[0].status == 410
