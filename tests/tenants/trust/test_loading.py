"""Promises of loading a trust file."""

import tomllib
from typing import Any

import pytest
from sqlalchemy import func, select

from config.database import session
from tenants.audit.models import LedgerEntry
from tenants.trust import loading, refusals, service
from tenants.trust.models import Agreement, Circle, Denial, Member
from tests.tenants.trust.conftest import Three

FILE = """
[[circle]]
name = "Cercle des agences"
charter = "CHARTE-1"
admission = "operator"
purposes = ["link", "switch", "list"]
members = ["agence-a", "agence-b"]

[[agreement]]
proposer = "agence-a"
accepter = "agence-c"
document = "ACC-7"
forward = ["link", "switch"]
backward = ["link"]

[[denial]]
denier = "agence-b"
denied = "agence-c"
"""


def parsed(text: str = FILE) -> dict[str, Any]:
    return tomllib.loads(text)


def counts() -> list[int | None]:
    models = (Circle, Member, Agreement, Denial, LedgerEntry)
    return [session().scalar(select(func.count()).select_from(model)) for model in models]


def test_a_file_is_loaded_whole(syndics: Three) -> None:
    report = loading.load(parsed())
    a, b, c = syndics
    assert len(report.made) == 5, "a circle, two members, an agreement and a denial must be reported"
    assert service.decide(a, b, "list") == service.Decision(True, "circle", "Cercle des agences")
    assert service.decide(a, c, "switch") == service.Decision(True, "agreement", "ACC-7")
    assert not service.decide(c, a, "switch").allowed, "what the file does not open stays shut"
    assert service.decide(b, c, "link").reason == "denied"


@pytest.mark.usefixtures("syndics")
def test_loading_a_file_twice_changes_nothing() -> None:
    loading.load(parsed())
    before = counts()
    again = loading.load(parsed())
    assert counts() == before, "a second load must write nothing, not even evidence"
    assert (len(again.unchanged), again.made, again.left_alone) == (5, [], []), "and must say so"


def test_a_file_brings_nothing_back_that_was_ended(syndics: Three) -> None:
    loading.load(parsed())
    circle, agreement = session().scalars(select(Circle)).one(), session().scalars(select(Agreement)).one()
    service.leave(circle.id, syndics.b)
    service.end(agreement.id, syndics.c)
    again = loading.load(parsed())
    assert len(again.left_alone) == 2, "the operator must be told what the file could not bring back"
    assert not service.decide(syndics.a, syndics.b, "link").allowed, "a member that left stays out"
    assert not service.decide(syndics.a, syndics.c, "link").allowed, "an ended agreement stays ended"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"agence-a", "agence-b"', '"agence-a", "agence-x"', r"\[\[circle\]\] number 1, members 2: .*'agence-x'"),
        ('accepter = "agence-c"', 'accepter = "agence-x"', r"\[\[agreement\]\] number 1, accepter: .*'agence-x'"),
        ('denied = "agence-c"', 'denied = "agence-x"', r"\[\[denial\]\] number 1, denied: .*'agence-x'"),
        ('["link", "switch"]', '["link", "spy"]', r"\[\[agreement\]\] number 1, forward 2: .*'spy'"),
        ('"switch", "list"]', '"switch", "spy"]', r"\[\[circle\]\] number 1, purposes 3: .*'spy'"),
        ('backward = ["link"]', "backward = []", r"\[\[agreement\]\] number 1: .*link"),
        ('admission = "operator"', 'admission = "chance"', r"\[\[circle\]\] number 1, admission: .*'chance'"),
        ('charter = "CHARTE-1"', "", r"\[\[circle\]\] number 1, charter: "),
        ('document = "ACC-7"', 'documnet = "ACC-7"', r"\[\[agreement\]\] number 1, documnet: Unknown"),
        ('denied = "agence-c"', 'denied = "agence-b"', r"\[\[denial\]\] number 1: "),
        ("[[denial]]", "[[denials]]", r"\[\[denials\]\]: Unknown"),
        ("[[denial]]", "[denial]", r"\[\[denial\]\]: Not a valid list"),
    ],
)
@pytest.mark.usefixtures("syndics")
def test_a_file_with_a_fault_names_its_place_and_loads_nothing(old: str, new: str, place: str) -> None:
    assert old in FILE, "the example must be about the file"
    before = counts()
    with pytest.raises(refusals.Unloadable, match=place) as refused:
        loading.load(parsed(FILE.replace(old, new, 1)))
    assert counts() == before, "nothing of a faulty file may be loaded, even in a transaction that goes on"
    assert refused.value.private in refused.value.public.replace("\n", "; "), "the operator must read the place"


@pytest.mark.usefixtures("syndics")
def test_all_faults_of_the_form_are_named_at_once() -> None:
    with pytest.raises(refusals.Unloadable, match=r"agence-x.*agence-y"):
        loading.load(parsed(FILE.replace("agence-b", "agence-x").replace("agence-c", "agence-y")))


@pytest.mark.usefixtures("syndics")
def test_a_circle_or_agreement_that_exists_otherwise_is_not_changed_by_a_file() -> None:
    loading.load(parsed())
    for old, new in (("CHARTE-1", "CHARTE-2"), ('["link", "switch"]', '["link"]')):
        with pytest.raises(refusals.Unloadable, match=r"number 1: .* exists with (another|other)"):
            loading.load(parsed(FILE.replace(old, new, 1)))


def test_the_members_listed_consent_to_their_circle_and_nobody_else(syndics: Three) -> None:
    text = FILE.replace('admission = "operator"', 'admission = "each-member"')
    loading.load(parsed(text))
    assert service.decide(syndics.a, syndics.b, "link").allowed, "those who are listed agreed"
    with pytest.raises(refusals.Unloadable, match="no consent of agence-a"):
        loading.load(parsed(text.replace('"agence-a", "agence-b"', '"agence-b", "agence-c"')))
