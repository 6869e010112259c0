"""Who is asked again, for versions published in any order, material or not, in both languages."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from config import clock
from config.database import session
from tenants.audit import service as audit
from tenants.audit import subjects
from tenants.audit.models import PLATFORM
from tenants.terms import refusals, renewal, service, shown
from tenants.terms.renewal import Person
from tests.tenants.conftest import new_syndic, rolled_back

NETWORK = "192.0.2.0/24"
MINUTE = timedelta(minutes=1)
PARTIES = ("platform", "here", "elsewhere")
Act = tuple[str, str, bool, bool]
"""`publish` (party, material, translated), or `accept` (language) whatever is asked of a person of `here`."""

publications = st.tuples(st.just("publish"), st.sampled_from(PARTIES), st.booleans(), st.booleans())
acceptances = st.tuples(st.just("accept"), st.sampled_from(("fr", "en")), st.booleans(), st.booleans())


def person() -> Person:
    return Person(uuid.uuid4(), frozenset())


@given(st.lists(publications | acceptances, max_size=12))
def test_whoever_holds_an_account_is_asked_for_what_became_material_since_the_last_acceptance(
    application: Flask, acts: list[Act]
) -> None:
    with rolled_back(application):
        syndics = {"platform": None, "here": new_syndic("ici"), "elsewhere": new_syndic("ailleurs")}
        asked, owner, owed = {None, syndics["here"]}, person(), set[str]()
        for number, (act, which, material, translated) in enumerate(acts):
            clock.shift(MINUTE * number)
            if act == "publish":
                service.publish(str(number), "fr", f"texte {number}", syndics[which], material=material)
                if translated:
                    service.publish(str(number), "en", f"text {number}", syndics[which], material=material)
                owed |= {which} if material and which != "elsewhere" else set()
            else:
                due = renewal.due(owner, asked, which)
                renewal.accept(owner, "a@b.example", [each.text for each in due], NETWORK)
                owed = set()
            told = {each.text.syndic_id for each in renewal.due(owner, asked, "en")}
            assert told == {syndics[name] for name in owed}, "exactly these parties must be asked for"
            assert renewal.is_due(owner, asked) is bool(owed), "the short question has the same answer"
            for each in renewal.due(owner, asked, "fr"):
                assert each.text in service.newest(asked, "fr"), "what is asked for is what binds now"
        clock.shift(timedelta())


@pytest.fixture
def syndic(app: Flask) -> uuid.UUID:  # noqa: ARG001 - the context
    """A syndic in the test's transaction."""
    return new_syndic("agence-r")


def test_what_an_attempt_accepted_counts_for_whom_it_became(syndic: uuid.UUID) -> None:
    attempt, stranger = uuid.uuid4(), person()
    text = service.publish("r1", "fr", "un", syndic, material=True)
    service.accept(attempt, [text], NETWORK, syndic)
    owner = Person(uuid.uuid4(), frozenset({attempt}))
    assert not renewal.is_due(owner, {syndic}), "the attempt's acceptance is the person's"
    assert renewal.is_due(stranger, {syndic}), "and nobody else's"


def test_accepting_twice_is_one_entry_of_the_persons_own(syndic: uuid.UUID) -> None:
    owner = person()
    text = service.publish("r1", "fr", "un", syndic, material=True)
    for _ in range(2):
        renewal.accept(owner, "a@b.example", [text], NETWORK)
    owned = subjects.entries_of({owner.identity_id})
    assert [(each.entry.chain, each.entry.kind) for each in owned] == [(syndic, "terms.accepted")]
    assert set(owned[0].salts) == {"email", "network"}
    assert audit.verify(syndic) == []


def test_forgetting_a_person_leaves_the_chain_whole_and_nobodys(syndic: uuid.UUID) -> None:
    owner, other = person(), person()
    text = service.publish("r1", "fr", "un", syndic, material=True)
    for each in (owner, other):
        renewal.accept(each, "a@b.example", [text], NETWORK)
    subjects.forget({owner.identity_id})
    assert subjects.entries_of({owner.identity_id}) == [], "nothing is tied to the person any more"
    assert subjects.entries_of({other.identity_id})[0].salts, "and nothing of anybody else is touched"
    assert audit.verify(syndic) == []


def test_texts_of_several_parties_are_written_the_platforms_chain_first(syndic: uuid.UUID) -> None:
    owner = person()
    texts = [service.publish("r1", "fr", "un", party, material=True) for party in (syndic, None)]
    renewal.accept(owner, "a@b.example", texts, NETWORK)
    assert [each.entry.chain for each in subjects.entries_of({owner.identity_id})] == [PLATFORM, syndic]


@pytest.mark.usefixtures("app")
def test_a_version_is_french_first_and_material_in_all_its_languages_or_in_none() -> None:
    with pytest.raises(refusals.Unpublishable, match="French"):
        service.publish("r2", "en", "two")
    service.publish("r2", "fr", "deux", material=True)
    with pytest.raises(refusals.Unpublishable, match="material"):
        service.publish("r2", "en", "two")
    with pytest.raises(refusals.Unpublishable, match="material"):
        service.publish("r2", "fr", "deux")
    assert service.publish("r2", "en", "two", material=True).material


def test_what_a_page_showed_is_read_back_by_the_same_holder_only(syndic: uuid.UUID) -> None:
    holder, text = uuid.uuid4(), service.publish("r3", "fr", "trois", syndic)
    value = shown.signed(holder, "fr", [text])
    seen = shown.read(holder, value)
    assert seen is not None
    assert seen.is_all_of([text])
    assert not seen.is_all_of([])
    assert shown.read(uuid.uuid4(), value) is None, "another's page is not this one's"
    assert session().is_active


@given(st.text(max_size=60), st.integers(0, 200), st.characters(codec="ascii"))
def test_a_changed_value_of_a_page_is_read_as_nothing(made_up: str, place: int, other: str) -> None:
    holder = uuid.uuid4()
    value = shown.signed(holder, "fr", [])
    changed = value[: place % len(value)] + other + value[place % len(value) + 1 :]
    assert shown.read(holder, made_up) is None
    if changed != value:
        assert shown.read(holder, changed) in (None, shown.read(holder, value)), "no change makes another page of it"
