"""What the browser gets after a logout, whoever asked for it."""

from flask import Response

from broker.sessions import extranets
from broker.sessions import service as sessions
from broker.sessions.models import LoginSession
from broker.web import headers
from broker.web.pages import page, see_other
from config.database import transaction


def log_out(found: list[LoginSession], target: str | None, *, otherwise: str | None = None) -> Response:
    """End these sessions, and answer by a redirect to `target`, a checked address of the extranet that asked.

    Without one, `otherwise` is the address that says « Vous êtes déconnecté »; without both, this answer does.

    Where extranets are told by the browser, that page comes in any case: it loads their addresses (Front-Channel
    Logout 1.0 §2), and goes on to `target` by itself.
    """
    with transaction():
        sessions.end(*found)
        frames = extranets.frames([each.id for each in found])
    onward = target or otherwise
    if onward and not frames:
        return see_other(onward)
    headers.allow_frames_of(frames)
    return page("login/logged_out.html", frames=frames, target=target)
