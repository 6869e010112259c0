"""The committed exports: what they hold, and that the generator makes these very bytes."""

import csv
import io
import tomllib
from base64 import b64decode
from collections import Counter

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from passlib.hash import bcrypt, ldap_salted_md5, sha512_crypt

from demo import generate, hashing, logos
from demo.generate import COLUMNS, DATA
from demo.plans import PLANS, Plan

every_syndic = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.slug)


def passwords(slug: str) -> dict[str, str]:
    """By identifier."""
    with (DATA / "passwords.csv").open(encoding="utf-8", newline="") as rows:
        return {row["identifier"]: row["password"] for row in csv.DictReader(rows) if row["syndic"] == slug}


def lines(plan: Plan) -> list[list[str]]:
    text = (DATA / f"{plan.slug}.csv").read_bytes().decode(plan.encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=plan.delimiter))


def split(plan: Plan) -> tuple[list[list[str]], list[list[str]]]:
    """The good lines (the first of each identifier that has a password), and the broken ones."""
    known, good, broken = passwords(plan.slug), {}, []
    for line in lines(plan)[1:]:
        is_good = line[0] in known and line[0] not in good
        good.update({line[0]: line}) if is_good else broken.append(line)
    return list(good.values()), broken


def verifies(scheme: str, secret: str, stored: str) -> bool:
    """Read by other libraries than the ones that made it, where there is one."""
    if scheme != "aspnet_identity_v3":
        handlers = {"bcrypt": bcrypt, "salted_md5": ldap_salted_md5, "sha512_crypt": sha512_crypt}
        return bool(handlers[scheme].verify(secret, stored))
    raw = b64decode(stored)
    assert (raw[0], int.from_bytes(raw[5:9], "big"), int.from_bytes(raw[9:13], "big")) == (1, 10_000, 16)
    prf = {1: hashes.SHA256(), 2: hashes.SHA512()}[int.from_bytes(raw[1:5], "big")]
    return PBKDF2HMAC(prf, 32, raw[13:29], 10_000).derive(secret.encode()) == raw[29:]


@every_syndic
def test_the_generator_makes_the_committed_export_byte_for_byte(plan: Plan) -> None:
    made = generate.export(plan)
    assert made.content == (DATA / f"{plan.slug}.csv").read_bytes(), "run `python -m demo.generate` and commit"
    assert dict(made.passwords) == passwords(plan.slug), "passwords.csv belongs to another export"


def test_the_generator_makes_the_other_committed_files_byte_for_byte() -> None:
    assert (DATA / "syndics.toml").read_bytes() == generate.syndics_toml(), "syndics.toml is not what is generated"
    assert (DATA / "trust.toml").read_bytes() == generate.TRUST.encode(), "trust.toml is not what is generated"
    for place, plan in enumerate(PLANS, start=1):
        logo = (DATA / f"{plan.slug}.png").read_bytes()
        assert logo == logos.png(plan.colour, place), f"the logo of {plan.slug} is not what is generated"


@every_syndic
def test_every_good_lines_hash_is_of_the_password_on_the_letter(plan: Plan) -> None:
    known, (good, _) = passwords(plan.slug), split(plan)
    assert len(good) == generate.ACCOUNTS, "250 good lines"
    wrong = [line[0] for line in good if not verifies(line[5], known[line[0]], line[4])]
    assert wrong == [], "these accounts' printed passwords open nothing"
    assert {line[5] for line in good} == {scheme for scheme, _ in plan.schemes}, "every scheme of the plan occurs"


@every_syndic
def test_no_hash_opens_with_another_accounts_password(plan: Plan) -> None:
    known, (good, _) = passwords(plan.slug), split(plan)
    for scheme, _ in plan.schemes:
        line = next(line for line in good if line[5] == scheme)
        foreign = next(secret for identifier, secret in known.items() if identifier != line[0])
        assert not hashing.verify(scheme, foreign, line[4]), f"{scheme} accepts a wrong password"
        assert hashing.verify(scheme, known[line[0]], line[4]), f"{scheme} refuses the right password"


@every_syndic
def test_each_export_has_six_broken_lines_each_broken_in_its_own_way(plan: Plan) -> None:
    good, broken = split(plan)
    first = {line[0]: line for line in good}
    schemes = {scheme for scheme, _ in plan.schemes}
    assert len(broken) == 6, "six lines that no import may take"
    assert sum(len(line) < len(COLUMNS) for line in broken) == 1, "one line with too few columns"
    whole = [line for line in broken if len(line) == len(COLUMNS)]
    assert sum(line[0] == "" for line in whole) == 1, "one line without an identifier"
    assert sum("@" in line[0] for line in whole) == 1, "one line with an @ in its identifier"
    assert sum(line[5] not in schemes for line in whole) == 1, "one line of an unknown scheme"
    [repeated] = [line for line in whole if line[0] in first]
    assert repeated[1:] != first[repeated[0]][1:], "one line repeats an identifier with other data"
    [malformed] = [line for line in whole if line[5] in schemes and line[0].strip() and _unreadable(line)]
    assert malformed[0] not in first, "one line with a malformed hash"


def _unreadable(line: list[str]) -> bool:
    try:
        hashing.verify(line[5], "whatever", line[4])
    except ValueError:
        return True
    return False


@every_syndic
def test_each_export_looks_like_real_life(plan: Plan) -> None:
    good, _ = split(plan)
    holders, emails = [line[1] for line in good], [line[2] for line in good]
    assert tuple(lines(plan)[0]) == COLUMNS, "the columns have their French names"
    assert not any("@" in line[0] for line in good), "an identifier never looks like an e-mail"
    assert any("é" in holder for holder in holders), "holders have accents"
    assert any(holder.startswith("M. et Mme") for holder in holders), "there are couples"
    assert any(holder.startswith("SCI ") for holder in holders), "there is a SCI"
    assert any(holder.startswith("Indivision") for holder in holders), "there are heirs"
    assert 35 <= emails.count("") <= 70, "about a fifth of the e-mails is missing"
    assert max(Counter(filter(None, emails)).values()) >= 2, "two accounts have the same e-mail"
    assert all(email.lower().endswith(".example") for email in emails if email), "nobody real is ever written to"


def test_the_four_syndics_are_described_as_the_loader_expects() -> None:
    syndics = tomllib.loads((DATA / "syndics.toml").read_text("utf-8"))["syndics"]
    assert [(one["connector"], one["policy"]["association"]) for one in syndics] == [
        ("imported", "optional"),
        ("http", "required"),
        ("imported", "required"),
        ("imported", "optional"),
    ], "the kinds and policies of the four"
    assert [one["policy"].get("deadline_days") for one in syndics] == [None, 60, -30, None], "the deadlines"
    assert [one["policy"]["legacy_disable"] for one in syndics] == ["after_confirmation"] * 3 + ["never"]
    assert all(_luhn(one["siren"]) for one in syndics), "a SIREN passes Luhn's check"
    assert all((DATA / one[file]).is_file() for one in syndics for file in ("logo", "accounts")), "files exist"


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return len(number) == 9 and sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def test_two_syndics_are_partners_one_has_an_agreement_with_the_first_and_nobody_trusts_the_last() -> None:
    first, second, third, last = (plan.slug for plan in PLANS)
    trust = tomllib.loads((DATA / "trust.toml").read_text("utf-8"))
    pairs = [(one["proposer"], one["accepter"]) for one in trust["agreement"]]
    assert [one["members"] for one in trust["circle"]] == [[first, second]], "the first two form the only circle"
    assert pairs == [(first, third)], "and nothing else is trusted"
    assert last not in str(trust), "nobody trusts the last"
