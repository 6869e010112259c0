"""Whatever operators and workers do, and however time passes: somebody signs, and what was signed verifies."""

import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from joserfc import jwt
from joserfc.jwk import KeySet

from broker.oidc import discovery, jws
from broker.oidc.tokens import ID_TOKEN_LIFE_S
from config import clock
from config.database import session
from tenants.clients import keys, lifetimes, registry, schedule
from tests.tenants.clients.conftest import ALGORITHMS, later, onboarded, picture

algorithms = st.sampled_from(ALGORITHMS)
MOMENTS = [1, 200, 299, 301, 560, 610, 905, 3600, 40 * 86400, 90 * 86400, 400 * 86400]


@dataclass
class Signed:
    """A token, and the key that signed it."""

    text: str
    kid: str
    alg: str
    expires_at: datetime


class History(RuleBasedStateMachine):
    """One syndic's keys. What a client could know is recorded at each step: which keys were published since when."""

    application: Flask

    def __init__(self) -> None:
        super().__init__()
        self.context = self.application.app_context()
        self.context.push()
        self.syndic = onboarded()
        self.published: dict[str, datetime] = {}
        self.at_once = {key["kid"] for key in keys.described(self.syndic)}
        self.revoked: set[str] = set()
        self.tokens: list[Signed] = []

    def teardown(self) -> None:
        clock.shift(timedelta())
        session().rollback()
        registry.forget()
        self.context.pop()

    @rule(alg=algorithms)
    def rotate(self, alg: str) -> None:
        waits = "next" in self._states(alg)
        outcome = keys.rotate(self.syndic, alg)
        assert outcome.changed is not waits, "one next key at most"

    @rule(alg=algorithms, which=st.integers(0, 5))
    def revoke(self, alg: str, which: int) -> None:
        found = [key["kid"] for key in keys.described(self.syndic) if key["alg"] == alg]
        kid = found[-1 - which % len(found)]
        outcome = keys.revoke(self.syndic, kid)
        assert outcome.changed is (kid not in self.revoked), "revoking is done once"
        self.revoked.add(kid)
        if outcome.successor:
            self.at_once.add(outcome.successor.kid)

    @rule(by=st.sampled_from(MOMENTS))
    def time_passes(self, by: int) -> None:
        later(timedelta(seconds=by))

    @precondition(lambda self: any("next" in self._states(alg) for alg in ALGORITHMS))
    @rule(short=st.sampled_from([-40, 1]))
    def the_next_key_is_about_to_sign_or_just_does(self, short: int) -> None:
        now = clock.now()
        waiting = [key for key in picture(self.syndic).keys if key.signs_from > now and not key.revoked]
        later(max(min(key.signs_from for key in waiting) - now + timedelta(seconds=short), timedelta()))

    @rule()
    def tidy(self) -> None:
        due = self.syndic in schedule.to_tidy(100_000)
        assert (keys.tidy(self.syndic) > 0) is due, "the batch names just those syndics that have something to tidy"
        for key in picture(self.syndic).keys:
            over = key.signs_until is not None and key.signs_until <= clock.now() - lifetimes.ERASED_AFTER
            assert (key.sealed is None) or not over, "what signs no more is erased"

    @invariant()
    def exactly_one_key_signs(self) -> None:
        taken = picture(self.syndic)
        for alg in ALGORITHMS:
            mine = [key for key in keys.described(self.syndic) if key["alg"] == alg]
            active = [key["kid"] for key in mine if key["state"] == "active"]
            assert active == [taken.signing_key(alg).kid], f"exactly one {alg} key signs, and it is called active"

    @invariant()
    def clients_can_verify_what_is_signed(self) -> None:
        taken, now = picture(self.syndic), clock.now()
        jwks = json.loads(discovery.jwks(taken))
        for key in jwks["keys"]:
            self.published.setdefault(key["kid"], now)
        assert not self.revoked & {key["kid"] for key in jwks["keys"]}, "a revoked key is not published"
        for alg in ALGORITHMS:
            self._sign(alg)
        keyset = KeySet.import_key_set({"keys": jwks["keys"]})
        self.tokens = [one for one in self.tokens if one.kid not in self.revoked and one.expires_at > now]
        for token in self.tokens:
            assert token.kid in {key["kid"] for key in jwks["keys"]}, "the key of a living token is published"
            jwt.decode(token.text, keyset, algorithms=[token.alg])

    def _sign(self, alg: str) -> None:
        now, key = clock.now(), picture(self.syndic).signing_key(alg)
        assert key.kid in self.published, "a key that signs is published"
        known = math.inf if key.kid in self.at_once else (now - self.published[key.kid]).total_seconds()
        assert known > lifetimes.JWKS_LIFE_S, "no key signs before every client has had the time to learn it"
        expires_at = now + timedelta(seconds=ID_TOKEN_LIFE_S)
        self.tokens.append(Signed(jws.sign(key, {"sub": "x"}, "JWT"), key.kid, alg, expires_at))

    def _states(self, alg: str) -> list[str]:
        return [key["state"] for key in keys.described(self.syndic) if key["alg"] == alg]


def test_in_every_history_somebody_signs_and_clients_can_verify(application: Flask) -> None:
    machine = type("HistoryHere", (History,), {"application": application})
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=15, deadline=None))
