"""Every way in which a proof file may be changed, and what the program says of it."""

from collections.abc import Callable
from typing import Any

from tenants.audit.models import PLATFORM

Json = dict[str, Any]


def _one_bit(hexadecimal: str) -> str:
    return ("0" if hexadecimal[0] != "0" else "1") + hexadecimal[1:]


def _entry(proof: Json) -> Json:
    entry: Json = proof["entries"][1]
    return entry


def _text(proof: Json) -> None:
    proof["texts"][0]["text"] += " "


def _time(proof: Json) -> None:
    _entry(proof)["time"] = "2020" + _entry(proof)["time"][4:]


def _kind(proof: Json) -> None:
    _entry(proof)["kind"] = "association.contested"


def _body(proof: Json) -> None:
    _entry(proof)["body"]["proofs"] = ["legacy"]


def _sequence(proof: Json) -> None:
    _entry(proof)["sequence"] += 1


def _chain(proof: Json) -> None:
    _entry(proof)["chain"] = str(PLATFORM)


def _previous(proof: Json) -> None:
    _entry(proof)["previous"] = _one_bit(_entry(proof)["previous"])


def _hash(proof: Json) -> None:
    _entry(proof)["hash"] = _one_bit(_entry(proof)["hash"])


def _salt(proof: Json) -> None:
    shown = _entry(proof)["disclosed"]["email"]
    shown["salt"] = _one_bit(shown["salt"])


def _value(proof: Json) -> None:
    _entry(proof)["disclosed"]["email"]["value"] = "somebody@else.example"


def _digest(proof: Json) -> None:
    proof["texts"][0]["sha256"] = _one_bit(proof["texts"][0]["sha256"])


def _lost_text(proof: Json) -> None:
    proof["texts"].pop()


def _lost_entry(proof: Json) -> None:
    proof["entries"].pop()


def _twice(proof: Json) -> None:
    proof["entries"].append(_entry(proof))


def _person(proof: Json) -> None:
    proof["person"]["email"] = "somebody@else.example"


def _issuer(proof: Json) -> None:
    proof["issuer"] = "https://elsewhere.example"


def _issued(proof: Json) -> None:
    proof["issued_at"] = "2020" + proof["issued_at"][4:]


def _about(proof: Json) -> None:
    proof["about"]["fr"]["ce_que_ce_fichier_prouve"].append("Tout.")


def _signature(proof: Json) -> None:
    first, second, third = proof["signature"].split(".")
    proof["signature"] = f"{first}.{second}.{'B' if third[0] == 'A' else 'A'}{third[1:]}"


def _unsigned(proof: Json) -> None:
    proof["signature"] = "eyJhbGciOiJub25lIn0." + proof["signature"].split(".")[1] + "."


def _key(proof: Json) -> None:
    proof["key"]["entry"]["body"]["kid"] = "another"


TAMPERED: dict[Callable[[Json], None], str] = {
    _text: "text 1 (version 2026-11, fr): the text does not have its SHA-256",
    _digest: "text 1 (version 2026-11, fr): the text does not have its SHA-256",
    _time: "entry 2 (association.confirmed",
    _kind: "its content or time does not have its hash",
    _body: "its content or time does not have its hash",
    _sequence: "its content or time does not have its hash",
    _chain: "its content or time does not have its hash",
    _previous: "its content or time does not have its hash",
    _hash: "its content or time does not have its hash",
    _salt: "the value or the salt of 'email' does not have the hash in its body",
    _value: "the value or the salt of 'email' does not have the hash in its body",
    _lost_text: "accepted, but its text is not in the file",
    _lost_entry: "file: it was changed after it was signed",
    _twice: "two entries have the sequence",
    _person: "file: it was changed after it was signed",
    _issuer: "file: its 'issuer' is not the one that was signed",
    _issued: "file: its 'issued_at' is not the one that was signed",
    _about: "file: it was changed after it was signed",
    _signature: "signature: it was not made with the published key, or it was changed",
    _unsigned: "signature: it cannot be read: it is no plain ES256 signature",
    _key: "the entry of the key: it names another key",
}

OF_THE_SIGNATURE = (_signature, _unsigned)
"""What changes the signature alone: the content is then as it was signed."""
