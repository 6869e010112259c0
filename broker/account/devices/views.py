"""The page « Appareils connectés »."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from broker.account.devices import listing, service
from broker.account.person import current_person, current_session
from broker.account.views import blueprint
from broker.sessions import browser, farewell
from broker.web import cookies, network
from broker.web.pages import page, see_other
from config.database import transaction

DONE = frozenset({"ended", "forgotten"})


@blueprint.get("/devices")
def devices() -> ResponseReturnValue:
    """Where the person is signed in, and which browsers are known."""
    done = request.args.get("done")
    overview = listing.overview(current_person(), current_session())
    return page("account/devices.html", overview=overview, done=done if done in DONE else None)


@blueprint.post("/devices/end")
def end_session() -> ResponseReturnValue:
    """« Déconnecter » one of them."""
    with transaction():
        service.end(current_person(), request.form.get("session", ""), network.calling())
    return see_other(url_for("account.devices", done="ended"))


@blueprint.post("/devices/end-everywhere")
def end_everywhere() -> ResponseReturnValue:
    """« Déconnecter partout », this browser too."""
    here = current_session()
    with transaction():
        service.end_everywhere(current_person(), network.calling())
    response = farewell.log_out([here], None, otherwise=url_for("portal.logged_out"))
    cookies.drop(response, browser.IDENTITY)
    return response


@blueprint.post("/devices/forget")
def forget_device() -> ResponseReturnValue:
    """« Oublier » a known browser."""
    with transaction():
        service.forget(current_person(), request.form.get("device", ""), network.calling())
    return see_other(url_for("account.devices", done="forgotten"))
