"""Acts with what was seen before: older cookies, pages and imports; and time passes."""

from datetime import timedelta

from hypothesis import strategies as st

from config import clock
from tests.security.attackers.acts import act
from tests.security.attackers.ground import choose, device, pick
from tests.security.attackers.keeping import Keeping
from tests.security.attackers.people import base
from tests.security.attackers.proving import CONFIRM
from tests.security.attackers.truth import DAY, HOUR

PAGES = ("email", "profile", "terms", "waiting", "done")


class Replaying(Keeping):
    """Rules of repetition and time."""

    @act(number=device, to=st.booleans(), which=pick)
    def bring_back_older_cookies(self, number: int, to: bool, which: int) -> None:
        """One's own, in this browser or in one's other one."""
        actor, where = self.at(number)
        jar = choose(where.jars, which)
        target = actor.devices[-1] if to else where
        if jar is None:
            return
        target.http.cookies.clear()
        for name, value in jar.items():
            target.http.cookies.set(name, value, domain="127.0.0.1", path="/")

    @act(number=device, house=st.integers(0, 1), page=st.sampled_from(PAGES))
    def open_a_page_of_an_attempt(self, number: int, house: int, page: str) -> None:
        """In any order, with or without one: it shows this browser's own attempt or none."""
        actor, where = self.at(number)
        shown = self.show(where, where.get(f"{self.syndics[house].issuer}/association/{page}"))
        attempt = where.attempt(self.houses[house].slug)
        for box in self.addresses():
            if box in shown.text and not actor.reads(box):
                assert attempt is not None, f"an address that is nobody's here: {box}"
                assert box == attempt.email, f"the address of another attempt: {box}"

    @act(number=device)
    def look_for_something_to_confirm(self, number: int) -> None:
        """The page of « Confirmer » comes to whoever has proved an attempt that waits, and to nobody else."""
        _, where = self.at(number)
        page = self.show(where, where.get(f"{base()}/confirm/review"))
        if page.has("button", CONFIRM):
            proof = where.proof
            assert proof is not None, "a browser that has proved nothing is asked nothing"
            assert proof.shown, "a code alone does not open the page where an identity stands"
            assert proof.generation == proof.attempt.generation, "what was proved is void"
            assert proof.attempt.email in page.text, "the page names the address of what was proved"

    @act(house=st.integers(0, 1))
    def the_syndic_imports_its_accounts_again(self, house: int) -> None:
        """As every night, with the secrets that are printed: none that was retired comes back to life."""
        self.world.import_accounts(self.syndics[house])

    @act(3, by=st.sampled_from([61, 61, 400, 2 * HOUR, 13 * HOUR, 25 * HOUR, 8 * DAY, 31 * DAY]))
    def time_passes(self, by: int) -> None:
        """From a minute to a month."""
        self.truth.now += by
        clock.shift(timedelta(seconds=self.truth.now))
        self.post_office()
