"""« Mes preuves »: each entry as a sentence that its owner understands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from broker.account.evidence.collected import Evidence
from broker.association.confirmation import masked_identifier
from tenants.audit.models import LedgerEntry


@dataclass(frozen=True)
class Line:
    """What happened, and when."""

    at: datetime
    sentences: list[str]


def lines(evidence: Evidence) -> list[Line]:
    """A person's evidence in plain words, the newest first."""
    return [Line(each.entry.recorded_at, _told(each.entry, evidence)) for each in reversed(evidence.entries)]


def _told(entry: LedgerEntry, evidence: Evidence) -> list[str]:
    say = _SAYINGS.get(entry.kind)
    if say is None:
        return [gettext("Un événement a été enregistré (%(kind)s).", kind=entry.kind)]
    return say(entry, evidence)


def _accepted(entry: LedgerEntry, evidence: Evidence) -> list[str]:
    parties = {(text.version, text.locale, text.sha256): text.syndic_id for text in evidence.texts}
    named = [
        (evidence.name(parties.get((text["version"], text["locale"], text["sha256"]))), text["version"])
        for text in entry.body["texts"]
    ]
    return [
        gettext("Vous avez accepté les conditions de %(name)s, version %(version)s.", name=name, version=version)
        for name, version in named
    ]


def _associated(entry: LedgerEntry, evidence: Evidence) -> list[str]:
    account = masked_identifier(evidence.identifiers.get(entry.body["account"], ""))
    return [
        gettext("Vous avez associé le compte %(account)s de %(name)s.", account=account, name=_syndic(entry, evidence))
    ]


def _contested(entry: LedgerEntry, evidence: Evidence) -> list[str]:
    return [gettext("Une association chez %(name)s a été refusée.", name=_syndic(entry, evidence))]


def _released(entry: LedgerEntry, evidence: Evidence) -> list[str]:
    return [gettext("Vous avez choisi ce que %(name)s peut voir de vous.", name=_syndic(entry, evidence))]


def _reset(_entry: LedgerEntry, _evidence: Evidence) -> list[str]:
    return [gettext("Vous avez choisi un nouveau mot de passe.")]


def _syndic(entry: LedgerEntry, evidence: Evidence) -> str:
    return evidence.name(entry.chain)


_SAYINGS: dict[str, Callable[[LedgerEntry, Evidence], list[str]]] = {
    "terms.accepted": _accepted,
    "association.confirmed": _associated,
    "association.contested": _contested,
    "claims.released": _released,
    "password.reset": _reset,
}
