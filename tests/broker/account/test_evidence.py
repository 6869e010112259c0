"""« Mes preuves »: one's own and nobody else's, in plain words, and in a file that verifies without us."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from broker.identities import service as identities
from config.database import session, transaction
from tenants.audit.models import PLATFORM, LedgerEntry
from tenants.evidence import keys as evidence_keys
from tests.broker.account.tampering import OF_THE_SIGNATURE, TAMPERED, Json
from tests.browser import Browser, Page
from tests.journeys.publishing import accept, evidence_of, owner_of_an_account, publish
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in, until_waiting
from tests.world import TestSyndic, World

SCRIPT = Path(__file__).parents[3] / "docs" / "verify_evidence.py"


class Expert:
    """A third party with the program, the file and the public keys, and nothing of ours."""

    def __init__(self, folder: Path, keys: Json) -> None:
        self.folder = folder
        (folder / "keys.json").write_text(json.dumps(keys), encoding="utf-8")
        self.program = folder / "verify_evidence.py"
        self.program.write_bytes(SCRIPT.read_bytes())

    def says(self, proof: Json | str) -> tuple[int, str]:
        """Exit code and words of the program, run as a process of its own."""
        text = proof if isinstance(proof, str) else json.dumps(proof, ensure_ascii=False)
        (self.folder / "proof.json").write_text(text, encoding="utf-8")
        command = [sys.executable, "-I", str(self.program), "proof.json", "keys.json"]
        bare = {"PATH": os.environ["PATH"]}
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=self.folder, env=bare, capture_output=True, text=True, check=False
        )
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout


def page_of(world: World, email: str) -> Page:
    browser = Browser()
    sign_in(browser.get(f"{world.base}/login?next=/account/accounts"), email, PASSWORD)
    return browser.get(f"{world.base}/account/").follow("Mes preuves")


def file_of(world: World, email: str) -> Json:
    page = page_of(world, email)
    answer = page.browser.http.get(world.base + str(page.link("Télécharger mon fichier de preuves")["href"]))
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["content-disposition"].startswith('attachment; filename="mes-preuves-')
    assert answer.headers["cache-control"] == "no-store"
    proof: Json = answer.json()
    return proof


def published_keys(world: World) -> Json:
    answer = Browser().http.get(f"{world.base}/evidence/keys.json")
    assert answer.headers["content-type"].startswith("application/jwk-set+json")
    keys: Json = answer.json()
    return keys


@pytest.fixture
def person(world: World) -> tuple[TestSyndic, str]:
    """Somebody who associated an account and later accepted new terms."""
    syndic, email = owner_of_an_account(world, "expert")
    publish(world, syndic)
    browser = Browser()
    accept(sign_in(browser.get(f"{world.base}/login?next=/account/accounts"), email, PASSWORD))
    return syndic, email


@pytest.fixture
def expert(world: World, tmp_path: Path) -> Expert:
    return Expert(tmp_path, published_keys(world))


def test_the_page_says_in_plain_words_what_was_accepted_and_confirmed(
    world: World, person: tuple[TestSyndic, str]
) -> None:
    syndic, email = person
    page = page_of(world, email)
    assert page.heading == "Mes preuves"
    assert "Vous avez accepté les conditions de Trousseau, version 2026-11." in page.text
    assert f"Vous avez accepté les conditions de {syndic.name}, version v-" in page.text
    assert f"Vous avez associé le compte …0000 de {syndic.name}." in page.text


def test_a_third_party_verifies_the_file_with_the_program_and_the_published_keys(
    world: World, person: tuple[TestSyndic, str], expert: Expert
) -> None:
    syndic, email = person
    proof = file_of(world, email)
    code, said = expert.says(proof)
    assert code == 0, said
    assert email in said
    assert proof["issuer"] == world.base
    assert [entry["kind"] for entry in proof["entries"]] == [
        "terms.accepted",
        "association.confirmed",
        "terms.accepted",
    ], "every act of this person, and only those"
    shown = proof["entries"][1]["disclosed"]
    assert {field: value["value"] for field, value in shown.items()} == {
        "email": email,
        "identifier": syndic.accounts[0].identifier,
    }
    assert {text["of"] for text in proof["texts"]} == {"Trousseau", syndic.name}
    assert set(proof["about"]) == {"fr", "en"}, "the file says itself what it proves, in both languages"


def test_the_program_names_whatever_was_changed(world: World, person: tuple[TestSyndic, str], expert: Expert) -> None:
    proof = file_of(world, person[1])
    for tamper, expected in TAMPERED.items():
        changed = copy.deepcopy(proof)
        tamper(changed)
        code, said = expert.says(changed)
        assert code == 1, f"{tamper.__name__} went unnoticed: {said}"
        assert expected in said, f"{tamper.__name__} must be named: {said}"
        assert tamper in OF_THE_SIGNATURE or "after it was signed" in said, said


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "trousseau-evidence-1"}', '{"a": 1, "a": 2}', '{"a": 1.5}']
)
def test_what_is_no_proof_is_refused_in_words(expert: Expert, text: str) -> None:
    code, said = expert.says(text)
    assert code in {1, 2}
    assert said.startswith("WRONG")


def test_a_file_signed_before_a_rotation_verifies_for_ever(world: World, tmp_path: Path) -> None:
    syndic, email = owner_of_an_account(world, "rotation")
    proof = file_of(world, email)
    with world.application.app_context(), transaction():
        evidence_keys.rotate()
    newer = file_of(world, email)
    keys = published_keys(world)
    assert proof["key"]["kid"] != newer["key"]["kid"], "the next key signs at once"
    expert = Expert(tmp_path, keys)
    for each in (proof, newer):
        assert expert.says(each)[0] == 0, syndic.name
    only_newest = Expert(tmp_path, {"keys": keys["keys"][:1]})
    assert "is in the key file" in only_newest.says(proof)[1], "a key that is not published signs nothing"
    assert not any("d" in key for key in keys["keys"]), "no private half is ever published"
    world.ledger_is_whole()


def test_a_key_stands_in_the_platforms_chain_by_its_thumbprint(world: World) -> None:
    _, email = owner_of_an_account(world, "empreinte")
    named = file_of(world, email)["key"]
    assert named["entry"]["chain"] == str(PLATFORM)
    with world.application.app_context():
        place = (LedgerEntry.chain == PLATFORM, LedgerEntry.sequence == named["entry"]["sequence"])
        kept = session().scalars(select(LedgerEntry).where(*place)).one()
    assert kept.hash.hex() == named["entry"]["hash"]
    assert kept.body["kid"] == named["kid"]


def test_a_co_holders_and_a_strangers_evidence_are_never_in_it(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    shared, own = syndic.accounts
    mine, theirs, stranger = (f"{name}@{syndic.slug}.example" for name in ("moitie", "autre", "etranger"))
    associate(world, syndic, shared, mine)
    associate(world, syndic, shared, theirs)
    associate(world, syndic, own, stranger)
    elsewhere, _ = owner_of_an_account(world, "ailleurs")
    _, page = legacy_sign_in(Browser(), syndic, shared, acr_values="password", prompt="login")
    until_waiting(page, f"jamais@{syndic.slug}.example")
    files = {email: file_of(world, email) for email in (mine, theirs, stranger)}
    places = [{(e["chain"], e["sequence"]) for e in each["entries"]} for each in files.values()]
    assert all(len(each) == 2 for each in places), "one acceptance and one confirmation each"
    assert len(set().union(*places)) == 6, "no entry is in two persons' files"
    for email, proof in files.items():
        written = json.dumps(proof)
        others = {mine, theirs, stranger, f"jamais@{syndic.slug}.example", elsewhere.name, elsewhere.slug} - {email}
        assert not [other for other in others if other in written], "nothing of anybody else is in the file"
    assert own.identifier not in json.dumps(files[mine]["entries"])


def test_salts_come_out_beside_the_requesters_own_values_only(world: World) -> None:
    syndic, email = owner_of_an_account(world, "sel")
    with world.application.app_context(), transaction():
        person = identities.by_email(email)
        assert person is not None
        person.email = f"change@{syndic.slug}.example"
    proof = file_of(world, f"change@{syndic.slug}.example")
    values = {shown["value"] for entry in proof["entries"] for shown in entry["disclosed"].values()}
    assert values == {email, syndic.accounts[0].identifier, "127.0.0.0/24"}, "what was recorded then, not what is now"


def test_only_the_person_gets_the_file(world: World, person: tuple[TestSyndic, str]) -> None:
    for address in ("/account/evidence", "/account/evidence/file"):
        assert Browser().get(world.base + address).heading == "Mon compte immobilier"
    before = len(evidence_of(world, person[1]))
    file_of(world, person[1])
    assert len(evidence_of(world, person[1])) == before, "reading one's evidence changes nothing"
