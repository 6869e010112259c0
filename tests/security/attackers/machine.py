"""The machine: all rules and all invariants, begun in the middle of some history."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.security.attackers.acts import acts_of
from tests.security.attackers.invariants import Invariants
from tests.security.attackers.proving import CONFIRM
from tests.security.attackers.truth import Paper

BEFORE = ("nothing", "waiting", "victim", "found", "both", "hostile", "all")
"""What happened before the first step: nothing; the victim's mail is on its way; who has a link."""


class Attack(Invariants):
    """Two attackers and a victim."""

    @initialize(partners=st.booleans(), hostile_keeps=st.booleans(), before=st.sampled_from(BEFORE))
    def begin(self, partners: bool, hostile_keeps: bool, before: str) -> None:
        """New people at new syndics, with a history."""
        self.meet(partners, hostile_keeps)
        papers = self.truth.papers
        if before in {"waiting", "victim", "both", "all"}:
            self._history(0, papers[0], confirmed=before != "waiting")
        if before == "found":
            self._history(1, papers[0], confirmed=True)  # the victim's own code, in other hands
        if before in {"both", "all"}:
            self._history(1, papers[2], confirmed=True)
        if before in {"hostile", "all"}:
            self._history(2, papers[4], confirmed=True)

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """One act of somebody's."""
        possible = [act for act in acts_of(type(self)) if act.when(self)]
        names = [act.name for act in possible for _ in range(act.weight)]
        name = data.draw(st.sampled_from(names), label="act")
        chosen = next(act for act in possible if act.name == name)
        getattr(self, name)(**data.draw(st.fixed_dictionaries(chosen.drawn), label="with"))

    def _history(self, who: int, paper: Paper, *, confirmed: bool) -> None:
        actor = self.actors[who]
        where, email = actor.devices[0], actor.mailboxes[0]
        self.enter_code(where, paper, paper.secret)
        self.walk(where, paper.house, email, actor.passwords[0])
        if confirmed:
            assert self.enter_link(where, self.letters("confirm")[-1], email, actor.passwords[0])
            self.decide(where, CONFIRM)
