"""« Confirmez que c'est vous »: the page that asks for a second factor, the same wherever a sign-in is to go on.

A place (`portal`, `at-<slug>`, `association`, `account`) has a cookie of its own, so that sign-ins in two tabs never
meet. What happens once the factor is shown is that place's.
"""

from dataclasses import dataclass
from typing import Any

from flask import request
from flask.wrappers import Response
from flask_babel import gettext

from broker.identities.factors import checks, passkeys
from broker.identities.factors import service as factors
from broker.identities.factors.models import FactorCheck
from broker.identities.factors.refusals import TooManyWrongCodes
from broker.identities.factors.strength import Shown
from broker.identities.models import Identity
from broker.web import cookies, network
from broker.web.pages import page
from config.database import transaction

RECOVERING = "recovery"


@dataclass(frozen=True)
class Answer:
    """What a browser has answered: `shown` is None where it was wrong."""

    check: FactorCheck
    identity: Identity
    shown: Shown | None

    @property
    def after(self) -> dict[str, Any]:
        """What this sign-in will be, as its place said."""
        return self.check.after


def ask(response: Response, identity: Identity, place: str, **after: Any) -> Response:
    """Begin to ask, in the caller's transaction: this browser alone can answer, with the cookie of this response."""
    token = checks.begin(identity, place, after)
    cookies.put(response, _cookie(place), token, int(checks.LIFE.total_seconds()))
    return response


def waiting(place: str) -> FactorCheck:
    """What is asked of this browser at this place.

    Raises:
        CheckGone: nothing.
    """
    return checks.held(cookies.read(_cookie(place)), place)[0]


def shown(place: str, address: str, options: str, alert: list[str] | None = None) -> Response:
    """The page; `address` takes its forms and `options` gives the passkey's challenge.

    Raises:
        CheckGone: nothing is asked of this browser at this place.
    """
    _, identity = checks.held(cookies.read(_cookie(place)), place)
    joint = "&" if "?" in address else "?"
    recovering = _recovering()
    here = f"{address}{joint}with={RECOVERING}"
    return page(
        "login/factor.html",
        enrolled=factors.enrolled(identity.id),
        recovering=recovering,
        address=here if recovering else address,
        other_way=address if recovering else here,
        options=options,
        alert=alert,
    )


def answered(place: str) -> Answer:
    """Check what was sent, within the caller's transaction, which must commit whatever the answer.

    Raises:
        CheckGone, TooManyWrongCodes: nothing was checked.
    """
    check, identity = checks.held(cookies.read(_cookie(place)), place)
    form, caller = request.form, network.calling()
    if form.get("passkey"):
        found = checks.by_passkey(check, identity, form["passkey"], caller)
    elif "recovery" in form:
        found = checks.by_recovery_code(check, identity, form["recovery"], caller)
    else:
        found = checks.by_app(check, identity, form.get("code", ""), caller)
    return Answer(check, identity, found)


def wrong(answer: Answer) -> list[str]:
    """What to say of a wrong answer.

    Raises:
        TooManyWrongCodes: it was the last try.
    """
    if answer.check.used_at is not None:
        raise TooManyWrongCodes(f"check {answer.check.id}")
    if request.form.get("passkey"):
        return [gettext("Votre clé d'accès n'a pas été reconnue. Réessayez, ou choisissez une autre façon.")]
    if "recovery" in request.form:
        return [gettext("Ce code de récupération n'est pas le bon, ou il a déjà servi. Essayez le suivant.")]
    return [gettext("Ce code n'est pas le bon, ou il a déjà servi. Attendez que l'application en affiche un autre.")]


def challenge(place: str) -> Response:
    """A passkey's challenge for this browser, as JSON.

    Raises:
        CheckGone: nothing is asked of this browser at this place.
    """
    with transaction():
        check, identity = checks.held(cookies.read(_cookie(place)), place)
        options = passkeys.request_options(identity.id, check.id)
    return Response(options, mimetype="application/json")


def forget(response: Response, place: str) -> Response:
    """Nothing more is asked of this browser."""
    cookies.drop(response, _cookie(place))
    return response


def _recovering() -> bool:
    return request.args.get("with") == RECOVERING


def _cookie(place: str) -> str:
    return f"factor_{place}"
