"""Verify a proof file of Trousseau: `python verify_evidence.py mes-preuves.json keys.json`.

It needs Python 3.11 and the package `cryptography`, and reads those two files and nothing else: no database, no
network, none of Trousseau's code. docs/evidence.md says the same in words, for whoever computes by hand.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

FORMAT = "trousseau-evidence-1"
HASHED = ("chain", "sequence", "time", "kind", "body", "previous")
PLATFORM = "00000000-0000-0000-0000-000000000000"


class Unreadable(Exception):  # noqa: N818 - a finding, not a defect
    """The file is not one that a proof can be in."""


def read(text: str) -> Any:
    """JSON in which nothing can be read in two ways: no name twice, no fractions."""
    return json.loads(text, object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction)


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785): names sorted by their UTF-16, no spaces, UTF-8."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def faults(proof: dict[str, Any], keys: dict[str, Any]) -> list[str]:
    """Everything that is wrong with the file, in words. Empty: it is what its issuer made."""
    if proof.get("format") != FORMAT:
        return [f"format: this program reads {FORMAT!r}, not {proof.get('format')!r}"]
    found = [fault for number, entry in enumerate(proof["entries"], 1) for fault in of_entry(f"entry {number}", entry)]
    found += [fault for number, text in enumerate(proof["texts"], 1) for fault in of_text(f"text {number}", text)]
    return [*found, *of_order(proof["entries"]), *of_acceptances(proof), *of_key(proof), *of_signature(proof, keys)]


def of_entry(place: str, entry: dict[str, Any]) -> list[str]:
    """An entry has the hash of its content, and the disclosed values have the hashes that stand in it."""
    named = f"{place} ({entry['kind']}, chain {entry['chain']}, sequence {entry['sequence']})"
    found = []
    if sha256(canonical({name: entry[name] for name in HASHED})) != entry["hash"]:
        found.append(f"{named}: its content or time does not have its hash")
    hashed = entry["body"].get("personal", {})
    for field, shown in entry.get("disclosed", {}).items():
        computed = sha256(bytes.fromhex(shown["salt"]) + shown["value"].encode())
        if computed != hashed.get(field, {}).get("sha256"):
            found.append(f"{named}: the value or the salt of {field!r} does not have the hash in its body")
    return found


def of_text(place: str, text: dict[str, Any]) -> list[str]:
    """A text of the terms has its SHA-256."""
    if sha256(text["text"].encode()) == text["sha256"]:
        return []
    return [f"{place} (version {text['version']}, {text['locale']}): the text does not have its SHA-256"]


def of_order(entries: list[dict[str, Any]]) -> list[str]:
    """No place of a chain is taken twice, and an entry names the hash of the one before where that one is here."""
    places: dict[tuple[str, int], dict[str, Any]] = {}
    found = []
    for entry in entries:
        place = (entry["chain"], entry["sequence"])
        if place in places:
            found.append(f"chain {place[0]}: two entries have the sequence {place[1]}")
        places[place] = entry
    for (chain, sequence), entry in places.items():
        before = places.get((chain, sequence - 1))
        if before is not None and before["hash"] != entry["previous"]:
            found.append(f"chain {chain}: the entry {sequence} does not follow the entry {sequence - 1}")
    return found


def of_acceptances(proof: dict[str, Any]) -> list[str]:
    """Every text that an entry says was accepted is in the file."""
    here = {(text["version"], text["locale"], text["sha256"]) for text in proof["texts"]}
    named = [text for entry in proof["entries"] if entry["kind"] == "terms.accepted" for text in entry["body"]["texts"]]
    return [
        f"terms version {text['version']} ({text['locale']}): accepted, but its text is not in the file"
        for text in named
        if (text["version"], text["locale"], text["sha256"]) not in here
    ]


def of_key(proof: dict[str, Any]) -> list[str]:
    """The key that signed stands in the platform's own chain."""
    entry = proof["key"]["entry"]
    found = of_entry("the entry of the key", entry)
    if entry["chain"] != PLATFORM or entry["kind"] != "evidence_key.added":
        found.append("the entry of the key: it is no entry of the platform's chain that adds a key")
    if entry["body"].get("kid") != proof["key"]["kid"]:
        found.append("the entry of the key: it names another key")
    return found


def of_signature(proof: dict[str, Any], keys: dict[str, Any]) -> list[str]:
    """The signature is the named key's, and it signs exactly this file."""
    try:
        header, claims = signed(proof["signature"], keys)
    except InvalidSignature:
        return ["signature: it was not made with the published key, or it was changed"]
    except (Unreadable, ValueError, KeyError, TypeError) as error:
        return [f"signature: it cannot be read: {error}"]
    content = {name: value for name, value in proof.items() if name != "signature"}
    found = []
    if header["kid"] != proof["key"]["kid"]:
        found.append("signature: it was made with another key than the file names")
    if claims.get("sha256") != sha256(canonical(content)):
        found.append("file: it was changed after it was signed")
    for name, here in (("iss", "issuer"), ("issued_at", "issued_at")):
        if claims.get(name) != proof[here]:
            found.append(f"file: its {here!r} is not the one that was signed")
    return found


def signed(token: str, keys: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and content of a JWS (RFC 7515), once its ES256 signature (RFC 7518 §3.4) has been verified."""
    first, second, third = token.split(".")
    header = read(_decoded(first).decode())
    if header.get("alg") != "ES256" or "crit" in header:
        raise Unreadable("it is no plain ES256 signature")
    key = _key(header.get("kid"), keys)
    raw = _decoded(third)
    if len(raw) != 64:
        raise Unreadable("it has not the length of an ES256 signature")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{first}.{second}".encode(), ec.ECDSA(hashes.SHA256()))
    return header, read(_decoded(second).decode())


def _key(kid: object, keys: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    """The published key of that id, whose id must be its thumbprint (RFC 7638)."""
    jwk = next((key for key in keys["keys"] if key.get("kid") == kid), None)
    if jwk is None:
        raise Unreadable(f"no key {kid!r} is in the key file")
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(canonical(members)).digest()).rstrip(b"=").decode()
    if thumbprint != kid or members["kty"] != "EC" or members["crv"] != "P-256":
        raise Unreadable(f"the key {kid!r} in the key file is not the one of that thumbprint")
    x, y = (int.from_bytes(_decoded(members[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _decoded(part: str) -> bytes:
    """base64url without padding, in its one spelling."""
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise Unreadable("it is not base64url")
    return raw


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Unreadable("a name stands twice in one object")
    return dict(pairs)


def _no_fraction(text: str) -> Any:
    raise Unreadable(f"it holds the number {text}")


def main(arguments: list[str]) -> int:
    """Verify; print what was found; 0 where all is well, 1 where something is wrong, 2 where nothing can be read."""
    if len(arguments) != 2:
        print("usage: python verify_evidence.py PROOF_FILE KEY_FILE", file=sys.stderr)
        return 2
    try:
        proof, keys = (read(Path(name).read_text(encoding="utf-8")) for name in arguments)
        wrong = faults(proof, keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Unreadable) as error:
        print(f"WRONG  the file cannot be read as a proof: {type(error).__name__}: {error}")
        return 2
    for fault in wrong:
        print(f"WRONG  {fault}")
    if not wrong:
        print(f"The file is what {proof['issuer']} made on {proof['issued_at']} for {proof['person']['email']}.")
        print(f"{len(proof['entries'])} entries and {len(proof['texts'])} texts, signed with {proof['key']['kid']}.")
        print(f"The keys were taken from your key file: make sure that it comes from {proof['keys']}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
