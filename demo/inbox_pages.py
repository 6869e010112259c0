"""The inbox's pages and its JSON interface."""

from flask import Flask, Response, abort, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue

from demo.mailbox import Mail, Mailbox

# A message's HTML runs no script, sends no form and loads nothing; its links open beside the inbox.
MESSAGE_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'self'; frame-ancestors 'self'"
)
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"


def create_app(mailbox: Mailbox) -> Flask:
    """The web side of `mailbox`."""
    app = Flask(__name__)

    @app.get("/")
    def index() -> str:
        return render_template("inbox/index.html", mails=mailbox.messages())

    @app.get("/messages/<mail_id>")
    def show(mail_id: str) -> str:
        return render_template("inbox/message.html", mail=_found(mailbox, mail_id))

    @app.get("/messages/<mail_id>/html")
    def html_part(mail_id: str) -> Response:
        response = make_response('<base target="_blank">' + (_found(mailbox, mail_id).html or ""))
        response.headers["Content-Security-Policy"] = MESSAGE_POLICY
        return response

    @app.get("/api/messages")
    def listed() -> ResponseReturnValue:
        return jsonify([_public(mail) for mail in mailbox.messages()])

    @app.delete("/api/messages")
    def emptied() -> ResponseReturnValue:
        mailbox.clear()
        return "", 204

    app.after_request(_guarded)
    return app


def _found(mailbox: Mailbox, mail_id: str) -> Mail:
    return mailbox.find(mail_id) or abort(404)


def _public(mail: Mail) -> dict[str, str | None]:
    return {
        "id": mail.id,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "received_at": mail.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _guarded(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
