"""The authorisation table: who may call each endpoint. An endpoint that is not in it does not start."""

import enum
from collections.abc import Callable

from flask import Flask, request
from flask.typing import ResponseReturnValue

Gate = Callable[[], ResponseReturnValue | None]


class Access(enum.Enum):
    """Who is let through before the view runs."""

    PUBLIC = "public"
    """Anybody; where a page holds something of a person, its own proof is asked for by the view's service."""
    CLIENT = "client"
    """A relying party; authenticated by the protocol endpoint itself (RFC 6749 §2.3)."""
    TOKEN = "token"  # noqa: S105 - the name of a way in
    """The bearer of an access token, checked by the endpoint (RFC 6750)."""
    PROVIDER = "provider"
    """The platform's mail provider, by a secret of its own that the endpoint checks (docs/mail.md)."""
    LEGACY = "legacy"
    """A browser signed in with legacy credentials at this syndic."""
    SIGNED_IN = "signed-in"
    """A browser signed in with an identity."""
    CONFIRMED = "confirmed"
    """The same, and the password has been typed again in it a few minutes ago: for what an intruder would change.

    Where the person has a second factor, the session has shown one too."""


TABLE: dict[str, Access] = {
    "static": Access.PUBLIC,
    "portal.home": Access.PUBLIC,
    "portal.login": Access.PUBLIC,
    "portal.factor": Access.PUBLIC,
    "portal.factor_options": Access.PUBLIC,
    "portal.logout": Access.PUBLIC,
    "portal.logged_out": Access.PUBLIC,
    "portal.help_page": Access.PUBLIC,
    "portal.logo": Access.PUBLIC,
    "login.page": Access.PUBLIC,
    "login.submit": Access.PUBLIC,
    "login.factor": Access.PUBLIC,
    "login.factor_options": Access.PUBLIC,
    "login.help_page": Access.PUBLIC,
    "login.no_account": Access.SIGNED_IN,
    "login.dispute_page": Access.PUBLIC,
    "login.dispute": Access.PUBLIC,
    "terms_again.page": Access.PUBLIC,
    "terms_again.print": Access.PUBLIC,
    "terms_again.accept": Access.PUBLIC,
    "terms_again.leave": Access.PUBLIC,
    "recovery.page": Access.PUBLIC,
    "recovery.submit": Access.PUBLIC,
    "recovery.reset_page": Access.PUBLIC,
    "recovery.reset": Access.PUBLIC,
    "association.start": Access.LEGACY,
    "association.email_page": Access.LEGACY,
    "association.email": Access.LEGACY,
    "association.profile_page": Access.LEGACY,
    "association.profile": Access.LEGACY,
    "association.terms_page": Access.LEGACY,
    "association.terms": Access.LEGACY,
    "association.terms_print": Access.PUBLIC,
    "association.waiting": Access.PUBLIC,
    "association.resend": Access.LEGACY,
    "association.code": Access.LEGACY,
    "association.done": Access.PUBLIC,
    "confirmation.page": Access.PUBLIC,
    "confirmation.sign_in": Access.PUBLIC,
    "confirmation.prove": Access.PUBLIC,
    "confirmation.factor": Access.PUBLIC,
    "confirmation.factor_options": Access.PUBLIC,
    "confirmation.review": Access.PUBLIC,
    "confirmation.decide": Access.PUBLIC,
    "confirmation.accepted_terms": Access.PUBLIC,
    "confirmation.finished": Access.PUBLIC,
    "announced.page": Access.PUBLIC,
    "announced.associate": Access.PUBLIC,
    "contest.page": Access.PUBLIC,
    "contest.prove": Access.PUBLIC,
    "contest.review": Access.PUBLIC,
    "contest.suspend": Access.PUBLIC,
    "contest.done": Access.PUBLIC,
    "invitation.page": Access.PUBLIC,
    "invitation.prove": Access.PUBLIC,
    "invitation.person": Access.PUBLIC,
    "invitation.terms_page": Access.PUBLIC,
    "invitation.terms": Access.PUBLIC,
    "invitation.terms_print": Access.PUBLIC,
    "oidc.discovery": Access.PUBLIC,
    "oidc.jwks": Access.PUBLIC,
    "oidc.connector_jwks": Access.PUBLIC,
    "oidc.webhook_jwks": Access.PUBLIC,
    "oidc.authorize": Access.PUBLIC,
    "oidc.resume": Access.PUBLIC,
    "oidc.token": Access.CLIENT,
    "oidc.par": Access.CLIENT,
    "oidc.introspect": Access.CLIENT,
    "oidc.revoke": Access.CLIENT,
    "oidc.associations": Access.CLIENT,
    "oidc.userinfo": Access.TOKEN,
    "oidc.accounts": Access.TOKEN,
    "oidc.end_session": Access.PUBLIC,
    "oidc.end_session_confirmed": Access.PUBLIC,
    "interaction.consent": Access.PUBLIC,
    "interaction.consented": Access.PUBLIC,
    "interaction.select_account": Access.PUBLIC,
    "interaction.selected": Access.PUBLIC,
    "switching.page": Access.PUBLIC,
    "switching.by_button": Access.PUBLIC,
    "account.index": Access.SIGNED_IN,
    "account.accounts": Access.SIGNED_IN,
    "manage.page": Access.SIGNED_IN,
    "manage.choose_default": Access.SIGNED_IN,
    "manage.rename_page": Access.SIGNED_IN,
    "manage.rename": Access.SIGNED_IN,
    "manage.detach_page": Access.CONFIRMED,
    "manage.detach": Access.CONFIRMED,
    "manage.detached": Access.SIGNED_IN,
    "account.evidence": Access.SIGNED_IN,
    "account.evidence_file": Access.SIGNED_IN,
    "evidence.keys": Access.PUBLIC,
    "account.opening_default": Access.SIGNED_IN,
    "account.open": Access.SIGNED_IN,
    "account.again": Access.SIGNED_IN,
    "security.index": Access.SIGNED_IN,
    "security.confirm": Access.SIGNED_IN,
    "security.confirm_options": Access.SIGNED_IN,
    "security.passkey": Access.CONFIRMED,
    "security.passkey_options": Access.CONFIRMED,
    "security.app": Access.CONFIRMED,
    "security.codes": Access.CONFIRMED,
    "security.remove": Access.CONFIRMED,
    "account.profile_page": Access.SIGNED_IN,
    "account.profile": Access.SIGNED_IN,
    "account.menu_page": Access.SIGNED_IN,
    "account.menu": Access.SIGNED_IN,
    "account.password": Access.CONFIRMED,
    "account.password_changed": Access.SIGNED_IN,
    "account.devices": Access.SIGNED_IN,
    "account.end_session": Access.SIGNED_IN,
    "account.end_everywhere": Access.SIGNED_IN,
    "account.forget_device": Access.SIGNED_IN,
    "account.history": Access.SIGNED_IN,
    "address.page": Access.CONFIRMED,
    "address.ask": Access.CONFIRMED,
    "address.code_page": Access.SIGNED_IN,
    "address.code": Access.SIGNED_IN,
    "address.link_page": Access.PUBLIC,
    "address.link": Access.PUBLIC,
    "address.done": Access.PUBLIC,
    "revert.page": Access.PUBLIC,
    "revert.take_back": Access.PUBLIC,
    "revert.regain": Access.PUBLIC,
    "data.page": Access.SIGNED_IN,
    "data.file": Access.SIGNED_IN,
    "erasure.page": Access.CONFIRMED,
    "erasure.ask": Access.CONFIRMED,
    "erasure.coming": Access.SIGNED_IN,
    "erasure.cancel": Access.SIGNED_IN,
    "holders.page": Access.SIGNED_IN,
    "holders.invite": Access.CONFIRMED,
    "holders.invitation": Access.CONFIRMED,
    "holders.remove": Access.CONFIRMED,
    "review.page": Access.SIGNED_IN,
    "review.done": Access.SIGNED_IN,
    "bounces.hook": Access.PROVIDER,
    "health.alive": Access.PUBLIC,
    "health.ready": Access.PUBLIC,
}


def enforce(app: Flask, gates: dict[Access, Gate]) -> None:
    """Run the gate of each endpoint's access before its view.

    Raises:
        LookupError: an endpoint of the application is missing from the table.
    """
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - TABLE.keys())
    if missing:
        raise LookupError("endpoints without an entry in the authorisation table: " + ", ".join(missing))

    @app.before_request
    def _gate() -> ResponseReturnValue | None:
        endpoint = request.endpoint
        if endpoint is None:
            return None
        gate = gates.get(TABLE[endpoint])
        return gate() if gate else None
