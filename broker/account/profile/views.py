"""The page « Informations personnelles »."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext

from broker.account.person import current_person
from broker.account.profile import forms, groups
from broker.account.profile.forms import PersonalForm
from broker.account.views import blueprint
from broker.identities import journal, profile
from broker.identities.models import Identity
from broker.identities.releases import NotLinked
from broker.web import cookies, languages, network
from broker.web.pages import page, see_other
from config.database import session, transaction


@blueprint.get("/profile", endpoint="profile_page")
def profile_page() -> ResponseReturnValue:
    """What the person says of themselves, and what each syndic sees of it."""
    owner = current_person()
    return _shown(owner, forms.filled(owner), groups.choices(owner), saved=request.args.get("saved") == "1")


@blueprint.post("/profile", endpoint="profile")
def save_profile() -> ResponseReturnValue:
    """Keep what was changed in this form, all of it or, where something is wrong, nothing."""
    form = forms.read()
    if form.errors:
        return _again(form)
    try:
        with transaction():
            _save(current_person(), form)
    except NotLinked as refused:
        form.errors.append(gettext(refused.public))
        return _again(form)
    response = see_other(url_for("account.profile_page", saved=1))
    if "locale" in form.changed:
        cookies.put(response, "lang", form.typed["locale"], languages.KEPT_S)
    return response


def _save(owner: Identity, form: PersonalForm) -> None:
    """Under the person's lock: of two tabs each changes only what was changed there."""
    session().refresh(owner, with_for_update=True)
    profile.amend(owner, form.claims)
    owner.locale = form.changed.get("locale", owner.locale)
    if form.changed:
        journal.note("profile.changed", owner.id, network.calling(), fields=sorted(form.changed))
    changes = groups.apply(owner, form)
    for sight, chosen in changes.released:
        journal.note("claims.released", owner.id, network.calling(), sight.syndic_id, groups=chosen)
    for sight, chosen in changes.withdrawn:
        journal.note("claims.withdrawn", owner.id, network.calling(), sight.syndic_id, groups=chosen)


def _again(form: PersonalForm) -> Response:
    owner = current_person()
    return _shown(owner, form, groups.choices(owner, form), alert=form.errors)


def _shown(owner: Identity, form: PersonalForm, choices: list[groups.Choice], **values: Any) -> Response:
    return page("account/profile.html", form=form, choices=choices, email=owner.email_typed, **values)
