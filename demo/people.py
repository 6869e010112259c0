"""Invented co-owners, as a syndic's software writes them: couples, companies, heirs, old first names."""

import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

NAMES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
MAILBOXES = ("courriel.example", "boite.example", "poste.example", "la-ruche.example")
TRANSLITERATION = str.maketrans({"œ": "oe", "Œ": "oe", "ø": "o", "ß": "ss", "ı": "i"})


@dataclass(frozen=True)
class Owner:
    """Who holds an account: the line as printed, the e-mail ("" where none is known), and the lot."""

    holder: str
    email: str
    label: str


# The same persons are clients of several of the syndics. The first has two lots at the first syndic.
SHARED = {
    "merle-bleu": (
        Owner("Mme Geneviève Lefèvre", "genevieve.lefevre@courriel.example", "Appt 12, bât. B, 14 rue des Lilas"),
        Owner("Mme Geneviève Lefèvre", "genevieve.lefevre@courriel.example", "Parking 7, 14 rue des Lilas"),
        Owner("M. et Mme Aimé Lebœuf", "aime.leboeuf@boite.example", "Appt 3, bât. A, 14 rue des Lilas"),
        Owner("SCI Mon Repos", "gerance@sci-mon-repos.example", "Local commercial, RDC, 2 cours Émile-Zola"),
    ),
    "passerose": (
        Owner("Mme Geneviève Lefèvre", "genevieve.lefevre@courriel.example", "Appt 5, 31 quai des Célestins"),
        Owner("M. et Mme Aimé Lebœuf", "aime.leboeuf@boite.example", "Studio 2, 31 quai des Célestins"),
    ),
    "tournesac": (Owner("SCI Mon Repos", "gerance@sci-mon-repos.example", "Lot 0004, 9 allée des Aulnes"),),
    "vieux-lavoir": (
        Owner("LEFEVRE Geneviève (Mme)", "Genevieve.Lefevre@courriel.example", "Cave 3, 1 chemin du Pré-Fleuri"),
    ),
}


def owners(rng: Random, slug: str, count: int, encoding: str) -> list[Owner]:
    """`count` owners of one syndic: those it shares with others first; some e-mails occur twice.

    What `encoding` cannot write is spelled without its accents, as the old software did.
    """
    found = list(SHARED[slug])
    while len(found) < count:
        found.append(_another_lot(rng, found) if rng.random() < 0.03 else _invented(rng))
    return [replace(owner, holder=_writable(owner.holder, encoding)) for owner in found]


def _another_lot(rng: Random, found: list[Owner]) -> Owner:
    known = [owner for owner in found if owner.email]
    return replace(rng.choice(known), label=_label(rng))


def _invented(rng: Random) -> Owner:
    kinds: tuple[Callable[[Random], tuple[str, str]], ...] = (_person, _couple, _company, _heirs)
    holder, mailbox = rng.choices(kinds, weights=(60, 24, 8, 8))[0](rng)
    return Owner(holder, _email(rng, mailbox), _label(rng))


def _person(rng: Random) -> tuple[str, str]:
    title, first_names = rng.choice((("M.", NAMES["men"]), ("Mme", NAMES["women"])))
    first, last = rng.choice(first_names), rng.choice(NAMES["surnames"])
    holder = rng.choice((f"{title} {first} {last}", f"{title} {first} {last}", f"{last.upper()} {first} ({title})"))
    return holder, f"{first}.{last}"


def _couple(rng: Random) -> tuple[str, str]:
    him, her, last, other = (
        rng.choice(NAMES["men"]),
        rng.choice(NAMES["women"]),
        rng.choice(NAMES["surnames"]),
        rng.choice(NAMES["surnames"]),
    )
    holder = rng.choice(
        (f"M. et Mme {last}", f"M. et Mme {him} {last}", f"Mme {her} {other} et M. {him} {last}"),
    )
    return holder, rng.choice((f"{him}.{last}", f"{her}.{last}", f"famille.{last}"))


def _company(rng: Random) -> tuple[str, str]:
    name = rng.choice(NAMES["sci_names"])
    return f"SCI {name}", f"sci.{name}"


def _heirs(rng: Random) -> tuple[str, str]:
    first, last = rng.choice(NAMES["women"]), rng.choice(NAMES["surnames"])
    return rng.choice((f"Indivision {last}", f"Consorts {last}", f"Succession {first} {last}")), f"{first}.{last}"


def _email(rng: Random, mailbox: str) -> str:
    """About one in five is unknown to the syndic; a few were typed in capitals."""
    if rng.random() < 0.21:
        return ""
    number = rng.choice(("", "", str(rng.randrange(30, 99))))
    address = f"{_ascii(mailbox)}{number}@{rng.choice(MAILBOXES)}"
    return address.upper() if rng.random() < 0.04 else address


def _label(rng: Random) -> str:
    street = f"{rng.randrange(1, 90)} {rng.choice(NAMES['streets'])}"
    number, building = rng.randrange(1, 60), rng.choice("ABCDE")
    return rng.choice(
        (
            f"Appt {number}, bât. {building}, {street}",
            f"Appt {number}, bât. {building}, {street}",
            f"Lot {number:04d} – {street}",
            f"Studio {number} + cave {number}, {street}",
            f"Maison {building}, {street}",
        )
    )


def _ascii(text: str) -> str:
    """Lower-case letters, digits and single dots only."""
    plain = unicodedata.normalize("NFKD", text.translate(TRANSLITERATION)).encode("ascii", "ignore").decode()
    kept = "".join(sign if sign.isalnum() or sign == "." else " " for sign in plain.lower())
    return ".".join(part.strip(".") for part in kept.split() if part.strip("."))


def _writable(text: str, encoding: str) -> str:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", text.translate(TRANSLITERATION)).encode("ascii", "ignore").decode()
    return text
