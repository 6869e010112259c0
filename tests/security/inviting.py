"""Invitations of the stage's person, as the pages of both sides need them: made by rows, so that no mail is counted."""

import secrets as random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from broker.account.holders import listing
from broker.association import service as attempts
from broker.association.invitations import entering, service
from broker.association.models import Invitation
from broker.identities import service as identities
from broker.identities.models import CO_HOLDER, Identity, Link
from broker.web import cookies
from config import clock, secrets
from config.database import new_id, session, transaction
from config.settings import settings
from tenants.terms import service as terms
from tenants.terms import shown
from tests.security.person import Here
from tests.security.stage import Stage
from tests.security.wire import Pair

CODE = "12345678"
KNOWN = "fr"


@dataclass(frozen=True)
class Invited:
    """One open invitation: the inviter's browser and handles, and what its mail and its inviter tell."""

    cookies: tuple[Pair, ...]
    account: str
    which: str
    email: str
    token: str


def invitation(stage: Stage) -> Invited:
    """An open one."""
    with stage.person.anew() as here:
        return _invitation(here)


def begun(stage: Stage, *, chosen: bool = False) -> tuple[tuple[Pair, ...], str]:
    """A browser that has shown link and code (`chosen`: and a password), and what its page of the terms showed."""
    invited = invitation(stage)
    with stage.world.application.app_context(), transaction():
        token = entering.show_code(entering.opened(invited.token), invited.email, CODE, KNOWN)
        assert token is not None
        session().flush()
        proof, attempt = entering.held(token)
        if chosen:
            attempts.choose_profile(attempt, {}, "nuage-girafe-bouton-soleil", KNOWN)
            proof.password_shown = True
        texts = terms.current(attempt.syndic_id, KNOWN)
        stage.person.held.append(token)
        held = (cookies.name("proof").encode(), token.encode())
        return (held,), shown.signed(attempt.id, KNOWN, texts)


def guest(stage: Stage) -> tuple[tuple[Pair, ...], str, str]:
    """The inviter's browser, the account's handle and a guest's."""
    with stage.person.anew() as here:
        link = _link(here)
        other = session().scalars(select(Identity).where(Identity.email == stage.email)).one()
        session().execute(update(Link).where(Link.invited_by == link.id).values(state="ended", ended_at=clock.now()))
        account = listing.found(here.person, listing.handle(link))[1]
        made = identities.tie(
            other,
            account,
            association_id=link.association_id,
            sub=secrets.token(),
            proofs=["invitation", "mail-link"],
            until=clock.now(),
            invited_by=link.id,
        )
        assert made.role == CO_HOLDER
        return here.cookies, listing.handle(link), listing.handle(made)


def account(stage: Stage) -> tuple[tuple[Pair, ...], str]:
    """The person's browser, and the account's handle; no invitation is open."""
    with stage.person.anew() as here:
        link = _link(here)
        session().execute(delete(Invitation).where(Invitation.identity_id == here.person.id))
        return here.cookies, listing.handle(link)


def address(stage: Stage) -> str:
    """An address that nobody has."""
    return f"invitee-{random.token_hex(6)}@{stage.syndic.slug}.example"


def _invitation(here: Here) -> Invited:
    link, now, key = _link(here), clock.now(), new_id()
    session().execute(delete(Invitation).where(Invitation.identity_id == here.person.id))
    email = f"invitee-{random.token_hex(6)}@invitations.example"
    row = Invitation(
        id=key,
        syndic_id=link.syndic_id,
        account_id=link.account_id,
        identity_id=here.person.id,
        inviter_link_id=link.id,
        name="Paul",
        email=email,
        email_typed=email,
        locale=KNOWN,
        code=settings().keys.encrypt(CODE.encode(), f"invitation:{key}"),
        tries=0,
        state="open",
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    session().add(row)
    session().flush()
    minted = service.mint(key)
    assert minted is not None
    return Invited(here.cookies, listing.handle(link), listing.handle_of(row), email, minted.token)


def _link(here: Here) -> Link:
    return identities.links_of(here.person.id)[0][0]
