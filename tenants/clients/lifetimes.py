"""When a key signs and until when: told by the times of a syndic's keys alone, so that no job has to move one on."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar

JWKS_LIFE_S = 300
"""How long a client may believe a JWK Set (`max-age` of its answer)."""
PUBLISHED_AHEAD = timedelta(seconds=2 * JWKS_LIFE_S)
"""How long a key is published before it signs: one life of a JWK Set, and another for caches and clocks that lag."""
ERASED_AFTER = timedelta(minutes=10)
"""How long a retired key keeps its private half: for processes whose clock lags."""
FORGOTTEN_AFTER = timedelta(days=396)
"""How long a retired or revoked key is remembered (13 months): so long do ID tokens serve as logout hints."""

State = Literal["next", "active", "retired", "revoked"]


class Beginning(Protocol):
    """What signs from an instant on."""

    @property
    def signs_from(self) -> datetime: ...


class Timed(Beginning, Protocol):
    """What a key's state is told by."""

    @property
    def alg(self) -> str: ...
    @property
    def revoked_at(self) -> datetime | None: ...


Key = TypeVar("Key", bound=Timed)
Able = TypeVar("Able", bound=Beginning)


def with_ends(keys: Sequence[Key]) -> list[tuple[Key, datetime | None]]:
    """Each key with the instant at which the next one of its algorithm takes over; None: no other is there.

    `keys` are all keys of a syndic in the order of `signs_from`. One revoked before its time took nothing over.
    """
    begun: dict[str, datetime] = {}
    told = []
    for key in reversed(keys):
        told.append((key, begun.get(key.alg)))
        if key.revoked_at is None or key.revoked_at > key.signs_from:
            begun[key.alg] = key.signs_from
    return told[::-1]


def signer(keys: Iterable[Able], now: datetime) -> Able | None:
    """Of one algorithm's keys that can sign, in their order: the newest whose time has come.

    Where no time has come, the first that will: a key without a predecessor signs at once, on clocks that lag too.
    """
    first = newest = None
    for key in keys:
        first = first or key
        newest = key if key.signs_from <= now else newest
    return newest or first


def state(key: Timed, signs_until: datetime | None, now: datetime) -> State:
    """Whether a key will sign, signs, has signed, or may not be trusted any more."""
    if key.revoked_at is not None:
        return "revoked"
    if key.signs_from > now:
        return "next"
    return "retired" if signs_until is not None and signs_until <= now else "active"
