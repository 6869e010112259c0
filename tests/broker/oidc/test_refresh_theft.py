"""A stolen refresh token: whatever client and thief do, at most one of them goes on (RFC 9700 §4.14.2)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.broker.oidc.families import GRACE_S
from tests.broker.oidc.owners import Owner, owner, shared
from tests.world import World


class Theft(RuleBasedStateMachine):
    """A client and a thief with one family. Times are seconds since the sign-in."""

    def __init__(self, person: Owner) -> None:
        super().__init__()
        self.person, self.party = person, person.party()
        self.now = 0.0
        self._to(0)
        body = self.person.tokens(self.party)
        self.access = body["access_token"]
        self.held = {"client": body["refresh_token"], "thief": ""}
        self.thief_came = False
        self.over = False

    def _to(self, seconds: float) -> None:
        self.now += seconds
        self.person.world.later(seconds=seconds)

    def _use(self, who: str, *, lost: bool = False) -> bool:
        answer = self.party.refresh(self.held[who])
        assert answer.status_code in {200, 400}, answer.text
        if answer.status_code == 200 and not lost:
            self.held[who], self.access = answer.json()["refresh_token"], answer.json()["access_token"]
        return answer.status_code == 200

    @rule(lost=st.integers(0, 2), pause=st.floats(0, 2))
    def the_client_refreshes_and_may_lose_answers(self, lost: int, pause: float) -> None:
        for _ in range(lost):
            self._use("client", lost=True)
            self._to(pause)
        done = self._use("client")
        assert not (done and self.over), "what is over stays over"
        assert done or self.thief_came or self.over, "a client alone is never refused, whatever answers it loses"
        self.over = self.over or not done

    @rule()
    def a_thief_copies_the_clients_token(self) -> None:
        self.held["thief"] = self.held["client"]

    @precondition(lambda self: self.held["thief"])
    @rule()
    def the_thief_refreshes(self) -> None:
        self.thief_came = True
        done = self._use("thief")
        assert not (done and self.over), "what is over stays over"
        self.over = self.over or not done

    @rule(seconds=st.sampled_from([0.5, 4.0, GRACE_S + 1.0, 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self._to(seconds)

    @precondition(lambda self: self.now > 3600)
    @rule()
    def the_client_revokes(self) -> None:
        assert self.party.revoke(self.held["client"]).status_code == 200
        self.over = True

    def teardown(self) -> None:
        """Whatever happened: with time between them, the two never go on side by side."""
        went_on = []
        order = ["client", "thief"] if int(self.now) % 2 else ["thief", "client"]
        for who in order * 2:
            self._to(GRACE_S + 1)
            if self.held[who] and self._use(who):
                went_on.append(who)
        assert not (went_on and self.over), f"the family is dead, but {went_on} went on"
        if self.held["thief"]:
            assert len(went_on) <= 1, f"once both have come nobody goes on: {went_on}"
            assert self.party.userinfo(self.access).status_code == 401, "its access tokens die too"
        elif not self.over:
            assert went_on == ["client", "client"], "a client alone goes on"


def test_at_most_one_party_goes_on_once_a_stolen_token_was_used(world: World) -> None:
    person = shared(world, __name__)

    class Here(Theft):
        def __init__(self) -> None:
            super().__init__(person)

    run_state_machine_as_test(Here, settings=settings(max_examples=30, stateful_step_count=12, deadline=None))


def test_a_clock_that_goes_back_lengthens_the_grace_of_no_copy(world: World) -> None:
    person = owner(world)
    party = person.party()
    stolen = person.tokens(party)["refresh_token"]
    assert party.refresh(stolen).status_code == 200, "its first use"
    world.later(seconds=GRACE_S + 1)
    world.later(hours=-1)
    assert party.refresh(stolen).status_code == 400, "an hour ago it was past its grace, and so it is now"


def test_machines_whose_clocks_differ_a_little_grant_the_same_grace(world: World) -> None:
    person = owner(world)
    party = person.party()
    token = person.tokens(party)["refresh_token"]
    assert party.refresh(token).status_code == 200, "its first use, whose answer is lost"
    world.later(seconds=-3)
    assert party.refresh(token).status_code == 200, "the retry comes to another machine"
