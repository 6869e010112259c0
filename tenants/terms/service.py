"""Publish terms, find those in force, and keep what was accepted. A published text never changes."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from config import clock
from config.database import new_id, session
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM
from tenants.terms.models import TermsAcceptance, TermsVersion
from tenants.terms.refusals import NothingAccepted, Unpublishable, VersionTaken

SHIPPED = Path(__file__).parent / "texts"
FALLBACK = "fr"
LONGEST = 200_000
"""Characters of a text: far above any terms, and little enough for every page that shows them."""


@dataclass(frozen=True)
class Accepted:
    """A text that was accepted: the platform's or a syndic's, in the very version and language that was shown."""

    version: str
    text: str
    of_platform: bool
    accepted_at: datetime


def publish(version: str, locale: str, text: str, syndic_id: uuid.UUID | None = None) -> TermsVersion:
    """Publish a text of the platform's terms, or of a syndic's. The same again changes nothing.

    Raises:
        VersionTaken: that version stands in that language with another text.
        Unpublishable: a value is empty, too long, or no text that can be kept.
    """
    digest = _digest(version, locale, text)
    row = {"version": version, "locale": locale, "text": text, "sha256": digest, "syndic_id": syndic_id}
    new = insert(TermsVersion).values(id=new_id(), published_at=clock.now(), **row)
    made = session().scalar(new.on_conflict_do_nothing().returning(TermsVersion.id))
    same = (TermsVersion.version == version, TermsVersion.locale == locale)
    known = session().scalars(select(TermsVersion).where(*same, _of(syndic_id))).one()
    if known.sha256 != digest:
        raise VersionTaken(f"{version} in {locale} was published with the text {known.sha256}")
    if made is not None:
        body = {"version": version, "locale": locale, "sha256": digest}
        audit.append(syndic_id or PLATFORM, "terms.published", body)
    return known


def publish_shipped() -> list[TermsVersion]:
    """Publish the platform's terms that this release ships: `texts/platform-VERSION.LOCALE.md`.

    Raises:
        VersionTaken: a file was edited after its publication; it needs a new version.
    """
    published = []
    for file in sorted(SHIPPED.glob("platform-*.md")):
        version, _, locale = file.stem.removeprefix("platform-").partition(".")
        published.append(publish(version, locale, file.read_text(encoding="utf-8")))
    return published


def current(syndic_id: uuid.UUID, locale: str) -> list[TermsVersion]:
    """The terms in force: the platform's newest version, then that syndic's, each if there is one.

    Each in that language, or in French where the newest version has no such text: an older version in the
    right language would not be what binds.
    """
    readable = (TermsVersion.locale.in_((locale, FALLBACK)), _of(None) | _of(syndic_id))
    born = func.min(TermsVersion.published_at).over(partition_by=(TermsVersion.syndic_id, TermsVersion.version))
    texts = select(TermsVersion, born.label("born")).where(*readable).subquery()
    text = aliased(TermsVersion, texts)
    preferred = (text.locale == locale).desc()
    newest = select(text).ext(distinct_on(text.syndic_id))
    order = (text.syndic_id.nulls_first(), texts.c.born.desc(), text.version.desc(), preferred)
    return list(session().scalars(newest.order_by(*order)))


def accept(
    association_id: uuid.UUID, versions: Iterable[TermsVersion], network: str, chain: uuid.UUID = PLATFORM
) -> None:
    """Keep that an attempt accepted these texts, with the digests of what was shown, and the evidence.

    `network` is the caller's address cut down to its network. `chain` is where the evidence goes: the syndic of
    the attempt, so that nobody else's attempts wait.

    Raises:
        NothingAccepted: there are no texts.
    """
    accepted = list(versions)
    if not accepted:
        raise NothingAccepted(str(association_id))
    now = clock.now()
    for text in accepted:
        facts = {"terms_version_id": text.id, "sha256": text.sha256, "network": network, "accepted_at": now}
        session().add(TermsAcceptance(association_id=association_id, **facts))
    session().flush()
    named = [{"version": text.version, "locale": text.locale, "sha256": text.sha256} for text in accepted]
    audit.append(chain, "terms.accepted", {"association": str(association_id), "texts": named}, {"network": network})


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
