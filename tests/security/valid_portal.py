"""Valid requests around a sign-in: the login pages, help, recovery, terms; and what is nobody's page."""

from config.settings import settings
from tests.journeys.steps import PASSWORD
from tests.security.making import get, post, valid, with_forms
from tests.security.person import Asked
from tests.security.stage import Stage, pairs
from tests.security.wire import Wire

get("static", "/static/page.css")
get("portal.home", "/")
get("portal.login", "/login", next="/account/accounts", lang="en")
post("portal.login", "/login", username="inconnu@orange.fr", password="un-mot-de-passe", remember="on")
post("portal.logout", "/logout")
get("portal.logged_out", "/logged-out")
get("portal.help_page", "/help")
get("portal.logo", "/logos/{slug}.png")
get("login.help_page", "~/help", r="r")
get("login.no_account", "~/no-account", who="signed_in", r="r")
get("login.dispute_page", "~/dispute", p="$dispute", r="r", told="1")
get("terms_again.page", "/terms", who="asked", next="/account/accounts")
get("terms_again.print", "/terms/print", who="asked", next="/account/accounts")
post("terms_again.accept", "/terms", who="asked", shown="$shown")
post("terms_again.leave", "/terms/leave")
get("recovery.page", "/forgotten", sent="1")
post("recovery.submit", "/forgotten", email="quelconque@orange.fr")
get("recovery.reset_page", "/reset/{reset}")
post("recovery.reset", "/reset/{reset}", email="quelconque@orange.fr", password=PASSWORD)
get("evidence.keys", "/evidence/keys.json")
get("health.alive", "/healthz")
get("health.ready", "/readyz")


@valid("bounces.hook")
def notice(stage: Stage) -> Wire:  # noqa: ARG001 - every stage has the same
    """What the mail provider hands over."""
    secret = f"Bearer {settings().mail_hook_secret}".encode()
    form = pairs(To="bounces@trousseau.example", Subject="Undelivered")
    return Wire("POST", "/hooks/mail/bounces", form=form, headers=((b"Authorization", secret),), shape="message/rfc822")


@valid("login.page")
def login_page(stage: Stage) -> Wire:
    """With a request that waits."""
    return Wire("GET", f"{stage.path}/login", pairs(r=stage.handle(login_hint="x@y.example", ui_locales="en fr")))


@valid("login.submit")
def login(stage: Stage) -> Wire:
    """The right pair of an account that nothing else is done with."""
    account = stage.syndic.accounts[5]
    form = pairs(csrf_token=stage.csrf, username=account.identifier, password=account.password)
    return Wire("POST", f"{stage.path}/login", pairs(r=stage.handle()), form, cookies=stage.forms)


@valid("login.dispute")
def dispute(stage: Stage) -> Wire:
    """By the holder of a retired identifier."""
    form = pairs(csrf_token=stage.csrf)
    return Wire("POST", f"{stage.path}/dispute", pairs(p=stage.dispute, r="r"), form, cookies=stage.forms)


@valid("portal.factor")
def factor_page(stage: Stage) -> Wire:
    """The question, of recovery codes too."""
    asked = stage.person.asked("portal", persistent=True, page="/account/devices")
    return Wire("GET", "/login/factor", pairs(next="/account/devices", **{"with": "recovery"}), cookies=asked.cookies)


@valid("portal.factor")
def factor_by_app(stage: Stage) -> Wire:
    """Answered by the app."""
    asked = stage.person.asked("portal", persistent=False)
    return _answered(stage, "/login/factor", asked, code=asked.code)


@valid("portal.factor")
def factor_by_recovery_code(stage: Stage) -> Wire:
    """Answered from the sheet of paper."""
    asked = stage.person.asked("portal", persistent=False)
    return _answered(stage, "/login/factor", asked, recovery=asked.recovery)


@valid("portal.factor")
def factor_by_passkey(stage: Stage) -> Wire:
    """Answered by the authenticator."""
    asked = stage.person.asked("portal", persistent=False)
    return _answered(stage, "/login/factor", asked, passkey=asked.passkey)


@valid("portal.factor_options")
def factor_options(stage: Stage) -> Wire:
    """A challenge."""
    return _answered(stage, "/login/factor/options", stage.person.asked("portal", persistent=False))


@valid("login.factor")
def factor_at_a_syndic(stage: Stage) -> Wire:
    """The same on the way to an extranet."""
    handle = stage.handle()
    asked = stage.person.asked(f"at-{stage.syndic.slug}", persistent=False, handle=handle)
    return _answered(stage, f"{stage.path}/login/factor", asked, code=asked.code).put("query", pairs(r=handle))


@valid("login.factor")
def factor_page_at_a_syndic(stage: Stage) -> Wire:
    """Its page."""
    handle = stage.handle(ui_locales="en")
    asked = stage.person.asked(f"at-{stage.syndic.slug}", persistent=False, handle=handle)
    return Wire("GET", f"{stage.path}/login/factor", pairs(r=handle), cookies=asked.cookies)


@valid("login.factor_options")
def factor_options_at_a_syndic(stage: Stage) -> Wire:
    """Its challenge."""
    asked = stage.person.asked(f"at-{stage.syndic.slug}", persistent=False)
    return _answered(stage, f"{stage.path}/login/factor/options", asked)


def _answered(stage: Stage, path: str, asked: Asked, **answer: str) -> Wire:
    form = pairs(csrf_token=stage.csrf, **answer)
    return Wire("POST", path, pairs(r="r"), form, cookies=with_forms(stage, asked.cookies))
