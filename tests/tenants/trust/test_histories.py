"""Random histories of the registry: the picture in memory, the SQL, and DESIGN's words never disagree."""

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import product
from typing import Any, ClassVar

import psycopg
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.rows import dict_row
from sqlalchemy import text

from config import clock
from config.database import session
from config.errors import Refusal
from tenants.syndics.models import Syndic
from tenants.trust import service
from tenants.trust.drawing import drawn
from tenants.trust.models import PURPOSES, Agreement, Circle, Denial, Member
from tenants.trust.picture import Picture
from tests.tenants.conftest import new_syndic, rolled_back
from tests.tenants.trust.words import YES, Club, Period, Treaty, Words

SYNDICS = 4
INSTANT = timedelta(microseconds=1)
numbers = st.integers(0, SYNDICS - 1)
some = st.sets(st.sampled_from(PURPOSES))
ahead = st.none() | st.integers(0, 3).map(lambda hours: timedelta(hours=hours, microseconds=hours))
"""Dates to come lie a few hours ahead, so that time passes them."""

ALL = text(f"""
SELECT a.place - 1 AS one, b.place - 1 AS other, purpose, moment.place - 1 AS moment,
       {service.condition("a.id", "b.id", "purpose", "moment.at")} AS allowed
FROM unnest(CAST(:syndics AS uuid[])) WITH ORDINALITY AS a (id, place),
     unnest(CAST(:syndics AS uuid[])) WITH ORDINALITY AS b (id, place),
     unnest(CAST(:purposes AS text[])) AS purpose,
     unnest(CAST(:moments AS timestamptz[])) WITH ORDINALITY AS moment (at, place)
""")  # noqa: S608 - constants of ours


