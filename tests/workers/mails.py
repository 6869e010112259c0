"""Mails of the tests: a letter with everything in it, a promise as services make it, and its record afterwards."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from config import clock
from config.database import new_id, session, transaction
from config.mail.models import Mail
from config.outbox import promise
from workers.mail.letter import Letter

AT = datetime(2026, 12, 7, 13, 5, tzinfo=UTC)
LINK = "https://login.example/confirm/t0k3n-of-the-link"
VALUES = {
    "link": LINK,
    "code": "12345678",
    "link_expires_at": AT,
    "code_expires_at": AT,
    "expires_at": AT,
    "confirmed_at": AT,
    "syndic_name": "Cabinet <Durand> & Fils",
    "contact": {"phone": "01 23 45 67 89", "email": "agence@durand.example", "hours": "9 h à 17 h"},
    "masked_identifier": "…4317",
    "identifier": "10044317",
    "sentence": "Le mot de passe de votre compte a été changé.",
    "recorded_at": AT,
}


def letter(template: str = "association_confirm", locale: str = "fr", email: str = "a.martin@example.org") -> Letter:
    return Letter(template, email, locale, VALUES)


def promise_mail(kind: str = "test", key: str = "mail-1", to: str = "a.martin@example.org") -> UUID:
    """What a service does: the mail's record and the promise, in one transaction."""
    now, mail_id, subject_id = clock.now(), new_id(), uuid4()
    row = {"kind": kind, "recipient": to, "locale": "fr", "created_at": now, "updated_at": now}
    with transaction() as work:
        work.add(Mail(id=mail_id, subject_id=subject_id, state="queued", **row))
        promise("mail.send", {"kind": kind, "subject_id": str(subject_id), "mail_id": str(mail_id)}, key)
    return mail_id


def mail(mail_id: UUID) -> Mail:
    session().expire_all()
    return session().scalars(select(Mail).where(Mail.id == mail_id)).one()
