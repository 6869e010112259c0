"""The web application."""

from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from broker.account.address.revert_views import blueprint as revert
from broker.account.address.views import blueprint as address
from broker.account.data.views import blueprint as data
from broker.account.devices import views as account_devices
from broker.account.erasure.views import blueprint as erasure
from broker.account.evidence.views import public as evidence
from broker.account.history import views as account_history
from broker.account.holders.views import blueprint as holders
from broker.account.manage.views import blueprint as manage
from broker.account.menu import views as account_menu
from broker.account.password import views as account_password
from broker.account.profile import views as account_profile
from broker.account.review.views import blueprint as review
from broker.account.security import blueprint as security
from broker.account.views import blueprint as account
from broker.association.confirmation_views import blueprint as confirmation
from broker.association.contest_views import blueprint as contest
from broker.association.invitations.views import blueprint as invitation
from broker.association.views import blueprint as association
from broker.bounces.views import blueprint as bounces
from broker.embedded import Addresses, addresses
from broker.login.announced import blueprint as announced
from broker.login.portal import blueprint as portal
from broker.login.recovery import blueprint as recovery
from broker.login.terms_again import blueprint as terms_again
from broker.login.views import blueprint as login
from broker.oidc import lanes
from broker.oidc.views import accounts, associations, authorization, logout, metadata, tokens, userinfo
from broker.oidc.views.blueprint import blueprint as oidc
from broker.oidc.views.interaction import blueprint as interaction
from broker.oidc.views.switching import blueprint as switching
from broker.sessions import browser
from broker.sessions import service as sessions
from broker.web import authorisation, cookies, errors, headers, health, languages, queue, statics, telemetry, wellformed
from broker.web.application import Application
from broker.web.authorisation import Access
from broker.web.form_sessions import FormSessions
from broker.web.identification import identify
from broker.web.pages import see_other
from broker.web.syndics import current
from config import outbox
from config.database import attach, db, engine_options, refuse_mighty_roles, replace_ended_connections
from config.logging import configure
from config.settings import Settings
from config.settings import settings as read_settings

BODY_BYTES = 64 * 1024
OF_THE_OWNER = (account, evidence, security, address, revert, data, erasure, review, manage, holders)
BLUEPRINTS = (
    portal,
    login,
    terms_again,
    recovery,
    association,
    announced,
    confirmation,
    contest,
    invitation,
    oidc,
    interaction,
    switching,
    *OF_THE_OWNER,
    bounces,
    health.blueprint,
)
ENDPOINTS = (accounts, associations, authorization, logout, metadata, tokens, userinfo)
"""The modules whose views are the protocol's endpoints: imported, they are on the blueprint."""
ACCOUNT_PAGES = (account_profile, account_password, account_devices, account_history, account_menu)
"""The same for the pages of « Mon compte »."""
WITHOUT_CSRF = (oidc, bounces)
"""Endpoints that programs call, and across sites: each proves its caller in its own way."""


def create_app(settings: Settings | None = None, servers: Addresses | None = None) -> Flask:
    """Make the application; connects to nothing yet but what must be started for it."""
    chosen = settings or read_settings()
    configure(identify)
    app = Application("broker", template_folder="templates", static_folder="static")
    app.base_host = urlsplit(chosen.base_url).netloc
    where = servers or addresses(chosen)
    _configure(app, chosen, where)
    attach(app)
    with app.app_context():
        refuse_mighty_roles(db.engine)
        replace_ended_connections(db.engine)
    _wake_workers(app, where.queue)
    languages.install(app)
    headers.install(app, https=chosen.https)
    statics.install(app)
    errors.install(app)
    wellformed.install(app)
    _protect_forms(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    authorisation.enforce(app, GATES)
    if chosen.trusted_proxies:
        count = chosen.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]  # as Flask's own docs do
    lanes.install(app, https=chosen.https)
    telemetry.install(app)
    return app


def _configure(app: Flask, settings: Settings, where: Addresses) -> None:
    app.config.update(
        SECRET_KEY=settings.keys.derive("form-protection"),
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
        SESSION_COOKIE_NAME=cookies.name("forms"),
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=where.application,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(),
        WTF_CSRF_TIME_LIMIT=None,  # an elderly owner may leave a page open overnight
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our pages do not send
    )
    app.session_interface = FormSessions(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _wake_workers(app: Flask, url: str) -> None:
    """Hint at new promises after each commit of this application."""
    outbox.wake_after_commit(db.session, lambda topic: queue.wake(url, topic), lambda: current_app == app)


def _protect_forms(app: Flask) -> None:
    protection = CSRFProtect(app)
    for blueprint in WITHOUT_CSRF:
        protection.exempt(blueprint)


def _signed_in() -> ResponseReturnValue | None:
    if browser.identity_session() is not None:
        return None
    return see_other("/login?next=" + request.path)


def _confirmed() -> ResponseReturnValue | None:
    found = browser.identity_session()
    if found is None:
        return _signed_in()
    if not sessions.is_confirmed(found):
        return see_other(url_for("account.again", next=request.path))
    if sessions.lacks_factor(found):
        return see_other(url_for("security.confirm", next=request.path))
    return None


def _legacy() -> ResponseReturnValue | None:
    if browser.legacy_session(current()) is not None:
        return None
    raise browser.NotSignedIn("no legacy session at this syndic")


GATES = {Access.SIGNED_IN: _signed_in, Access.CONFIRMED: _confirmed, Access.LEGACY: _legacy}
