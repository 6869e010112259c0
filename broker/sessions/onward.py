"""What a person must see before a sign-in goes on: a page that waits for them comes first, and leads on by itself.

Each step looks at the identity alone, which the sign-in has read anyway: nobody waits for a statement.
"""

from collections.abc import Callable

from flask import url_for

from broker.identities.models import Identity

Step = Callable[[Identity], str | None]
"""The endpoint of a page that waits for this person, or None. The page takes `next`, an address of ours."""


def through(person: Identity, target: str) -> str:
    """Where the sign-in leads: to the first page that waits for this person, or to its target."""
    return after(None, person, target)


def after(seen: str | None, person: Identity, target: str) -> str:
    """Where the page of the endpoint `seen` leads: to the next one that waits, or to the sign-in's target."""
    waiting = [endpoint for step in STEPS if (endpoint := step(person))]
    ahead = waiting[waiting.index(seen) + 1 :] if seen in waiting else waiting
    return url_for(ahead[0], next=target) if ahead else target


def _erasure(person: Identity) -> str | None:
    """An erasure that was asked for may be called off at each sign-in until it is done."""
    return "erasure.coming" if person.erase_at is not None else None


def _review(person: Identity) -> str | None:
    """After a recovery: accounts and authenticators, once (SECURITY R3)."""
    return "review.page" if person.review_due else None


STEPS: tuple[Step, ...] = (_erasure, _review)
"""In the order in which they come."""