class Histories(RuleBasedStateMachine):
    """Four syndics, and everything that can be said among them in any order."""

    application: ClassVar[Flask]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._stack.callback(clock.shift, timedelta())
        self._stack.enter_context(rolled_back(self.application))
        self.passed = timedelta()
        self.words = Words(SYNDICS)
        self.agreements: list[tuple[Agreement, Treaty]] = []
        self.circles: list[tuple[Circle, Club]] = []
        self.rows: list[tuple[Member, Period]] = []
        self.said: list[tuple[Denial, int, int, Period]] = []
        self.dates: set[datetime] = set()

    @initialize()
    def found(self) -> None:
        self.ids = [new_syndic(f"agence-{number}") for number in range(SYNDICS)]

    def teardown(self) -> None:
        self._stack.close()

    def _did(self, act: Callable[..., Any], *what: Any, **more: Any) -> Any:
        """What an act gave, or True; None where it was refused, and then nothing may have changed."""
        try:
            return act(*what, **more) or True
        except Refusal:
            return None

    def _noted(self, at: datetime) -> datetime:
        self.dates.add(at)
        return at

    def _period(self, since: datetime, until: datetime | None) -> Period:
        return Period(self._noted(since), [self._noted(until)] if until else [])

    def _span(self, begins: timedelta | None, lasts: timedelta | None) -> dict[str, datetime | None]:
        now = clock.now()
        since = now + begins + timedelta(seconds=1) if begins is not None else None
        return {"valid_from": since, "valid_until": (since or now) + lasts if lasts else None}

    @rule(one=numbers, other=numbers, there=some, back=some, linked=st.booleans(), begins=ahead, lasts=ahead)
    def propose(  # noqa: PLR0917 - drawn by name
        self, one: int, other: int, there: set[str], back: set[str], linked: bool, begins: Any, lasts: Any
    ) -> None:
        there, back = (({*way, "link"} if linked else way - {"link"}) for way in (there, back))
        span = self._span(begins, lasts)
        offer: dict[str, Any] = {"forward": there, "backward": back, "document": "D", **span}
        made = self._did(service.propose, self.ids[one], self.ids[other], **offer)
        if made is None:
            assert one == other or not (there or back), "an offer between two that makes sense is taken"
            return
        treaty = Treaty({(one, other): there, (other, one): back}, self._period(made.valid_from, made.valid_until))
        self.words.treaties.append(treaty)
        self.agreements.append((made, treaty))

    @precondition(lambda self: self.agreements)
    @rule(which=st.integers(0, 99), who=numbers)
    def accept(self, which: int, who: int) -> None:
        made, treaty = self.agreements[which % len(self.agreements)]
        taken = self._did(service.accept, made.id, self.ids[who])
        assert not taken or self.ids[who] == made.accepter_id, "only the other side accepts"
        if taken:
            assert made.accepted_at is not None
            treaty.accepted = self._noted(made.accepted_at)

    @precondition(lambda self: self.agreements)
    @rule(which=st.integers(0, 99), who=numbers, how=st.sampled_from(["suspend", "end"]))
    def stop(self, which: int, who: int, how: str) -> None:
        made, treaty = self.agreements[which % len(self.agreements)]
        if self._did(getattr(service, how), made.id, self.ids[who]):
            stopped = made.suspended_at if how == "suspend" else made.valid_until
            assert stopped is not None
            treaty.period.ends.append(self._noted(stopped))

    @rule(purposes=some, admission=st.sampled_from(["operator", "each-member"]))
    def gather(self, purposes: set[str], admission: str) -> None:
        name = f"Cercle {len(self.circles)}"
        made = self._did(service.create_circle, name, "C", admission, purposes)
        if made is not None:
            self.circles.append((made, Club(admission, purposes)))
            self.words.clubs.append(self.circles[-1][1])

    @precondition(lambda self: self.circles)
    @rule(which=st.integers(0, 99), who=numbers)
    def join(self, which: int, who: int) -> None:
        made, club = self.circles[which % len(self.circles)]
        if self._did(service.join, made.id, self.ids[who]):
            club.asked.add(who)

    @precondition(lambda self: self.circles)
    @rule(which=st.integers(0, 99), who=numbers, consents=st.sets(numbers), begins=ahead, lasts=ahead)
    def admit(self, which: int, who: int, consents: set[int], begins: Any, lasts: Any) -> None:
        made, club = self.circles[which % len(self.circles)]
        span, agreed = self._span(begins, lasts), [self.ids[each] for each in consents]
        row = self._did(service.admit, made.id, self.ids[who], consents=agreed, **span)
        if row is None:
            return
        assert who in club.asked | consents, "nobody is admitted who has not said so"
        if club.admission == "each-member":
            there = {each for each, stay in club.stays if all(clock.now() < end for end in stay.ends)} - {who}
            assert there <= consents, "nor without every member, where the charter says so"
        club.asked.discard(who)
        club.stays.append((who, self._period(row.valid_from, row.valid_until)))
        self.rows.append((row, club.stays[-1][1]))

    @precondition(lambda self: self.circles)
    @rule(which=st.integers(0, 99), who=numbers)
    def leave(self, which: int, who: int) -> None:
        made, club = self.circles[which % len(self.circles)]
        before = clock.now()
        if self._did(service.leave, made.id, self.ids[who]):
            club.asked.discard(who)
            for row, stay in self.rows:
                if row.circle_id == made.id and row.syndic_id == self.ids[who]:
                    assert row.valid_until is not None, "whoever left is no member any more"
                    if row.valid_until >= before:
                        stay.ends.append(self._noted(row.valid_until))

    @precondition(lambda self: self.circles)
    @rule(which=st.integers(0, 99), who=numbers, whom=numbers)
    def object_to(self, which: int, who: int, whom: int) -> None:
        made, club = self.circles[which % len(self.circles)]
        said = self._did(service.object_to, made.id, self.ids[who], self.ids[whom], "raison")
        assert said is None or club.admission == "operator", "where each member consents there is nothing to object to"
        self._refused(said, who, whom)

    @rule(who=numbers, whom=numbers)
    def deny(self, who: int, whom: int) -> None:
        self._refused(self._did(service.deny, self.ids[who], self.ids[whom]), who, whom)

    def _refused(self, said: Denial | None, who: int, whom: int) -> None:
        if said is not None:
            self.said.append((said, who, whom, self._period(said.denied_at, None)))
            self.words.refusals.append((frozenset({who, whom}), self.said[-1][3]))

    @precondition(lambda self: self.said)
    @rule(which=st.integers(0, 99), who=numbers, right=st.booleans())
    def take_back(self, which: int, who: int, right: bool) -> None:
        said, denier, denied, _ = self.said[which % len(self.said)]
        who = denier if right else who
        circle = said.circle_id
        if circle is None:
            done = self._did(service.lift_denial, self.ids[who], self.ids[denied])
        else:
            done = self._did(service.withdraw_objection, circle, self.ids[who], self.ids[denied])
        if done:
            self._reread()

    def _reread(self) -> None:
        """What was taken back is the word that stood: a former one of the same to the same may have been named."""
        for said, _, _, period in self.said:
            if said.lifted_at is not None and not period.ends:
                period.ends.append(self._noted(said.lifted_at))

    @rule(who=numbers, status=st.sampled_from(["active", "active", "draft", "suspended", "closed"]))
    def rest(self, who: int, status: str) -> None:
        session().get_one(Syndic, self.ids[who]).status = status
        session().flush()
        (self.words.resting.discard if status == "active" else self.words.resting.add)(who)

    @rule(by=st.sampled_from([INSTANT, timedelta(seconds=2), timedelta(hours=1), timedelta(hours=2)]))
    def wait(self, by: timedelta) -> None:
        self.passed += by
        clock.shift(self.passed)

    def _picture(self) -> Picture:
        """As this very transaction sees the registry."""
        session().flush()
        connection: Any = session().connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        with connection.cursor(row_factory=dict_row) as sql:
            return drawn(sql)

    @invariant()
    def the_picture_says_what_the_words_say(self) -> None:
        now = clock.now()
        assert self._told(self._picture(), now) == self.words.answers(PURPOSES, now), "in memory, now"

    @rule()
    def compare(self) -> None:
        """All three, a microsecond before, at, and after every date that there ever was."""
        moments = sorted({at + step * INSTANT for at in {*self.dates, clock.now()} for step in (-1, 0, 1)})
        picture = self._picture()
        facts = {"syndics": self.ids, "purposes": list(PURPOSES), "moments": moments}
        by_sql = {
            (row.one, row.other, row.purpose, moments[row.moment]): row.allowed for row in session().execute(ALL, facts)
        }
        for at in moments:
            words = self.words.answers(PURPOSES, at)
            assert self._told(picture, at) == words, f"in memory, at {at.isoformat()}"
            allowed = {key[:3]: value for key, value in by_sql.items() if key[3] == at}
            assert allowed == {key: why in YES for key, why in words.items()}, f"in SQL, at {at.isoformat()}"
            three = {
                who: [each for each in range(SYNDICS) if each not in (who, (who + 1) % SYNDICS)]
                for who in range(SYNDICS)
            }
            for who, held in three.items():
                everywhere = all(words[who, each, "link"] in YES for each in held)
                may = service.may_link(self.ids[who], [self.ids[each] for each in held], at).allowed
                assert may == everywhere, "a link needs the trust of every syndic where one is held"

    @rule(one=numbers, other=numbers, purpose=st.sampled_from(PURPOSES))
    def decide(self, one: int, other: int, purpose: service.Purpose) -> None:
        at = clock.now()
        decided = service.decide(self.ids[one], self.ids[other], purpose, at)
        assert decided == self._picture().decide(self.ids[one], self.ids[other], purpose, at), "to the last word"

    def _told(self, picture: Picture, at: datetime) -> dict[tuple[int, int, str], str]:
        found: dict[tuple[int, int, str], str] = {}
        for one, other, purpose in product(range(SYNDICS), range(SYNDICS), PURPOSES):
            found[one, other, purpose] = picture.decide(self.ids[one], self.ids[other], purpose, at).reason
        return found

    ids: list[uuid.UUID]


def test_the_picture_the_statements_and_the_words_agree_on_every_history(application: Flask) -> None:
    class Here(Histories):
        pass

    Here.application = application
    run_state_machine_as_test(Here, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))
