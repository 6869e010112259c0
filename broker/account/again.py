"""The password once more, before a change that somebody at an open screen must not make."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.account.person import current_person, current_session
from broker.identities import authentication, messages
from broker.identities.attempts import Slowed
from broker.sessions import devices
from broker.sessions import service as sessions
from broker.web.pages import own_page, page, see_other
from config.database import transaction


def ask() -> ResponseReturnValue:
    """Ask for the password; count it like every other entry of it (SECURITY R11)."""
    if request.method == "GET":
        return _form()
    with transaction():
        answer = authentication.check(current_person().email, request.form.get("password", ""), devices.door())
        if isinstance(answer, authentication.Right):
            sessions.confirm(current_session())
            return see_other(own_page(request.args.get("next")) or "/account/")
    return _form(429 if isinstance(answer, Slowed) else 200, alert=messages.alert(answer))


def _form(status: int = 200, **values: Any) -> Response:
    return page("account/again.html", status, email=current_person().email_typed, **values)
