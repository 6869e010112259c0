"""The central claims as a person thinks of them: groups, each with a name, of claims that go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from broker.account.profile.forms import PersonalForm
from broker.identities import releases
from broker.identities.models import Identity
from broker.identities.profile import full_name
from broker.identities.releases import NotLinked, Sight

GROUPS: dict[str, frozenset[str]] = {
    "name": frozenset({"name", "family_name", "given_name", "middle_name", "nickname", "preferred_username"}),
    "email": frozenset({"email"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
    "address": frozenset({"address"}),
    "rest": frozenset({"profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"}),
}


@dataclass(frozen=True)
class Tick:
    """One checkbox: its name « slug.group », what it says, and the value that the syndic would see."""

    name: str
    label: str
    content: str
    ticked: bool
    shown: bool
    """Whether it was ticked when the form was shown first."""


@dataclass(frozen=True)
class Choice:
    """One syndic, with what it sees now in words, and the checkboxes."""

    syndic: str
    sees: str
    ticks: list[Tick]


@dataclass(frozen=True)
class Changes:
    """What a form has changed: syndics, each with groups."""

    released: list[tuple[Sight, list[str]]]
    withdrawn: list[tuple[Sight, list[str]]]


def choices(person: Identity, form: PersonalForm | None = None) -> list[Choice]:
    """For each syndic of the person what it sees; with a form that was sent, as ticked there."""
    return [_choice(sight, person, form or _as_it_stands(sight)) for sight in releases.sights(person.id)]


def apply(person: Identity, form: PersonalForm) -> Changes:
    """Release what was ticked and take back what was unticked in this form, nothing else.

    Raises:
        NotLinked: something was ticked for a syndic where the person has no active link (any more).
    """
    known = {sight.slug: sight for sight in releases.sights(person.id)}
    added = form.ticked - form.ticked_before
    taken = form.ticked_before - form.ticked
    if not {slug for slug, _ in added} <= known.keys():
        raise NotLinked("ticked for a syndic without a link")
    changes = Changes([], [])
    for sight in sorted(known.values(), key=lambda each: each.syndic_id):  # as the ledger's chains are always taken
        for move, meant, done in (
            (releases.release, added, changes.released),
            (releases.withdraw, taken, changes.withdrawn),
        ):
            chosen = [group for group in GROUPS if (sight.slug, group) in meant]
            if chosen and move(person, sight.syndic_id, {claim for group in chosen for claim in GROUPS[group]}):
                done.append((sight, chosen))
    return changes


def named(group: str) -> str:
    """A group of claims in the middle of a sentence."""
    words = {
        "name": gettext("votre nom"),
        "email": gettext("votre adresse e-mail"),
        "phone": gettext("votre téléphone"),
        "address": gettext("votre adresse postale"),
        "rest": gettext("d'autres informations"),
    }
    return str(words[group])


def _choice(sight: Sight, person: Identity, form: PersonalForm) -> Choice:
    seen = _seen(sight)
    offered = [group for group in GROUPS if group in seen or _is_offered(group, person.profile)]
    words = ", ".join(named(group) for group in seen) or gettext("rien de cette page")
    return Choice(sight.name, words, [_tick(sight.slug, group, person, form) for group in offered])


def _as_it_stands(sight: Sight) -> PersonalForm:
    ticks = {(sight.slug, group) for group in _seen(sight)}
    return PersonalForm({}, {}, ticks, ticks)


def _seen(sight: Sight) -> list[str]:
    return [group for group, claims in GROUPS.items() if claims & sight.claims]


def _is_offered(group: str, profile: Mapping[str, Any]) -> bool:
    """An address by post and the rest are not typed here: shown only where there is something to see."""
    return group in {"name", "email", "phone"} or (group == "address" and bool(profile.get("address")))


def _tick(slug: str, group: str, person: Identity, form: PersonalForm) -> Tick:
    ticked, shown = ((slug, group) in ticks for ticks in (form.ticked, form.ticked_before))
    return Tick(f"{slug}.{group}", _labelled(group), _content(group, person), ticked, shown)


def _labelled(group: str) -> str:
    words = named(group)
    return words[:1].upper() + words[1:]


def _content(group: str, person: Identity) -> str:
    """What the syndic would be told, as far as one line can say it."""
    profile = person.profile
    content = {
        "name": full_name(profile) or str(profile.get("name", "")),
        "email": person.email_typed,
        "phone": str(profile.get("phone_number", "")),
        "address": ", ".join(str(part) for part in (profile.get("address") or {}).values()),
    }
    return content.get(group, "")
