"""Makes `demo/data/`: four syndics' exports and the passwords behind the hashes, the syndics and their trust.

Run `python -m demo.generate`. Everything is drawn from one seed, so it writes the same bytes each time. All
persons, companies and addresses are invented.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from demo import hashing, logos
from demo.people import Owner, owners
from demo.plans import PLANS, Plan

SEED = 20261122
ACCOUNTS = 250
DATA = Path(__file__).parent / "data"
COLUMNS = ("Identifiant", "Titulaire", "E-mail", "Libellé", "Empreinte", "Schéma")

Row = tuple[str, ...]

TRUST = """\
# Who trusts whom. `forward`: for what the accepter opens itself to the proposer; `backward`: the other way round.

[[circle]]
name = "Les Portes voisines"
charter = "Charte des Portes voisines, version 1"
admission = "operator"
purposes = ["link", "switch", "list"]
members = ["merle-bleu", "passerose"]

[[agreement]]
proposer = "merle-bleu"
accepter = "tournesac"
document = "Convention MB-TG 2026/09"
forward = ["link", "switch"]
backward = ["link", "switch", "list"]
"""


@dataclass(frozen=True)
class Export:
    """One syndic's file as bytes, and its (identifier, password) pairs in the file's order."""

    content: bytes
    passwords: tuple[tuple[str, str], ...]


def export(plan: Plan) -> Export:
    """250 good lines of one syndic, and six that its software should never have written."""
    rng = _rng(plan.slug)
    people = owners(rng, plan.slug, ACCOUNTS, plan.encoding)
    passwords = tuple(
        (_identifier(plan, rng, place), "".join(rng.choices(hashing.PRINTED, k=hashing.CODE_LENGTH)))
        for place in range(ACCOUNTS)
    )
    good = [_line(plan, rng, owner, *pair) for owner, pair in zip(people, passwords, strict=True)]
    return Export(_written(plan, _with_broken_lines(plan, rng, good)), passwords)


def syndics_toml() -> bytes:
    """The descriptions of the syndics, as the loader of the demonstration reads them."""
    return "\n".join(_described(plan) for plan in PLANS).encode()


def passwords_csv(exports: dict[str, Export]) -> bytes:
    """What the printed letters say: columns syndic, identifier and password, UTF-8; `exports` is by slug."""
    rows = [(slug, *pair) for slug, made in exports.items() for pair in made.passwords]
    return _csv([("syndic", "identifier", "password"), *rows], ",", "\n").encode()


def write(folder: Path) -> None:
    """Write every file of the demonstration's data into `folder`, which exists."""
    exports = {plan.slug: export(plan) for plan in PLANS}
    for place, plan in enumerate(PLANS, start=1):
        (folder / f"{plan.slug}.csv").write_bytes(exports[plan.slug].content)
        (folder / f"{plan.slug}.png").write_bytes(logos.png(plan.colour, place))
    (folder / "passwords.csv").write_bytes(passwords_csv(exports))
    (folder / "syndics.toml").write_bytes(syndics_toml())
    (folder / "trust.toml").write_bytes(TRUST.encode())


def _rng(name: str) -> Random:
    return Random(f"{SEED}/{name}")  # noqa: S311 - samples that must come out the same each time, no secrets


def _identifier(plan: Plan, rng: Random, place: int) -> str:
    return plan.numbering.format(n=plan.first_number + 7 * place + rng.randrange(7), c=rng.randrange(1, 40))


def _line(plan: Plan, rng: Random, owner: Owner, identifier: str, password: str) -> Row:
    names, shares = zip(*plan.schemes, strict=True)
    scheme: str = rng.choices(names, weights=shares)[0]
    return (identifier, owner.holder, owner.email, owner.label, hashing.make(scheme, password, rng), scheme)


def _with_broken_lines(plan: Plan, rng: Random, good: list[Row]) -> list[Row]:
    """Each broken line stands in a place of its own, the duplicate after the line that it repeats."""
    lines = list(good)
    for broken in _broken(plan, rng, good):
        lines.insert(rng.randrange(ACCOUNTS // 2, len(lines)), broken)
    return lines


def _broken(plan: Plan, rng: Random, good: list[Row]) -> list[Row]:
    identifier, holder, email, label, _, _ = rng.choice(good[: ACCOUNTS // 4])
    scheme = plan.schemes[0][0]
    stored = hashing.make(scheme, "PERIMEE2", rng)
    unused = [plan.numbering.format(n=plan.first_number + 7 * ACCOUNTS + extra, c=1) for extra in range(3)]
    return [
        ("", holder, email, label, stored, scheme),
        (unused[0], holder, email, label, stored, "crypt_maison"),
        (unused[1], holder, email, label, stored[: len(stored) // 2], scheme),
        ("accueil@syndic.example", holder, email, label, stored, scheme),
        (identifier, "M. Ancien Titulaire", "", label, stored, scheme),
        (unused[2], holder),
    ]


def _written(plan: Plan, lines: list[Row]) -> bytes:
    return _csv([COLUMNS, *lines], plan.delimiter, plan.newline).encode(plan.encoding)


def _csv(rows: list[Row], delimiter: str, newline: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return out.getvalue()


def _described(plan: Plan) -> str:
    deadline: list[tuple[str, str | int]] = (
        [] if plan.deadline_days is None else [("deadline_days", plan.deadline_days)]
    )
    policy = [("association", plan.association), *deadline, ("legacy_disable", plan.legacy_disable)]
    contact = [("phone", plan.phone), ("email", plan.email), ("hours", plan.hours)]
    return (
        f"[[syndics]]\n{_pairs(_identity(plan))}"
        f"\n[syndics.contact]\n{_pairs(contact)}\n[syndics.policy]\n{_pairs(policy)}"
    )


def _identity(plan: Plan) -> list[tuple[str, str | int]]:
    return [
        ("slug", plan.slug),
        ("name", plan.name),
        ("legal_name", plan.legal_name),
        ("siren", plan.siren),
        ("colour", plan.colour),
        ("locale", "fr"),
        ("connector", plan.connector),
        ("logo", f"{plan.slug}.png"),
        ("accounts", f"{plan.slug}.csv"),
    ]


def _pairs(pairs: Sequence[tuple[str, str | int]]) -> str:
    # A TOML basic string takes the escapes of JSON.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in pairs)


if __name__ == "__main__":
    write(DATA)
