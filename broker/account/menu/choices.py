"""What a person may choose for the menus of extranets, agency by agency."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from broker.identities import menus, releases
from broker.identities.models import Identity
from tenants.trust import service as trust


@dataclass(frozen=True)
class Choice:
    """One agency of the person: whether other menus show its accounts, and whose menus could at this moment."""

    slug: str
    name: str
    shown: bool
    could: list[str]


@dataclass(frozen=True)
class Changes:
    """The syndics whose accounts are shown from now on, and those whose accounts are not any more."""

    shown: list[uuid.UUID]
    hidden: list[uuid.UUID]


def choices(person: Identity) -> list[Choice]:
    """The person's agencies by name."""
    held, shown = releases.sights(person.id), menus.shown(person.id)
    ids = {sight.syndic_id for sight in held}
    listed = {sight.syndic_id: trust.trusted(sight.syndic_id, ids - {sight.syndic_id}, "list") for sight in held}
    return [
        Choice(
            sight.slug,
            sight.name,
            sight.syndic_id in shown,
            [other.name for other in held if sight.syndic_id in listed[other.syndic_id]],
        )
        for sight in held
    ]


def apply(person: Identity, ticked: Collection[str], ticked_before: Collection[str]) -> Changes:
    """Change what was changed in this form, by slugs: of two tabs each changes only what was changed there."""
    held = {sight.slug: sight.syndic_id for sight in releases.sights(person.id)}
    added = sorted(held[slug] for slug in set(ticked) - set(ticked_before) if slug in held)
    taken = sorted(held[slug] for slug in set(ticked_before) - set(ticked) if slug in held)
    return Changes(
        [each for each in added if menus.show(person, each)], [each for each in taken if menus.hide(person, each)]
    )
