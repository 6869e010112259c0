"""Valid requests of the protocol: what extranets call, and the questions on the way to them."""

from dataclasses import replace

from tests.security.making import get, valid, with_forms
from tests.security.stage import ASSERTION_TYPE, Stage, pairs
from tests.security.wire import Wire

get("oidc.discovery", "~/.well-known/openid-configuration")
get("oidc.jwks", "~/jwks")
get("oidc.connector_jwks", "~/connector/jwks")
get("oidc.webhook_jwks", "~/webhooks/jwks")


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


@valid("oidc.associations")
def associations(stage: Stage) -> Wire:
    """An announcement."""
    person = pairs(identifier=stage.syndic.accounts[-1].identifier, auth_time="1700000000")
    return Wire("POST", f"{stage.path}/associations", form=person, headers=(stage.basic,))


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


@valid("oidc.accounts")
def accounts(stage: Stage) -> Wire:
    """The menu."""
    bearer = b"Bearer " + stage.tokens()["access_token"].encode()
    return Wire("GET", f"{stage.path}/accounts", headers=((b"Authorization", bearer),))


def _switch(stage: Stage) -> str:
    address = stage.send(accounts(stage)).json()[0]["switch_uri"]
    return str(address.removeprefix(stage.base))


@valid("switching.page")
def switch(stage: Stage) -> Wire:
    """To an account of the menu."""
    return Wire("GET", _switch(stage), cookies=stage.signed_in)


@valid("switching.by_button")
def switch_by_button(stage: Stage) -> Wire:
    """By the button of an address that was used before."""
    form = pairs(csrf_token=stage.csrf)
    return Wire("POST", _switch(stage), form=form, cookies=with_forms(stage, stage.signed_in))


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
    return Wire("POST", f"{stage.path}/consent", pairs(r=handle), form, cookies=with_forms(stage, stage.signed_in))


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
    return Wire("POST", f"{stage.path}/choose", pairs(r=handle), form, cookies=with_forms(stage, stage.signed_in))
