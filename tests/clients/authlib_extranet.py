"""An extranet around the block « authlib » of docs/integrate.md: it shows as JSON what the library gave it.

Run as a script with a folder in PYTHONPATH that holds the block as `oidc.py`, as a Flask extranet would have it.
"""

import os
from typing import Any
from urllib.parse import urlsplit

import oidc  # type: ignore[import-not-found]  # it is the block of the page
from authlib.integrations.base_client import OAuthError
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from requests import HTTPError
from werkzeug.serving import make_server

app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]
oidc.oauth.init_app(app)
kept: dict[str, Any] = {}  # one person at a time


@app.get("/")
def home() -> ResponseReturnValue:
    return jsonify(status="ready")


@app.get("/login")
def login() -> ResponseReturnValue:
    answer: ResponseReturnValue = oidc.begin(**request.args.to_dict())
    return answer


@app.get("/login/pushed")
def login_pushed() -> ResponseReturnValue:
    answer: ResponseReturnValue = oidc.begin_pushed(**request.args.to_dict())
    return answer


@app.get("/callback")
def callback() -> ResponseReturnValue:
    tokens, claims, userinfo = oidc.complete()
    return _kept(tokens, claims, userinfo)


@app.get("/profile")
def profile() -> ResponseReturnValue:
    return jsonify(oidc.profile(kept))


@app.get("/refresh")
def refresh() -> ResponseReturnValue:
    tokens = oidc.refresh(kept["refresh_token"])
    claims = oidc.oauth.syndic.parse_id_token(tokens, nonce=None)
    return _kept(tokens, claims, oidc.profile(tokens))


@app.get("/logout")
def logout() -> ResponseReturnValue:
    answer: ResponseReturnValue = oidc.logout(kept["id_token"])
    return answer


@app.get("/logged-out")
def logged_out() -> ResponseReturnValue:
    oidc.oauth.syndic.validate_logout_response()
    return jsonify(status="logged out")


@app.errorhandler(OAuthError)
def refused(error: OAuthError) -> ResponseReturnValue:
    return jsonify(error=error.error, description=error.description), 400


@app.errorhandler(HTTPError)
def unauthorized(error: HTTPError) -> ResponseReturnValue:
    return jsonify(error=str(error)), 400


def _kept(tokens: dict[str, Any], claims: dict[str, Any], userinfo: dict[str, Any]) -> ResponseReturnValue:
    kept.update(tokens)
    told = {name: tokens[name] for name in ("access_token", "token_type", "scope")}
    return jsonify(claims=claims, userinfo=userinfo, **told)


if __name__ == "__main__":
    make_server("127.0.0.1", urlsplit(os.environ["EXTRANET"]).port or 0, app).serve_forever()
