"""Valid requests for every endpoint: hostile tests send them with something wrong."""

from collections.abc import Callable
from dataclasses import replace

from bs4 import BeautifulSoup

from tests.journeys.steps import PASSWORD
from tests.security.stage import ASSERTION_TYPE, Stage, pairs
from tests.security.wire import Wire

Make = Callable[[Stage], Wire]
VALID: dict[str, list[Make]] = {}
"""By endpoint. `test_every_endpoint_is_driven` compares it with the application's own map."""


def valid(endpoint: str) -> Callable[[Make], Make]:
    """Register a request."""

    def keep(make: Make) -> Make:
        VALID.setdefault(endpoint, []).append(make)
        return make

    return keep


def _get(endpoint: str, path: str, *, who: str = "", **query: str) -> None:
    """Register a GET below the issuer (`path` begins with `~`) or at the portal. `who` names a stage's cookies."""

    def make(stage: Stage) -> Wire:
        given = {
            name: str(getattr(stage, value[1:])) if value.startswith("$") else value for name, value in query.items()
        }
        return Wire("GET", _path(stage, path), pairs(**given), cookies=getattr(stage, who) if who else ())

    valid(endpoint)(make)


def _path(stage: Stage, path: str) -> str:
    for name in ("confirm", "reset", "contest"):
        path = path.replace("{" + name + "}", getattr(stage, name))
    return path.replace("~", stage.path).replace("{slug}", stage.syndic.slug)


def _post(endpoint: str, path: str, *, who: str = "", **form: str) -> None:
    """Register a form with its token."""

    def make(stage: Stage) -> Wire:
        values = {
            name: str(getattr(stage, value[1:])) if value.startswith("$") else value for name, value in form.items()
        }
        given = pairs(csrf_token=stage.csrf, **values)
        own = getattr(stage, who) if who else ()
        cookies = stage.forms + tuple(pair for pair in own if pair[0] != stage.forms[0][0])
        return Wire("POST", _path(stage, path), pairs(r="r" * 43), given, cookies=cookies)

    valid(endpoint)(make)


_get("static", "/static/page.css")
_get("portal.home", "/")
_get("portal.login", "/login", next="/account/accounts", lang="en")
_post("portal.login", "/login", username="inconnu@orange.fr", password="un-mot-de-passe", remember="on")
_post("portal.logout", "/logout")
_get("portal.logged_out", "/logged-out")
_get("portal.help_page", "/help")
_get("portal.logo", "/logos/{slug}.png")
_get("login.help_page", "~/help", r="r")
_get("login.no_account", "~/no-account", who="signed_in", r="r")
_get("login.dispute_page", "~/dispute", p="$dispute", r="r", told="1")
_get("terms_again.page", "/terms", who="asked", next="/account/accounts")
_get("terms_again.print", "/terms/print", who="asked", next="/account/accounts")
_post("terms_again.accept", "/terms", who="asked", shown="$shown")
_post("terms_again.leave", "/terms/leave")
_get("recovery.page", "/forgotten", sent="1")
_post("recovery.submit", "/forgotten", email="quelconque@orange.fr")
_get("recovery.reset_page", "/reset/{reset}")
_post("recovery.reset", "/reset/{reset}", email="quelconque@orange.fr", password=PASSWORD)
_get("association.start", "~/association", who="draft", r="r")
_get("association.email_page", "~/association/email", who="draft", r="r")
_post("association.email", "~/association/email", who="draft", email="quelconque@orange.fr", kept="on")
_get("association.profile_page", "~/association/profile", who="draft", r="r")
_post(
    "association.profile", "~/association/profile", who="draft", given_name="Jeanne", family_name="Dupont",
    civility="mme", phone="0474000000", locale="fr", password=PASSWORD, action="continue",
)  # fmt: skip
_get("association.terms_page", "~/association/terms", who="draft", r="r")
_post("association.terms", "~/association/terms", who="draft", accept="on")
_get("association.terms_print", "~/association/terms/print")
_get("association.waiting", "~/association/waiting", who="waiting", r="r")
_post("association.resend", "~/association/waiting/resend", who="waiting")
_post("association.code", "~/association/waiting/code", who="waiting", code="12345678")
_get("association.done", "~/association/done", who="waiting", r="r")
_get("confirmation.page", "/confirm/{confirm}")
_post("confirmation.sign_in", "/confirm/{confirm}", email="quelconque@orange.fr", password=PASSWORD)
_get("confirmation.prove", "/confirm/password", who="proved")
_post("confirmation.prove", "/confirm/password", who="proved", email="quelconque@orange.fr", password=PASSWORD)
_get("confirmation.review", "/confirm/review", who="proved")
_get("confirmation.accepted_terms", "/confirm/terms", who="proved")
_post("confirmation.decide", "/confirm/review", who="proved", decision="confirm")
_get("confirmation.finished", "/confirm/finished")
_get("contest.page", "/contest/{contest}")
_post("contest.prove", "/contest/{contest}", code="12345678")
_get("contest.done", "/contest/done")
_get("oidc.discovery", "~/.well-known/openid-configuration")
_get("oidc.jwks", "~/jwks")
_get("oidc.connector_jwks", "~/connector/jwks")
_get("account.index", "/account/", who="signed_in")
_get("account.accounts", "/account/accounts", who="signed_in", iss="issuer", account="id")
_get("account.evidence", "/account/evidence", who="signed_in")
_get("account.evidence_file", "/account/evidence/file", who="signed_in")
_get("evidence.keys", "/evidence/keys.json")
_get("health.alive", "/healthz")
_get("health.ready", "/readyz")


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


