"""« Ce n'est pas moi », said for thirty days by the address that the syndic knew (JOURNEYS B13, SECURITY R6).

The mail's link opens a page that asks for the code of that mail. The right code gives the page that says what will
happen, for a quarter of an hour; its button suspends the link. Nothing of it happens by opening an address.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select

from broker.association import endings, grounds
from broker.association.invitations import service as invitations
from broker.association.models import Association, Contest
from broker.association.refusals import ContestExpired, ContestTried, ContestUsed, ContestVoid
from broker.identities import journal
from broker.identities import service as identities
from broker.identities.models import Identity, Link
from broker.sessions.ending import end_where
from broker.sessions.models import LoginSession
from config import clock, secrets
from config.database import session, statements
from config.mail.service import post
from config.settings import settings
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.legacy import second_codes
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics

CODE_DIGITS = 8
TRIES = 5
A_DAY = timedelta(days=1)
SHOWN_S = 900

_TAKE_TRY = """
UPDATE contests SET tries = CASE WHEN tries_since <= %(stale)s THEN 1 ELSE tries + 1 END,
                    tries_since = CASE WHEN tries_since <= %(stale)s THEN %(now)s ELSE tries_since END
WHERE id = %(id)s AND (tries < %(allowed)s OR tries_since <= %(stale)s)
RETURNING tries
"""
_GIVE_BACK = "UPDATE contests SET tries = greatest(tries - 1, 0) WHERE id = %s"


@dataclass(frozen=True)
class MintedContest:
    """What one mail carries: the only copy of its link's token and of its code."""

    token: str
    code: str
    link_id: uuid.UUID
    expires_at: datetime


def allow(link: Link, known_address: str, locale: str) -> None:
    """Tell the address that the syndic knew of the link, and let it contest."""
    now = clock.now()
    contest = Contest(
        syndic_id=link.syndic_id,
        link_id=link.id,
        tries=0,
        tries_since=now,
        created_at=now,
        expires_at=link.contest_until,
    )
    session().add(contest)
    session().flush()
    post(known_address, "association_told", contest.id, locale, str(contest.id), syndic_id=link.syndic_id)


def mint(contest_id: uuid.UUID) -> MintedContest | None:
    """Make the link and the code of a mail about to be sent; None where there is nothing to contest any more."""
    contest = session().get(Contest, contest_id)
    link = session().get(Link, contest.link_id) if contest else None
    if contest is None or link is None or link.state != "active" or contest.expires_at <= clock.now():
        return None
    token, code = settings().keys.mailed("contest", contest.id, CODE_DIGITS)
    contest.token_digest, contest.code_mac = secrets.digest(token), _mac(contest.id, code)
    return MintedContest(token, code, link.id, contest.expires_at)


def opened(token: str) -> Contest:
    """The contest of a mail's link. Opening changes nothing (SECURITY R9).

    Raises:
        ContestVoid, ContestUsed, ContestExpired: it leads nowhere any more.
    """
    contest = session().scalar(select(Contest).where(Contest.token_digest == secrets.digest(token)))
    if contest is None:
        raise ContestVoid("no such link")
    _refuse_outdated(contest, session().get_one(Link, contest.link_id))
    return contest


def prove(contest: Contest, typed: str) -> str | None:
    """Check the code of the mail. Returns the handle of the page that asks, good for a quarter of an hour.

    None where it is wrong; a malformed entry is no try.

    Raises:
        ContestTried: five wrong codes within a day.
    """
    code = "".join(typed.split())
    if len(code) != CODE_DIGITS or not code.isascii() or not code.isdigit():
        return None
    if not _take_try(contest.id):
        raise ContestTried(f"contest {contest.id}: no tries left today")
    if contest.code_mac is None or not secrets.same(contest.code_mac, _mac(contest.id, code)):
        return None
    with statements() as sql:
        sql.execute(_GIVE_BACK, (contest.id,))
    return str(_signer().dumps(str(contest.id)))


def proved(handle: str) -> Contest:
    """The contest whose code this browser has shown.

    Raises:
        ContestVoid: not our handle, or an old one.
        ContestUsed, ContestExpired: it leads nowhere any more.
    """
    contest = _of_handle(handle)
    _refuse_outdated(contest, session().get_one(Link, contest.link_id))
    return contest


