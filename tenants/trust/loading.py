"""Load circles, agreements and denials from a file: all of it or nothing, and a second time changes nothing."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from config import clock
from config.database import session
from config.errors import Refusal
from tenants.syndics.models import Syndic
from tenants.trust import agreements, circles, denials, schemas
from tenants.trust.models import Agreement, Circle, Member
from tenants.trust.refusals import Unloadable

Slugs = dict[str, uuid.UUID]
Entry = dict[str, Any]


@dataclass
class Report:
    """What became of the file's entries, a line each. `left_alone`: ended before; a file brings nothing back."""

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)


def load(file: Entry) -> Report:
    """Load a parsed trust file in the caller's transaction.

    Every member listed counts as consenting to its circle. Nothing is ever ended by a file, and what was ended
    is not brought back, a lifted denial excepted: refusing is the safe side.

    Raises:
        Unloadable: naming every place that is wrong; nothing was loaded then, even if the caller commits.
    """
    entries, complaints = schemas.read(file)
    syndics = _syndics(entries)
    complaints += _unknown(entries, syndics)
    if complaints:
        raise _unloadable(complaints)
    report = Report()
    with session().begin_nested():
        for table, make in (("circle", _circle), ("agreement", _agreement), ("denial", _denial)):
            for index, entry in enumerate(entries[table]):
                _at_its_place(schemas.place(table, index), make, entry, syndics, report)
    return report


def _unloadable(complaints: list[str]) -> Unloadable:
    return Unloadable("; ".join(complaints), public="\n".join([Unloadable.public, *complaints]))


def _at_its_place(
    place: str, make: Callable[[Entry, Slugs, Report], None], entry: Entry, syndics: Slugs, report: Report
) -> None:
    try:
        make(entry, syndics, report)
    except Refusal as refusal:
        raise _unloadable([f"{place}: {refusal.private or refusal.code}"]) from refusal


def _named(entries: Entry) -> Iterator[tuple[str, str]]:
    """Every slug of the file with its place."""
    for index, circle in enumerate(entries.get("circle", ())):
        for number, slug in enumerate(circle["members"]):
            yield slug, schemas.place("circle", index, "members", number)
    for table, sides in (("agreement", ("proposer", "accepter")), ("denial", ("denier", "denied"))):
        for index, entry in enumerate(entries.get(table, ())):
            for side in sides:
                yield entry[side], schemas.place(table, index, side)


def _syndics(entries: Entry) -> Slugs:
    wanted = {slug for slug, _ in _named(entries)}
    rows = session().execute(select(Syndic.slug, Syndic.id).where(Syndic.slug.in_(wanted)))
    return {slug: syndic for slug, syndic in rows}  # noqa: C416 - a Row is no pair to the type checker


def _unknown(entries: Entry, syndics: Slugs) -> list[str]:
    return [f"{place}: no syndic has the slug {slug!r}." for slug, place in _named(entries) if slug not in syndics]


def _circle(entry: Entry, syndics: Slugs, report: Report) -> None:
    name = entry["name"].strip()
    circle = session().scalar(select(Circle).where(Circle.name == name))
    if circle is None:
        circle = circles.create_circle(name, entry["charter"], entry["admission"], entry["purposes"])
        report.made.append(f"circle « {name} »")
    elif not _is_as_in(circle, entry):
        raise Unloadable(f"the circle « {name} » exists with another charter, admission or purposes")
    else:
        report.unchanged.append(f"circle « {name} »")
    _members(circle, entry, syndics, report)


def _is_as_in(circle: Circle, entry: Entry) -> bool:
    same_terms = (circle.charter, circle.admission) == (entry["charter"].strip(), entry["admission"])
    return same_terms and set(circle.purposes) == set(entry["purposes"])


def _members(circle: Circle, entry: Entry, syndics: Slugs, report: Report) -> None:
    """Admit those who never were members, all at once: every one listed consents to every other."""
    listed = list(dict.fromkeys(entry["members"]))
    ends = _ends(circle)
    for slug in listed:
        line = f"member {slug} of « {circle.name} »"
        if syndics[slug] not in ends:
            report.made.append(line)
        elif ends[syndics[slug]]:
            report.unchanged.append(line)
        else:
            report.left_alone.append(f"{line}: it left")
    new = [syndics[slug] for slug in listed if syndics[slug] not in ends]
    if new:
        circles.admit_all(circle.id, new, consents=[syndics[slug] for slug in listed])


def _ends(circle: Circle) -> dict[uuid.UUID, bool]:
    """Everybody who was ever a member, and whether it is one still, or will be."""
    now, found = clock.now(), dict[uuid.UUID, bool]()
    rows = session().execute(select(Member.syndic_id, Member.valid_until).where(Member.circle_id == circle.id))
    for syndic_id, end in rows:
        found[syndic_id] = found.get(syndic_id, False) or end is None or end > now
    return found


def _agreement(entry: Entry, syndics: Slugs, report: Report) -> None:
    proposer, accepter = syndics[entry["proposer"]], syndics[entry["accepter"]]
    document = entry["document"].strip()
    line = f"agreement « {document} » of {entry['proposer']} and {entry['accepter']}"
    sides = (Agreement.proposer_id == proposer, Agreement.accepter_id == accepter)
    known = session().scalar(select(Agreement).where(*sides, Agreement.document == document))
    if known is None:
        offer = {"forward": entry["forward"], "backward": entry["backward"]}
        made = agreements.propose(proposer, accepter, document=document, **offer)
        agreements.accept(made.id, accepter)
        report.made.append(line)
    elif (set(known.forward), set(known.backward)) != (set(entry["forward"]), set(entry["backward"])):
        raise Unloadable(f"the {line} exists with other purposes")
    else:
        _keep(known, line, report)


def _keep(agreement: Agreement, line: str, report: Report) -> None:
    if agreement.valid_until is not None and agreement.valid_until <= clock.now():
        report.left_alone.append(f"{line}: it has ended")
    elif agreement.suspended_at is not None:
        report.left_alone.append(f"{line}: it is suspended")
    elif agreement.accepted_at is None:
        agreements.accept(agreement.id, agreement.accepter_id)
        report.made.append(line)
    else:
        report.unchanged.append(line)


def _denial(entry: Entry, syndics: Slugs, report: Report) -> None:
    denier, denied = syndics[entry["denier"]], syndics[entry["denied"]]
    line = f"denial of {entry['denied']} by {entry['denier']}"
    if denials.standing(denier, denied):
        report.unchanged.append(line)
    else:
        denials.deny(denier, denied)
        report.made.append(line)
