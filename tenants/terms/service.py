"""Publish terms, find those in force, and keep what was accepted. A published text never changes."""

import hashlib
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from config import clock
from config.database import new_id, session
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.audit.models import PLATFORM
from tenants.terms.models import TermsAcceptance, TermsVersion
from tenants.terms.refusals import NothingAccepted, Unpublishable, VersionTaken

SHIPPED = Path(__file__).parent / "texts"
FALLBACK = "fr"
"""What every version is published in first: the text that binds where there is no translation."""
SHIPPED_AS_MATERIAL: frozenset[str] = frozenset()
"""The shipped versions that people are asked to accept anew."""
LONGEST = 200_000
"""Characters of a text: far above any terms, and little enough for every page that shows them."""


@dataclass(frozen=True)
class Accepted:
    """A text that was accepted: the platform's or a syndic's, in the very version and language that was shown."""

    version: str
    text: str
    of_platform: bool
    accepted_at: datetime


def publish(
    version: str, locale: str, text: str, syndic_id: uuid.UUID | None = None, *, material: bool = False
) -> TermsVersion:
    """Publish a text of the platform's terms, or of a syndic's. The same again changes nothing.

    A `material` version is asked for again: of everybody for the platform's, for a syndic's of those who hold an
    account there. All texts of one version are, or none is.

    Raises:
        VersionTaken: that version stands in that language with another text.
        Unpublishable: a value is empty, too long, or no text that can be kept; or the version has no French text
            yet, or was published as material and is not now, or the other way round.
    """
    digest = _digest(version, locale, text)
    _refuse_contradiction(version, locale, syndic_id, material=material)
    row = {"version": version, "locale": locale, "text": text, "sha256": digest, "material": material}
    new = insert(TermsVersion).values(id=new_id(), syndic_id=syndic_id, published_at=clock.now(), **row)
    made = session().scalar(new.on_conflict_do_nothing().returning(TermsVersion.id))
    same = (TermsVersion.version == version, TermsVersion.locale == locale)
    known = session().scalars(select(TermsVersion).where(*same, _of(syndic_id))).one()
    if known.sha256 != digest:
        raise VersionTaken(f"{version} in {locale} was published with the text {known.sha256}")
    if made is not None:
        body: dict[str, Json] = {"version": version, "locale": locale, "sha256": digest, "material": material}
        audit.append(syndic_id or PLATFORM, "terms.published", body)
    return known


def publish_shipped() -> list[TermsVersion]:
    """Publish the platform's terms that this release ships: `texts/platform-VERSION.LOCALE.md`.

    Raises:
        VersionTaken: a file was edited after its publication; it needs a new version.
    """
    published = []
    for file in sorted(SHIPPED.glob("platform-*.md"), key=lambda file: (not file.stem.endswith(f".{FALLBACK}"), file)):
        version, _, locale = file.stem.removeprefix("platform-").partition(".")
        text, material = file.read_text(encoding="utf-8"), version in SHIPPED_AS_MATERIAL
        published.append(publish(version, locale, text, material=material))
    return published


def published() -> list[TermsVersion]:
    """Every text, in the order of publication."""
    return list(session().scalars(select(TermsVersion).order_by(TermsVersion.published_at, TermsVersion.id)))


def current(syndic_id: uuid.UUID, locale: str) -> list[TermsVersion]:
    """The terms in force: the platform's newest version, then that syndic's, each if there is one.

    Each in that language, or in French where the newest version has no such text: an older version in the
    right language would not be what binds.
    """
    return newest({None, syndic_id}, locale)


def newest(parties: Collection[uuid.UUID | None], locale: str) -> list[TermsVersion]:
    """The terms in force of the platform (None) and of syndics, as `current`; whoever has none is left out."""
    readable = (TermsVersion.locale.in_((locale, FALLBACK)), of_any(parties))
    born = func.min(TermsVersion.published_at).over(partition_by=(TermsVersion.syndic_id, TermsVersion.version))
    texts = select(TermsVersion, born.label("born")).where(*readable).subquery()
    text = aliased(TermsVersion, texts)
    preferred = (text.locale == locale).desc()
    first = select(text).ext(distinct_on(text.syndic_id))
    order = (text.syndic_id.nulls_first(), texts.c.born.desc(), text.version.desc(), preferred)
    return list(session().scalars(first.order_by(*order)))


