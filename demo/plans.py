"""The four invented syndics of the demonstration: what each is, and how its old software writes an export.

SIRENs are made up and pass Luhn's check; telephone numbers are from the ranges that Arcep keeps for fiction
(decision 2018-0881), addresses end in `.example` (RFC 2606 §2).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """One syndic. `deadline_days` counts from the start of the demonstration; `schemes` has their shares.

    `numbering` is the pattern of an account's identifier, filled with a number that grows (`n`) and the
    number of a co-ownership (`c`); `encoding`, `delimiter` and `newline` are those of the export.
    """

    slug: str
    name: str
    legal_name: str
    siren: str
    colour: str
    phone: str
    email: str
    hours: str
    connector: str
    association: str
    deadline_days: int | None
    legacy_disable: str
    encoding: str
    delimiter: str
    newline: str
    numbering: str
    first_number: int
    schemes: tuple[tuple[str, int], ...]


PLANS = (
    Plan(
        slug="merle-bleu",
        name="Régie du Merle Bleu",
        legal_name="Régie du Merle Bleu SAS",
        siren="000041301",
        colour="#1f4e8c",
        phone="01 99 00 41 10",
        email="contact@merle-bleu.example",
        hours="Du lundi au vendredi, de 9 h à 12 h 30 et de 14 h à 17 h 30",
        connector="imported",
        association="optional",
        deadline_days=None,
        legacy_disable="after_confirmation",
        encoding="utf-8",
        delimiter=";",
        newline="\n",
        numbering="{n:08d}",
        first_number=10_042_300,
        schemes=(("bcrypt", 13), ("salted_md5", 7)),
    ),
    Plan(
        slug="passerose",
        name="Cabinet Passerose",
        legal_name="Cabinet Passerose SARL",
        siren="000052704",
        colour="#8a2f5b",
        phone="04 65 71 52 20",
        email="gestion@passerose.example",
        hours="Du lundi au jeudi, de 8 h 30 à 17 h",
        connector="http",
        association="required",
        deadline_days=60,
        legacy_disable="after_confirmation",
        encoding="utf-8-sig",
        delimiter=",",
        newline="\r\n",
        numbering="PR{c:02d}C{n:04d}",
        first_number=310,
        schemes=(("sha512_crypt", 1),),
    ),
    Plan(
        slug="tournesac",
        name="Tournesac Gestion",
        legal_name="Tournesac Gestion immobilière SA",
        siren="000063800",
        colour="#2f6b3a",
        phone="05 36 49 63 30",
        email="accueil@tournesac.example",
        hours="Du mardi au samedi, de 9 h à 13 h",
        connector="imported",
        association="required",
        deadline_days=-30,
        legacy_disable="after_confirmation",
        encoding="cp1252",
        delimiter=";",
        newline="\r\n",
        numbering="{c:03d}-{n:05d}",
        first_number=20_110,
        schemes=(("aspnet_identity_v3", 1),),
    ),
    Plan(
        slug="vieux-lavoir",
        name="Cabinet du Vieux Lavoir",
        legal_name="Cabinet du Vieux Lavoir, Anselme et fille",
        siren="000074906",
        colour="#7a4a12",
        phone="03 53 01 74 40",
        email="bonjour@vieux-lavoir.example",
        hours="Le matin, du lundi au vendredi, de 9 h à 12 h",
        connector="imported",
        association="optional",
        deadline_days=None,
        legacy_disable="never",
        encoding="cp1252",
        delimiter=",",
        newline="\r\n",
        numbering="{n:06d}",
        first_number=4_210,
        schemes=(("salted_md5", 3), ("sha512_crypt", 2)),
    ),
)
