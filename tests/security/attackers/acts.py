"""What an actor may do in one step: a method of the machine, how likely it is, and what is drawn for it.

Hypothesis's own rules are switched off by halves in each example, which leaves too few long stories; here every act
that makes sense is as likely as its weight says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis.strategies import SearchStrategy

Method = TypeVar("Method", bound=Callable[..., None])


@dataclass(frozen=True)
class Act:
    """One of them."""

    name: str
    weight: int
    when: Callable[[Any], object]
    """Whether it makes sense now."""
    drawn: dict[str, SearchStrategy[Any]]


def act(
    weight: int = 1, when: Callable[[Any], object] = lambda _: True, **drawn: SearchStrategy[Any]
) -> Callable[[Method], Method]:
    """Mark a method as an act."""

    def mark(method: Method) -> Method:
        method.act = Act(method.__name__, weight, when, drawn)  # type: ignore[attr-defined]  # a mark for `acts_of`
        return method

    return mark


def acts_of(machine: type) -> list[Act]:
    """All acts of a machine, by name."""
    found = (getattr(machine, name) for name in sorted(dir(machine)))
    return [method.act for method in found if hasattr(method, "act")]
