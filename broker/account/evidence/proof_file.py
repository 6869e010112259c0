"""The proof file: JSON that a third party verifies without our database (docs/evidence.md)."""

import hashlib
from typing import Any

from broker.account.evidence.about import ABOUT
from broker.account.evidence.collected import Evidence
from config import clock
from config.settings import settings
from tenants.audit.canonical import canonical
from tenants.audit.entries import moment
from tenants.audit.models import LedgerEntry
from tenants.audit.subjects import Owned
from tenants.evidence import keys
from tenants.terms.models import TermsVersion

FORMAT = "trousseau-evidence-1"


def made(evidence: Evidence, email: str) -> dict[str, Any]:
    """The file of the person with this address, signed.

    The signature is a JWS over the SHA-256 of the canonical JSON of everything else.

    Raises:
        Unavailable: there is no key to sign with.
    """
    key, named = keys.signer()
    content = {
        "format": FORMAT,
        "about": ABOUT,
        "issuer": settings().base_url,
        "keys": f"{settings().base_url}/evidence/keys.json",
        "issued_at": moment(clock.now()),
        "person": {"email": email},
        "entries": [_owned(each, evidence) for each in evidence.entries],
        "texts": [_text(each, evidence) for each in evidence.texts],
        "key": {"kid": key.kid, "entry": _entry(named)},
    }
    digest = hashlib.sha256(canonical(content)).hexdigest()
    claims = {"iss": content["issuer"], "issued_at": content["issued_at"], "sha256": digest}
    return {**content, "signature": keys.sign(key, canonical(claims))}


def _owned(owned: Owned, evidence: Evidence) -> dict[str, Any]:
    disclosed = evidence.disclosed(owned)
    return {
        "of": evidence.name(owned.entry.chain),
        **_entry(owned.entry),
        "disclosed": {field: {"value": value, "salt": salt.hex()} for field, (value, salt) in disclosed.items()},
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    """An entry whole, in the words that its hash covers (`tenants.audit.entries`)."""
    return {
        "chain": str(entry.chain),
        "sequence": entry.sequence,
        "time": moment(entry.recorded_at),
        "kind": entry.kind,
        "body": entry.body,
        "previous": bytes(entry.previous).hex(),
        "hash": bytes(entry.hash).hex(),
    }


def _text(text: TermsVersion, evidence: Evidence) -> dict[str, Any]:
    return {
        "of": evidence.name(text.syndic_id),
        "version": text.version,
        "locale": text.locale,
        "published_at": moment(text.published_at),
        "sha256": text.sha256,
        "text": text.text,
    }
