"""One syndic's extranet: a relying party of the broker and, where it keeps its own codes, its legacy source.

Run `python -m demo.extranet --config FILE.json --port 8101`; `demo.extranet_config.Config` lists what the
file holds. It listens on the loopback interface only.
"""

import argparse
import json
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from demo import extranet_config, legacy_accounts
from demo.backchannel import backchannel
from demo.charges import calls_of
from demo.connector_tokens import ConnectorGuard
from demo.extranet_config import Config, ConfigError
from demo.legacy_source import legacy_source
from demo.relying_party import BrokerUnreachableError, Memory, RelyingParty, SignIn, SignInError
from demo.serving import WebServer, asked_to_end
from demo.webhooks import webhooks

SIGNED_IN_FOR = 12 * 3600  # seconds
POLICY = (
    "default-src 'none'; style-src 'self'; script-src {broker}; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def create_app(config: Config, url: str) -> Flask:
    """The extranet of `config`, served at `url` (no slash at the end).

    Raises:
        OSError: the accounts' file cannot be read.
    """
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    app.config.update(SESSION_COOKIE_NAME=f"extranet_{config.slug}", SESSION_COOKIE_SAMESITE="Lax")
    app.context_processor(lambda: {"syndic": config})
    app.add_template_filter(_readable_json, "readable_json")
    policy = POLICY.format(broker=config.base)
    app.after_request(lambda response: _guarded(response, policy))
    sign_ins = Memory()
    party = RelyingParty(app, config, url)
    _add_home(app, config, sign_ins)
    _add_menu(app, party, sign_ins)
    _add_sign_in(app, config, url, party, sign_ins)
    _add_logout(app, party, sign_ins)
    _add_refusals(app)
    app.register_blueprint(
        backchannel(config, lambda sid: sign_ins.delete_where(lambda one: one.claims.get("sid") == sid))
    )
    app.register_blueprint(webhooks(config, url))
    if config.accounts_csv is not None:
        accounts, _ = legacy_accounts.read(config.accounts_csv)
        guard = ConnectorGuard(issuer=config.issuer, audience=f"{url}/legacy", jwks_uri=config.jwks_uri)
        app.register_blueprint(legacy_source(accounts, guard))
    return app


def serve(config: Config, port: int = 0) -> WebServer:
    """A server of it, to be started, or used in a `with`; a port of 0 is any free one.

    Raises:
        OSError: the port is taken, or the accounts' file cannot be read.
    """
    return WebServer(lambda url: create_app(config, url), port)


def _add_home(app: Flask, config: Config, sign_ins: Memory) -> None:
    @app.get("/")
    def home() -> str:
        sign_in: SignIn | None = sign_ins.get(session.get("sign_in", ""))
        if sign_in is None:
            return render_template("extranet/welcome.html")
        calls = calls_of(str(sign_in.account.get("identifier", "")))
        return render_template("extranet/home.html", sign_in=sign_in, calls=calls)

    @app.get("/colour.css")
    def colour() -> Response:
        return Response(f":root {{ --syndic: {config.colour}; }}\n", mimetype="text/css")


def _add_menu(app: Flask, party: RelyingParty, sign_ins: Memory) -> None:
    @app.get("/accounts.json")
    def accounts() -> ResponseReturnValue:
        """What the broker's script draws behind « immeuble »; without an answer it follows the link instead."""
        sign_in: SignIn | None = sign_ins.get(session.get("sign_in", ""))
        if sign_in is None:
            return jsonify(error="signed_out"), 401
        try:
            return jsonify(party.menu(sign_in))
        except BrokerUnreachableError:
            return jsonify(error="unreachable"), 502


def _add_sign_in(app: Flask, config: Config, url: str, party: RelyingParty, sign_ins: Memory) -> None:
    @app.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        """Also the `initiate_login_uri` of OpenID Connect Core 1.0 §4."""
        if request.values.get("iss", config.issuer) != config.issuer:
            raise SignInError("issuer_mismatch")
        session["target"] = _own_path(request.values.get("target_link_uri", ""), url)
        hint = request.values.get("login_hint")
        return party.begin(**({"login_hint": hint} if hint else {}))

    @app.get("/associate")
    def associate() -> ResponseReturnValue:
        return party.associate(sign_ins.get(session.get("sign_in", "")))

    @app.get("/callback")
    def callback() -> ResponseReturnValue:
        sign_in, target = party.finish(), session.pop("target", "/")
        # A new reference for each sign-in: one that was planted in this browser earlier opens nothing.
        sign_ins.delete(session.get("sign_in", ""))
        session["sign_in"] = secrets.token_urlsafe(32)
        sign_ins.set(session["sign_in"], sign_in, SIGNED_IN_FOR)
        return redirect(target, 303)


def _add_logout(app: Flask, party: RelyingParty, sign_ins: Memory) -> None:
    @app.get("/logout")
    def logout() -> ResponseReturnValue:
        reference = session.pop("sign_in", "")
        sign_in: SignIn | None = sign_ins.get(reference)
        sign_ins.delete(reference)
        return party.end(sign_in) if sign_in else redirect(url_for("logged_out"), 303)

    @app.get("/logged-out")
    def logged_out() -> str:
        party.ended()
        return render_template("extranet/logged_out.html")


def _add_refusals(app: Flask) -> None:
    @app.errorhandler(SignInError)
    def refused(error: SignInError) -> ResponseReturnValue:
        return render_template("extranet/refused.html", code=error.code), 400

    @app.errorhandler(BrokerUnreachableError)
    def unreachable(_: BrokerUnreachableError) -> ResponseReturnValue:
        return render_template("extranet/refused.html", code="unreachable"), 502


def _readable_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


def _own_path(target: str, url: str) -> str:
    """The path of an address of this extranet; any other address leads to the home page."""
    split = urlsplit(target)
    if f"{split.scheme}://{split.netloc}" != url or split.path.startswith(("//", "/\\")):
        return "/"
    return (split.path or "/") + (f"?{split.query}" if split.query else "")


def _guarded(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="One syndic's extranet, for demonstrations.")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    ended = asked_to_end()
    try:
        config = extranet_config.read(asked.config)
        server = serve(config, asked.port)
    except ConfigError as error:
        parser.exit(1, f"The extranet cannot start: {error}\n")
    except OSError as error:
        parser.exit(1, f"The extranet cannot start: {error.filename or asked.port}: {error.strerror}\n")
    with server:
        print(f"{config.name}: {server.url}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
