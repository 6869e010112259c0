"""What is asked about each name: one request, or a walk of several, every one of them timed by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.oracle.people import SLUG, House, Names, older_hash

WRONG = "nuage-girafe-bouton-soleil"
LOGIN = f"/t/{SLUG}/login"
ASSOCIATION = f"/t/{SLUG}/association"


@dataclass(frozen=True)
class Step:
    """One request and the status of its answer. Without a form it is a GET."""

    name: str
    path: str
    status: int
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Walk:
    """The steps of one name, with the cookies of one browser."""

    known: bool
    steps: tuple[Step, ...]
    cookies: Mapping[str, str] = field(default_factory=dict)


Walks = tuple[Sequence[Walk], Sequence[Walk]]
"""Of the known names, and of as many unknown ones."""


def by_email(house: House, count: int) -> Walks:
    """A wrong password for an address."""
    return _each(house.identities("mail", count), lambda name: _sign_in("sign-in by e-mail", name))


def by_older_email(house: House, count: int) -> Walks:
    """The same, where the known ones' hashes are older than the last raise of the cost."""
    names = house.identities("older", count, older_hash())
    return _each(names, lambda name: _sign_in("sign-in by e-mail, older hashes", name))


def by_identifier(house: House, count: int) -> Walks:
    """A wrong code for an identifier of a syndic that gave us its hashes."""
    return _each(house.accounts(count), lambda name: _sign_in("sign-in by identifier", name))


def reset(house: House, count: int) -> Walks:
    """« Mot de passe oublié ? »."""
    return _each(house.identities("oubli", count), lambda name: (Step("reset", "/forgotten", 303, {"email": name}),))


def lock(house: House, count: int) -> Walks:
    """The fifth failure of an address, and the answer once it is locked."""
    names = house.identities("verrou", count)
    house.nearly_locked(names)
    return _each(names, lambda name: (*_sign_in("lock: the fifth failure", name), *_sign_in("lock: once locked", name)))


def association(house: House, count: int) -> Walks:
    """B3 to B6, with « Renvoyer le mail » and a wrong code."""
    cookies = house.signed_in(2 * count)
    known, unknown = _each(house.identities("rattache", count), _associate)
    walks = [Walk(walk.known, walk.steps, mine) for walk, mine in zip((*known, *unknown), cookies, strict=True)]
    return walks[:count], walks[count:]


PAGES: dict[str, Callable[[House, int], Walks]] = {
    "by_email": by_email,
    "by_older_email": by_older_email,
    "by_identifier": by_identifier,
    "reset": reset,
    "association": association,
    "lock": lock,
}


def _sign_in(step: str, name: str) -> tuple[Step, ...]:
    return (Step(step, LOGIN, 200, {"username": name, "password": WRONG}),)


def _associate(name: str) -> tuple[Step, ...]:
    profile = {"civility": "Mme", "given_name": "Jeanne", "family_name": "Dupont", "locale": "fr", "password": WRONG}
    return (
        Step("association: address", f"{ASSOCIATION}/email", 303, {"email": name}),
        Step("association: password", f"{ASSOCIATION}/profile", 303, profile),
        Step("association: the terms to read", f"{ASSOCIATION}/terms", 200),
        Step("association: terms", f"{ASSOCIATION}/terms", 303, {"accept": "on"}),
        Step("association: waiting", f"{ASSOCIATION}/waiting", 200),
        Step("association: wrong code", f"{ASSOCIATION}/waiting/code", 200, {"code": "0000 0000"}),
        Step("resend", f"{ASSOCIATION}/waiting/resend", 303, {"again": "on"}),
    )


def _each(names: Names, steps: Callable[[str], tuple[Step, ...]]) -> Walks:
    return [Walk(True, steps(name)) for name in names.known], [Walk(False, steps(name)) for name in names.unknown]