@valid("oidc.authorize")
def authorize(stage: Stage) -> Wire:
    """By somebody who is signed in."""
    extra = {
        "prompt": "none", "max_age": "600", "ui_locales": "fr en", "acr_values": "password", "display": "page",
        "claims": '{"id_token":{"name":null,"acr":{"essential":true,"values":["password"]}},"userinfo":{"email":null}}',
    }  # fmt: skip
    return Wire("GET", f"{stage.path}/authorize", stage.authorization(**extra), cookies=stage.signed_in)


@valid("oidc.authorize")
def authorize_by_form(stage: Stage) -> Wire:
    """With a form for an answer."""
    asked = stage.authorization(response_mode="form_post", prompt="none", dpop_jkt="j" * 43)
    return Wire("GET", f"{stage.path}/authorize", asked, cookies=stage.signed_in)


@valid("oidc.authorize")
def authorize_by_post(stage: Stage) -> Wire:
    """By a POST from the extranet's page."""
    return Wire("POST", f"{stage.path}/authorize", form=stage.authorization(login_hint="account:x", max_age="0"))


@valid("oidc.authorize")
def authorize_pushed(stage: Stage) -> Wire:
    """By a request that was pushed."""
    pushed = stage.send(par(stage)).json()["request_uri"]
    asked = pairs(client_id=stage.syndic.client_id, request_uri=pushed)
    return Wire("GET", f"{stage.path}/authorize", asked, cookies=stage.signed_in)


@valid("oidc.resume")
def resume(stage: Stage) -> Wire:
    """After a sign-in."""
    return Wire("GET", f"{stage.path}/resume", pairs(r=stage.handle()), cookies=stage.signed_in)


@valid("oidc.token")
def token(stage: Stage) -> Wire:
    """A code, by Basic."""
    return Wire("POST", f"{stage.path}/token", form=stage.redemption(), headers=(stage.basic,))


@valid("oidc.token")
def token_with_proof(stage: Stage) -> Wire:
    """A code, with a DPoP proof."""
    headers = (stage.basic, (b"DPoP", stage.proof("token").encode()))
    return Wire("POST", f"{stage.path}/token", form=stage.redemption(), headers=headers)


@valid("oidc.token")
def refresh(stage: Stage) -> Wire:
    """A refresh token."""
    form = pairs(grant_type="refresh_token", refresh_token=stage.tokens()["refresh_token"], scope="openid email")
    return Wire("POST", f"{stage.path}/token", form=form, headers=(stage.basic,))


@valid("oidc.token")
def own_token(stage: Stage) -> Wire:
    """A client for itself, by its secret in the form."""
    client_id, secret = stage.own_client
    form = pairs(grant_type="client_credentials", client_id=client_id, client_secret=secret)
    return Wire("POST", f"{stage.path}/token", form=form)


@valid("oidc.token")
def asserted_token(stage: Stage) -> Wire:
    """A client for itself, by its assertion."""
    said = pairs(client_assertion_type=ASSERTION_TYPE, client_assertion=stage.assertion())
    return Wire("POST", f"{stage.path}/token", form=pairs(grant_type="client_credentials") + said)


@valid("oidc.par")
def par(stage: Stage) -> Wire:
    """A pushed request."""
    asked = stage.authorization(max_age="600", claims='{"userinfo":{"name":{"essential":true}}}')
    return Wire("POST", f"{stage.path}/par", form=asked, headers=(stage.basic,))


@valid("contest.review")
def contest_review(stage: Stage) -> Wire:
    """With the handle that the right code gives."""
    form = pairs(csrf_token=stage.csrf, code=stage.contest_code)
    proved = stage.send(Wire("POST", f"/contest/{stage.contest}", (), form, cookies=stage.forms))
    return Wire("GET", "/contest/review", pairs(p=dict(proved.query).get("p", "")))


