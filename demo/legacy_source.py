"""The `http` legacy source: what a syndic's own extranet serves to have old codes verified and retired.

`POST verify`, `POST disable`, `POST reissue` and `GET accounts/<identifier>` bear the broker's token; a call
without a good one gets 401 with `WWW-Authenticate: Bearer error="invalid_token"` (RFC 6750 §3), a wrong
secret gets 401 without that header. `GET effects` and `GET letters` are the demonstration's own windows: what
took effect, and the letters that the syndic would have printed.
"""

from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from demo.connector_tokens import ConnectorGuard, KeysUnavailableError, TokenRefusedError
from demo.legacy_accounts import KeyReusedError, LegacyAccounts, UnknownAccountError

WINDOWS = {"legacy.effects", "legacy.letters"}
LONGEST = 4_000  # bytes of a request
REFUSALS: dict[type[Exception], tuple[str, int]] = {
    TokenRefusedError: ("invalid_token", 401),
    KeysUnavailableError: ("keys_unavailable", 503),
    UnknownAccountError: ("unknown_identifier", 404),
    KeyReusedError: ("idempotency_key_reused", 422),
    BadRequest: ("invalid_request", 400),
}


def legacy_source(accounts: LegacyAccounts, guard: ConnectorGuard) -> Blueprint:
    """The routes under `/legacy`."""
    source = Blueprint("legacy", __name__, url_prefix="/legacy")

    @source.before_request
    def guarded() -> None:
        request.max_content_length = LONGEST
        if request.endpoint not in WINDOWS:
            guard.check(request.headers.get("Authorization", ""), request.get_data())

    _add_calls(source, accounts)
    _add_windows(source, accounts)
    _add_refusals(source)
    return source


def _add_calls(source: Blueprint, accounts: LegacyAccounts) -> None:
    @source.post("/verify")
    def verify() -> ResponseReturnValue:
        account = accounts.verify(_text("identifier"), _text("secret"))
        if account is None:
            return _error("invalid_credentials", 401)
        return jsonify(identifier=account.identifier, holder=account.holder, email=account.email, label=account.label)

    @source.post("/disable")
    def disable() -> ResponseReturnValue:
        receipt = accounts.disable(_text("identifier"), _key())
        return jsonify(receipt=receipt.number, disabled_at=_time(receipt.at))

    @source.post("/reissue")
    def reissue() -> ResponseReturnValue:
        receipt = accounts.reissue(_text("identifier"), _key())
        return jsonify(receipt=receipt.number, reissued_at=_time(receipt.at))

    @source.get("/accounts/<identifier>")
    def status(identifier: str) -> ResponseReturnValue:
        return jsonify(state=accounts.state(identifier))


def _add_windows(source: Blueprint, accounts: LegacyAccounts) -> None:
    @source.get("/effects")
    def effects() -> ResponseReturnValue:
        return jsonify(accounts.effects())

    @source.get("/letters")
    def letters() -> ResponseReturnValue:
        return jsonify(
            [
                {
                    "identifier": letter.identifier,
                    "holder": letter.holder,
                    "secret": letter.secret,
                    "printed_at": _time(letter.printed_at),
                }
                for letter in accounts.letters()
            ]
        )


def _add_refusals(source: Blueprint) -> None:
    for kind, (code, status) in REFUSALS.items():

        def refuse(_: Exception, code: str = code, status: int = status) -> ResponseReturnValue:
            return _error(code, status)

        source.register_error_handler(kind, refuse)


def _text(name: str) -> str:
    body = request.get_json(force=True)
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise BadRequest
    return value


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise BadRequest
    return key


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(code: str, status: int) -> Response:
    response = jsonify(error=code)
    response.status_code = status
    if code == "invalid_token":
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response
