"""An extranet around the block « authlib » of docs/integrate.md: it shows as JSON what the library gave it.

Run as a script with a folder in PYTHONPATH that holds the block as `oidc.py`, as a Flask extranet would have it.
"""

import os
from urllib.parse import urlsplit

import oidc  # type: ignore[import-not-found]  # it is the block of the page
from authlib.integrations.base_client import OAuthError
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]
oidc.oauth.init_app(app)
kept: dict[str, str] = {}  # one person at a time


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
    kept.update(id_token=tokens["id_token"], refresh_token=tokens.get("refresh_token", ""))
    return jsonify(claims=claims, userinfo=userinfo, access_token=tokens["access_token"], scope=tokens["scope"])


@app.get("/refresh")
def refresh() -> ResponseReturnValue:
    tokens = oidc.refresh(kept["refresh_token"])
    kept.update(refresh_token=tokens.get("refresh_token", kept["refresh_token"]))
    claims = oidc.oauth.syndic.parse_id_token(tokens, nonce=None)
    told = oidc.profile(tokens)
    return jsonify(claims=claims, userinfo=told, access_token=tokens["access_token"], scope=tokens["scope"])


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


if __name__ == "__main__":
    make_server("127.0.0.1", urlsplit(os.environ["EXTRANET"]).port or 0, app).serve_forever()
