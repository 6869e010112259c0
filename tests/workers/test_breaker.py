"""A breaker, whatever happens in whatever order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workers.breaker import FAILURES, LONGEST_REST, LONGEST_WISH, Breaker

START = datetime(2026, 11, 22, tzinfo=UTC)
EVENTS = st.lists(
    st.one_of(
        st.just("answer"),
        st.just("trouble"),
        st.timedeltas(min_value=timedelta(), max_value=timedelta(days=2)),
    ),
    max_size=40,
)


@given(EVENTS, st.integers(0, 10**6))
def test_a_breaker_opens_after_failures_in_a_row_only_and_always_lets_a_trial_through_in_time(
    events: list[Any], wait_s: int
) -> None:
    """Whatever happens in whatever order."""
    breaker, in_a_row, now = Breaker(), 0, START
    for event in events:
        if event == "answer":
            breaker, in_a_row = breaker.after_answer(), 0
            assert breaker.state(now) == "closed", "an answer closes it at once"
        elif event == "trouble":
            breaker, in_a_row = breaker.after_trouble(now), in_a_row + 1
            opened = breaker.state(now) == "open"
            assert opened is (in_a_row >= FAILURES), f"after {in_a_row} failures in a row"
        elif breaker.state(now) == "open":
            rest = (breaker.open_until or now) - now
            assert timedelta() < rest <= LONGEST_REST, "it is never left alone for long"
            now += event
        else:
            now += event
        now += timedelta(seconds=wait_s % 3)
    assert breaker.state(now + LONGEST_REST) != "open"


@given(st.integers(1, 50), st.one_of(st.none(), st.timedeltas(timedelta(), timedelta(days=30))))
def test_the_rest_grows_within_bounds_and_a_wish_is_heard_within_bounds(failures: int, wish: timedelta | None) -> None:
    breaker = Breaker()
    rests = []
    for _ in range(failures):
        breaker = breaker.after_trouble(START, wish)
        rests.append((breaker.open_until or START) - START)
    assert rests == sorted(rests), "each trial that fails makes it longer, never shorter"
    assert rests[-1] <= max(LONGEST_REST, LONGEST_WISH)
    if wish is not None:
        assert rests[0] >= min(wish, LONGEST_WISH), "who asks for time gets it, from the first time on"
