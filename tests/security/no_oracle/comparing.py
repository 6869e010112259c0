"""Judging what many names were told: the same, or which name differed from which in what."""

from collections.abc import Mapping, Sequence

from tests.security.no_oracle.watching import Told

Answers = Mapping[str, Sequence[Told]]
"""What each name was told, answer by answer."""


def hold_alike(known: Answers, unknown: Answers) -> list[Told]:
    """Check that all of them were told the same with the same work. Returns what they were told."""
    assert len(known) >= 100, "a hundred known names were asked for"
    assert len(unknown) >= 100, "a hundred unknown names were asked for"
    first = next(iter(known))
    lengths = {len(name) for name in (*known, *unknown)}
    assert len(lengths) == 1, f"names of one length give pages of one length: {lengths}"
    for kind, answers in (("known", known), ("unknown", unknown)):
        for name, told in answers.items():
            for number, (one, other) in enumerate(zip(known[first], told, strict=True), 1):
                difference = one.difference(other)
                assert not difference, f"answer {number} to the {kind} {name} is not that to {first}: {difference}"
    return list(known[first])


def hold_work(told: Told, **hashes: int) -> None:
    """Check that so many hashes were made, by kind: two answers without any work are alike too."""
    assert dict(told.hashes) == hashes, f"hashes are counted: {told.hashes}"
    assert told.statements, "statements are counted"
