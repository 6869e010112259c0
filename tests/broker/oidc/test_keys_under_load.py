"""Keys rotate while people sign in, and nobody notices."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from config import clock
from config.database import transaction
from tenants.clients import keys, lifetimes
from tenants.syndics import service as syndics
from tests.broker.oidc.believing_party import BelievingParty, kid_of
from tests.broker.oidc.test_keys import ALGORITHMS, later
from tests.browser import Browser
from tests.journeys.steps import sign_in
from tests.world import TestSyndic, World

WALKERS = 3
STEP = timedelta(seconds=35)
"""Less than a code lives (60 s), with time to spare for a slow machine: at most one step falls into a flow."""
PATIENCE_S = 60


class Crowd:
    """People who sign in again and again, each at a client with key sets of its own, until one flow fails."""

    def __init__(self, syndic: TestSyndic) -> None:
        self.syndic = syndic
        self.walked = [0] * WALKERS
        self.kids: set[str] = set()
        self.failures: list[BaseException] = []
        self.over = threading.Event()

    @contextmanager
    def walking(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._guarded, args=(number,)) for number in range(WALKERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(PATIENCE_S)

    def go_on(self) -> None:
        """Return once each of them has finished a flow that it began after this call."""
        target = [count + 2 for count in self.walked]
        deadline = time.monotonic() + PATIENCE_S
        while any(count < goal for count, goal in zip(self.walked, target, strict=True)):
            assert not self.failures, f"a rotation fails no sign-in: {self.failures[0]!r}"
            assert time.monotonic() < deadline, f"everybody goes on signing in: {self.walked} of {target}"
            time.sleep(0.01)

    def _guarded(self, number: int) -> None:
        try:
            self._walk(number)
        except BaseException as failure:
            self.failures.append(failure)

    def _walk(self, number: int) -> None:
        browser, party, account = Browser(), BelievingParty(self.syndic), self.syndic.accounts[number]
        party.tokens(sign_in(party.begin(browser), account.identifier, account.password))
        while not self.over.is_set():
            told = party.sign_in_silently(browser)
            answer = party.userinfo(told["access_token"])
            assert answer.status_code == 200, f"userinfo of a fresh token: {answer.text}"
            self.kids |= {kid_of(told["id_token"]), kid_of(told["access_token"])}
            self.walked[number] += 1


def in_office(world: World, syndic: TestSyndic, act: Callable[..., object]) -> None:
    """An operator or a worker acts, in a transaction of its own."""
    with world.application.app_context(), transaction():
        act(syndics.get(syndic.slug).id)


def rotate(syndic_id: object) -> None:
    for alg in ALGORITHMS:
        keys.rotate(syndic_id, alg)  # type: ignore[arg-type]  # `in_office` gives the id


def test_two_rotations_in_the_middle_of_load_fail_no_sign_in(world: World) -> None:
    syndic = world.syndic(accounts=WALKERS)
    crowd = Crowd(syndic)
    with crowd.walking():
        crowd.go_on()
        for _ in range(2):
            in_office(world, syndic, rotate)
            crowd.go_on()
            until = clock.now() + lifetimes.PUBLISHED_AHEAD + lifetimes.ERASED_AFTER
            while clock.now() < until:
                later(STEP)
                crowd.go_on()
            in_office(world, syndic, keys.tidy)
            crowd.go_on()
    assert not crowd.failures, f"a rotation fails no sign-in: {crowd.failures[0]!r}"
    assert len(crowd.kids) == 3 * len(ALGORITHMS), "three generations of keys have signed meanwhile"


def test_rotations_that_come_at_once_make_one_next_key(world: World) -> None:
    syndic = world.syndic(accounts=0)
    together, outcomes = threading.Barrier(4), list[tuple[str, bool]]()

    def wish() -> None:
        with world.application.app_context(), transaction():
            syndic_id = syndics.get(syndic.slug).id
            together.wait()
            outcome = keys.rotate(syndic_id, "RS256")
            outcomes.append((outcome.key.kid, outcome.changed))

    threads = [threading.Thread(target=wish) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len({kid for kid, _ in outcomes}) == 1, f"all speak of the same next key: {outcomes}"
    assert sorted(changed for _, changed in outcomes) == [False, False, False, True], "and one of them made it"
    with world.application.app_context():
        states = [key["state"] for key in keys.described(syndics.get(syndic.slug).id) if key["alg"] == "RS256"]
    assert states == ["active", "next"]
    world.ledger_is_whole()


def test_revocations_that_come_at_once_make_one_successor(world: World) -> None:
    syndic = world.syndic(accounts=0)
    with world.application.app_context():
        (kid,) = [key["kid"] for key in keys.described(syndics.get(syndic.slug).id) if key["alg"] == "RS256"]
    together = threading.Barrier(3)

    def wish() -> None:
        with world.application.app_context(), transaction():
            syndic_id = syndics.get(syndic.slug).id
            together.wait()
            keys.revoke(syndic_id, kid)

    threads = [threading.Thread(target=wish) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    with world.application.app_context():
        states = [key["state"] for key in keys.described(syndics.get(syndic.slug).id) if key["alg"] == "RS256"]
    assert sorted(states) == ["active", "revoked"]
