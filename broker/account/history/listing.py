"""The journal by pages: keyset, so that the hundredth page costs what the first does."""

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from flask_babel import gettext

from broker.account.history.sentences import SENTENCES, Told
from broker.account.wording import device
from broker.identities import journal
from broker.identities.models import Identity, SecurityEvent
from config.settings import settings
from tenants.syndics import service as syndics

PER_PAGE = 25
CONTEXT = "history.cursor"


@dataclass(frozen=True)
class Line:
    """One event: when, what, and in which browser (None: none of the person's, a worker's work)."""

    at: datetime
    sentence: str
    device: str | None


@dataclass(frozen=True)
class Chapter:
    """One page of the journal, newest first; `older` leads to the next one, if there is one."""

    lines: list[Line]
    older: str | None


def chapter(person: Identity, cursor: str | None) -> Chapter:
    """The page that begins after the cursor, in two statements; a cursor that is not ours is none."""
    events = journal.of_identity(person, before=_read(cursor), limit=PER_PAGE + 1)
    shown = events[:PER_PAGE]
    names = syndics.names({event.syndic_id for event in shown if event.syndic_id})
    older = _written(shown[-1].id) if len(events) > PER_PAGE else None
    return Chapter([_line(event, names) for event in shown], older)


def _line(event: SecurityEvent, names: dict[uuid.UUID, str]) -> Line:
    sentence = SENTENCES.get(event.kind)
    told = Told(names.get(event.syndic_id) if event.syndic_id else None, event.details)
    words = sentence(told) if sentence else gettext("Votre compte a été modifié.")
    return Line(event.recorded_at, words, device(event.user_agent) if event.user_agent else None)


def _written(event_id: uuid.UUID) -> str:
    """Encrypted: keys of rows are shown to nobody."""
    return base64.urlsafe_b64encode(settings().keys.encrypt(event_id.bytes, CONTEXT)).decode().rstrip("=")


def _read(cursor: str | None) -> uuid.UUID | None:
    if not cursor:
        return None
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return uuid.UUID(bytes=settings().keys.decrypt(sealed, CONTEXT))
    except (binascii.Error, ValueError, IndexError, KeyError, InvalidTag):
        return None
