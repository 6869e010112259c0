"""« Mes preuves »: each entry as a sentence that its owner understands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext

from broker.account.evidence.collected import Evidence
from broker.association.confirmation import masked_identifier
from tenants.audit.models import LedgerEntry

Saying = Callable[[LedgerEntry, Evidence], list[str]]
"""From an entry to what it means to its owner."""


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


def _detached(entry: LedgerEntry, evidence: Evidence) -> list[str]:
    """Who detached it knows why; whatever else ends a link is said without a who."""
    name = _syndic(entry, evidence)
    if entry.body["because"] == "detached":
        return [gettext("Vous avez détaché un compte de %(name)s.", name=name)]
    if entry.body["because"] == "inviter":
        return [gettext("L'accès à un compte de %(name)s vous a été retiré.", name=name)]
    if entry.body["because"] == "closed":
        return [gettext("%(name)s a fermé un compte qui était rattaché à votre adresse.", name=name)]
    return [gettext("L'accès à un compte de %(name)s a pris fin.", name=name)]


def _plain(sentence: LazyString) -> Saying:
    """A saying without a name in it."""
    return lambda _entry, _evidence: [str(sentence)]


def _of_syndic(sentence: LazyString) -> Saying:
    """A saying that names the syndic in whose chain the entry stands."""
    return lambda entry, evidence: [str(sentence) % {"name": _syndic(entry, evidence)}]


def _syndic(entry: LedgerEntry, evidence: Evidence) -> str:
    return evidence.name(entry.chain)


_SAYINGS: dict[str, Saying] = {
    "terms.accepted": _accepted,
    "association.confirmed": _associated,
    "association.contested": _of_syndic(lazy_gettext("Une association chez %(name)s a été refusée.")),
    "link.suspended": _of_syndic(lazy_gettext("L'accès à un compte de %(name)s a été suspendu.")),
    "link.ended": _detached,
    "invitation.made": _of_syndic(lazy_gettext("Vous avez invité une personne à partager un compte de %(name)s.")),
    "invitation.withdrawn": _of_syndic(lazy_gettext("Vous avez annulé une invitation chez %(name)s.")),
    "claims.released": _of_syndic(lazy_gettext("Vous avez choisi ce que %(name)s peut voir de vous.")),
    "claims.withdrawn": _of_syndic(lazy_gettext("Vous avez choisi ce que %(name)s ne peut plus voir de vous.")),
    "password.reset": _plain(lazy_gettext("Vous avez choisi un nouveau mot de passe.")),
    "password.changed": _plain(lazy_gettext("Vous avez choisi un nouveau mot de passe.")),
    "address.changed": _plain(lazy_gettext("Vous avez changé d'adresse e-mail.")),
    "address.reverted": _plain(lazy_gettext("Vous avez repris votre ancienne adresse e-mail.")),
    "address.regained": _plain(lazy_gettext("Vous avez retrouvé l'accès avec votre ancienne adresse e-mail.")),
    "erasure.asked": _plain(lazy_gettext("Vous avez demandé la suppression de vos données.")),
    "erasure.cancelled": _plain(lazy_gettext("Vous avez annulé la suppression de vos données.")),
}