def accept(
    association_id: uuid.UUID, versions: Iterable[TermsVersion], network: str, chain: uuid.UUID = PLATFORM
) -> None:
    """Keep that an attempt accepted these texts, with the digests of what was shown, and the evidence.

    `network` is the caller's address cut down to its network. `chain` is where the evidence goes: the syndic of
    the attempt, so that nobody else's attempts wait. What this attempt has accepted before changes nothing.

    Raises:
        NothingAccepted: there are no texts.
    """
    given = list(versions)
    if not given:
        raise NothingAccepted(str(association_id))
    mine = select(TermsAcceptance.terms_version_id).where(TermsAcceptance.association_id == association_id)
    known = set(session().scalars(mine))
    accepted = [text for text in given if text.id not in known]
    if not accepted:
        return
    now = clock.now()
    for text in accepted:
        facts = {"terms_version_id": text.id, "sha256": text.sha256, "network": network, "accepted_at": now}
        session().add(TermsAcceptance(association_id=association_id, **facts))
    session().flush()
    body: dict[str, Json] = {"association": str(association_id), "texts": [named(text) for text in accepted]}
    audit.append(chain, "terms.accepted", body, {"network": network}, subject=association_id)


def named(text: TermsVersion) -> dict[str, Json]:
    """A text as the ledger names it."""
    return {"version": text.version, "locale": text.locale, "sha256": text.sha256}


def of_any(parties: Collection[uuid.UUID | None]) -> ColumnElement[bool]:
    """That a version is one of these parties': the platform's (None) or a syndic's."""
    theirs = TermsVersion.syndic_id.in_([party for party in parties if party is not None])
    return theirs | TermsVersion.syndic_id.is_(None) if None in parties else theirs


def _refuse_contradiction(version: str, locale: str, syndic_id: uuid.UUID | None, *, material: bool) -> None:
    """The French text of a version comes first, and tells for all its texts whether it is material."""
    french = (TermsVersion.version == version, TermsVersion.locale == FALLBACK)
    first = session().scalar(select(TermsVersion).where(*french, _of(syndic_id)))
    if first is None and locale != FALLBACK:
        raise Unpublishable(f"version {version} has no French text yet: publish that first")
    if first is not None and first.material is not material:
        said = "material" if first.material else "not material"
        raise Unpublishable(f"version {version} was published as {said}: all its texts are, or none is")


def accepted(association_id: uuid.UUID) -> list[Accepted]:
    """The texts that an attempt has accepted, the platform's first, each as it was accepted last."""
    rows = session().execute(
        select(TermsVersion, TermsAcceptance.accepted_at)
        .join(TermsAcceptance, TermsAcceptance.terms_version_id == TermsVersion.id)
        .where(TermsAcceptance.association_id == association_id)
        .order_by(TermsVersion.syndic_id.nulls_first(), TermsAcceptance.accepted_at)
    )
    return list({text.id: Accepted(text.version, text.text, text.syndic_id is None, at) for text, at in rows}.values())


def _of(syndic_id: uuid.UUID | None) -> ColumnElement[bool]:
    return TermsVersion.syndic_id.is_(None) if syndic_id is None else TermsVersion.syndic_id == syndic_id


def _digest(version: str, locale: str, text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    if not (version.strip() and locale.strip() and text.strip()):
        raise Unpublishable("the version, the language or the text is empty")
    if len(text) > LONGEST:
        raise Unpublishable(f"the text has {len(text)} characters; {LONGEST} are allowed")
    if "\0" in version + locale + text:
        raise Unpublishable("there is a zero character in it")
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise Unpublishable("there is half a surrogate pair in it") from error
