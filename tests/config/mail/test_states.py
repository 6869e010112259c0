"""A mail's record follows the table of states, and nothing moves it otherwise."""

import secrets
import threading
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import clock
from config.database import new_id, session, transaction
from config.mail import states
from config.mail.models import STATES, Mail

pytestmark = pytest.mark.usefixtures("app")


def _record(state: str = "queued", subject_id: UUID | None = None) -> UUID:
    now, mail_id = clock.now(), new_id()
    with transaction() as work:
        work.add(
            Mail(
                id=mail_id,
                kind="test",
                recipient=f"{secrets.token_hex(8)}@example.org",
                subject_id=subject_id or uuid4(),
                locale="fr",
                state=state,
                created_at=now,
                updated_at=now,
            )
        )
    return mail_id


def _state(mail_id: UUID) -> tuple[str, str | None]:
    session().expire_all()
    row = session().get_one(Mail, mail_id)
    return row.state, row.reply


@given(asked=st.lists(st.sampled_from(STATES), max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_moves_takes_the_legal_ones_only(asked: list[str]) -> None:
    mail_id = _record()
    expected: tuple[str, str | None] = ("queued", None)
    for number, to in enumerate(asked):
        reply, legal = f"reply {number}", to in states.LEGAL[expected[0]]
        with transaction():
            assert states.move(mail_id, to, reply) is legal, f"{expected[0]} -> {to}"
        expected = (to, reply) if legal else expected
        assert _state(mail_id) == expected, "what is not legal changes nothing, nor the reply"


def test_the_table_knows_every_state_and_what_is_final_stays() -> None:
    assert set(states.LEGAL) == set(STATES)
    assert set().union(*states.LEGAL.values()) <= set(STATES)
    assert not states.LEGAL["refused"]
    assert not states.LEGAL["bounced"]
    assert "queued" not in set().union(*states.LEGAL.values()), "nothing begins again"
    assert sorted(states.OPEN) == ["deferred", "queued"]


def test_a_mail_that_is_not_there_moves_nowhere() -> None:
    with transaction():
        assert not states.move(new_id(), "accepted", "250 OK")


def test_of_two_that_move_it_at_once_the_second_finds_what_the_first_did(app: Flask) -> None:
    mail_id, told = _record(), []

    def bounce() -> None:
        with app.app_context(), transaction():
            told.append(states.move(mail_id, "bounced", "5.1.1"))

    racing = [threading.Thread(target=bounce) for _ in range(4)]
    for each in racing:
        each.start()
    for each in racing:
        each.join()
    assert sorted(told) == [False, False, False, True]


@pytest.mark.parametrize(
    ("state", "after"),
    [("queued", "accepted"), ("deferred", "accepted"), ("refused", "refused"), ("bounced", "bounced")],
)
def test_what_came_back_has_arrived_whatever_was_answered(state: str, after: str) -> None:
    about = uuid4()
    mine, other = _record(state, about), _record(state)
    with transaction():
        states.arrived(about)
    assert _state(mine)[0] == after
    assert _state(other)[0] == state, "mails about something else are left alone"