@valid("contest.suspend")
def contest_suspend(stage: Stage) -> Wire:
    """Its button."""
    return replace(contest_review(stage), method="POST", form=pairs(csrf_token=stage.csrf), cookies=stage.forms)


@valid("oidc.associations")
def associations(stage: Stage) -> Wire:
    """An announcement."""
    person = pairs(identifier=stage.syndic.accounts[-1].identifier, auth_time="1700000000")
    return Wire("POST", f"{stage.path}/associations", form=person, headers=(stage.basic,))


@valid("announced.page")
def announced(stage: Stage) -> Wire:
    """What it leads to."""
    return Wire("GET", f"{stage.path}/associate", pairs(request_uri=stage.announced()))


@valid("announced.associate")
def associate(stage: Stage) -> Wire:
    """Its button."""
    found = BeautifulSoup(stage.send(announced(stage)).body, "html.parser").find("input", {"name": "ticket"})
    form = pairs(csrf_token=stage.csrf, ticket=str(found["value"]), password="p")  # type: ignore[index]  # it is there
    return Wire("POST", f"{stage.path}/associate", form=form, cookies=stage.forms)


@valid("oidc.introspect")
def introspect(stage: Stage) -> Wire:
    """Of an access token."""
    form = pairs(token=stage.tokens()["access_token"], token_type_hint="access_token")
    return Wire("POST", f"{stage.path}/introspect", form=form, headers=(stage.basic,))


@valid("oidc.revoke")
def revoke(stage: Stage) -> Wire:
    """Of a refresh token."""
    form = pairs(token=stage.tokens()["refresh_token"], token_type_hint="refresh_token")
    return Wire("POST", f"{stage.path}/revoke", form=form, headers=(stage.basic,))


@valid("oidc.userinfo")
def userinfo(stage: Stage) -> Wire:
    """By the header."""
    bearer = b"Bearer " + stage.tokens()["access_token"].encode()
    return Wire("GET", f"{stage.path}/userinfo", headers=((b"Authorization", bearer),))


@valid("oidc.userinfo")
def userinfo_by_form(stage: Stage) -> Wire:
    """By a form."""
    return Wire("POST", f"{stage.path}/userinfo", form=pairs(access_token=stage.tokens()["access_token"]))


@valid("oidc.end_session")
def end_session(stage: Stage) -> Wire:
    """With a hint, by a browser that holds no session: the stage's own go on."""
    left = pairs(
        id_token_hint=stage.tokens()["id_token"],
        client_id=stage.syndic.client_id,
        post_logout_redirect_uri="http://127.0.0.1:9999/logged-out",
        state="state-of-the-extranet",
    )
    return Wire("GET", f"{stage.path}/end_session", left)


@valid("oidc.end_session")
def end_session_by_post(stage: Stage) -> Wire:
    """The same as a form."""
    asked = end_session(stage)
    return replace(asked, method="POST", query=(), form=asked.query)


@valid("oidc.end_session")
def end_session_asks(stage: Stage) -> Wire:
    """Without a hint: the page that asks, with what it was given in its form."""
    return Wire("GET", f"{stage.path}/end_session", pairs(state="s", ui_locales="en"), cookies=stage.signed_in)


@valid("oidc.end_session_confirmed")
def end_session_confirmed(stage: Stage) -> Wire:
    """By a browser that holds no session."""
    return Wire("POST", f"{stage.path}/end_session/confirmed", form=end_session(stage).query, cookies=stage.forms)


@valid("interaction.consent")
def consent(stage: Stage) -> Wire:
    """The question."""
    handle = stage.handle(signed_in=True, prompt="consent")
    return Wire("GET", f"{stage.path}/consent", pairs(r=handle), cookies=stage.signed_in)


@valid("interaction.consented")
def consented(stage: Stage) -> Wire:
    """Its answer."""
    handle = stage.handle(signed_in=True, prompt="consent")
    form = pairs(csrf_token=stage.csrf, answer="continue")
    return Wire("POST", f"{stage.path}/consent", pairs(r=handle), form, cookies=_with_forms(stage))


@valid("interaction.select_account")
def select_account(stage: Stage) -> Wire:
    """The question."""
    handle = stage.handle(signed_in=True, prompt="select_account")
    return Wire("GET", f"{stage.path}/choose", pairs(r=handle), cookies=stage.signed_in)


@valid("interaction.selected")
def selected(stage: Stage) -> Wire:
    """Its answer."""
    handle = stage.handle(signed_in=True, prompt="select_account")
    form = pairs(csrf_token=stage.csrf, account="an-account")
    return Wire("POST", f"{stage.path}/choose", pairs(r=handle), form, cookies=_with_forms(stage))


def _with_forms(stage: Stage) -> tuple[tuple[bytes, bytes], ...]:
    return stage.forms + tuple(pair for pair in stage.signed_in if pair[0] != stage.forms[0][0])