def suspend(handle: str) -> None:
    """« Ce n'est pas moi »: suspend the link, and those of whom it invited, and end what rests on them.

    Whatever proved the account is in doubt with it: its own secret, which the syndic issues anew, or the second code,
    or the inviter's word. What others hold by other proofs goes on. A second click finds the work done.

    Raises:
        ContestVoid, ContestExpired: it leads nowhere any more.
    """
    contest = _of_handle(handle)
    link = session().get_one(Link, contest.link_id)
    account = legacy.get(link.syndic_id, link.account_id)
    session().refresh(account, with_for_update=True)  # account before link, as where links are made
    session().refresh(link, with_for_update=True)
    session().refresh(contest)
    if contest.used_at is not None:
        return
    _refuse_outdated(contest, link)
    contest.used_at = clock.now()
    suspended = [each for each in (link, *identities.invited_through(link.id)) if each.state == "active"]
    endings.suspend(suspended)
    invitations.end_those_of([link, *suspended], "contested")
    _doubt(link, account)
    for each in suspended:
        _record(each, account, contested=link)
        _tell_holder(each)
    _alert(link)


def _doubt(link: Link, account: LegacyAccount) -> None:
    """What proved the account side of this link opens nothing any more."""
    match grounds.of_link(link):
        case grounds.SECOND_CODE:
            made_by = session().get_one(Association, link.association_id)
            end_where(LoginSession.second_code_id == made_by.second_code_id)
        case grounds.INVITATION:
            inviter = session().get(Link, link.invited_by) if link.invited_by else None
            invitations.end_those_of([inviter] if inviter else [], "contested")
        case _:
            invitations.end_those_for(account, "contested")
            _end_attempts(account)
            legacy.reissue(account)
            second_codes.revoke_all(account, "contested")


def _refuse_outdated(contest: Contest, link: Link) -> None:
    """A link that has ended is not worth a word, but where whom it invited still comes in."""
    if contest.used_at is not None:
        raise ContestUsed(f"contest {contest.id}")
    if link.state == "ended" and not identities.invited_through(link.id):
        raise ContestVoid(f"link {link.id} is {link.state}")
    if contest.expires_at <= clock.now():
        raise ContestExpired(f"contest {contest.id}")


def _end_attempts(account: LegacyAccount) -> None:
    """Attempts rest on a secret that is in doubt now, or on a code that is revoked with it."""
    under_way = select(Association).where(
        Association.account_id == account.id, Association.state.in_(("draft", "waiting"))
    )
    for attempt in session().scalars(under_way):
        attempt.state, attempt.ended_because = "ended", "contested"


def _record(link: Link, account: LegacyAccount, contested: Link) -> None:
    body: dict[str, Json] = {
        "association": str(link.association_id),
        "account": account.public_id,
        "because": "contested" if link is contested else "inviter-contested",
        "proofs": ["known-address", "mail-code"],
    }
    personal = {"identifier": account.identifier}
    audit.append(link.syndic_id, "link.suspended", body, personal, subject=link.association_id)


def _tell_holder(link: Link) -> None:
    """Tell the person whose link it is."""
    holder = session().get_one(Identity, link.identity_id)
    journal.note("link.suspended", holder.id, None, link.syndic_id)
    post(holder.email, "association_suspended", link.id, holder.locale, str(link.id), syndic_id=link.syndic_id)


def _alert(link: Link) -> None:
    """Alert the syndic, by the address that it gave for itself."""
    syndic = syndics.by_id(link.syndic_id)
    contact = syndic.contact.get("email")
    if contact:
        post(contact, "association_contested", link.id, syndic.locale, str(link.id), syndic_id=syndic.id)


def _of_handle(handle: str) -> Contest:
    try:
        contest_id = uuid.UUID(str(_signer().loads(handle, max_age=SHOWN_S)))
    except BadSignature as error:
        raise ContestVoid("a handle that is not ours or too old") from error
    return session().get_one(Contest, contest_id)


def _take_try(contest_id: uuid.UUID) -> bool:
    """Count a try before it is checked, committed at once: no race gets a sixth."""
    now = clock.now()
    values = {"id": contest_id, "now": now, "stale": now - A_DAY, "allowed": TRIES}
    with statements() as sql:
        return sql.execute(_TAKE_TRY, values).fetchone() is not None


def _mac(contest_id: uuid.UUID, code: str) -> bytes:
    return secrets.keyed(settings().keys.code_key, "contest", str(contest_id), code)


@lru_cache(maxsize=1)
def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().keys.derive("contests"), salt="contest")
