"""Valid requests of an association: the attempt, the mail's link, the question, and what may undo it."""

from dataclasses import replace

from bs4 import BeautifulSoup

from tests.journeys.steps import PASSWORD
from tests.security.making import get, post, valid, with_forms
from tests.security.stage import Stage, pairs
from tests.security.wire import Wire

get("association.start", "~/association", who="draft", r="r")
get("association.email_page", "~/association/email", who="draft", r="r")
post("association.email", "~/association/email", who="draft", email="quelconque@orange.fr", kept="on")
get("association.profile_page", "~/association/profile", who="draft", r="r")
post(
    "association.profile", "~/association/profile", who="draft", given_name="Jeanne", family_name="Dupont",
    civility="mme", phone="0474000000", locale="fr", password=PASSWORD, action="continue",
)  # fmt: skip
get("association.terms_page", "~/association/terms", who="draft", r="r")
post("association.terms", "~/association/terms", who="draft", accept="on")
get("association.terms_print", "~/association/terms/print")
get("association.waiting", "~/association/waiting", who="waiting", r="r")
post("association.resend", "~/association/waiting/resend", who="waiting")
post("association.code", "~/association/waiting/code", who="waiting", code="12345678")
get("association.done", "~/association/done", who="waiting", r="r")
get("confirmation.page", "/confirm/{confirm}")
post("confirmation.sign_in", "/confirm/{confirm}", email="quelconque@orange.fr", password=PASSWORD)
get("confirmation.prove", "/confirm/password", who="proved")
post("confirmation.prove", "/confirm/password", who="proved", email="quelconque@orange.fr", password=PASSWORD)
get("confirmation.review", "/confirm/review", who="proved")
get("confirmation.accepted_terms", "/confirm/terms", who="proved")
post("confirmation.decide", "/confirm/review", who="proved", decision="confirm")
get("confirmation.finished", "/confirm/finished")
get("contest.page", "/contest/{contest}")
post("contest.prove", "/contest/{contest}", code="12345678")
get("contest.done", "/contest/done")


@valid("contest.review")
def contest_review(stage: Stage) -> Wire:
    """With the handle that the right code gives."""
    form = pairs(csrf_token=stage.csrf, code=stage.contest_code)
    proved = stage.send(Wire("POST", f"/contest/{stage.contest}", (), form, cookies=stage.forms))
    return Wire("GET", "/contest/review", pairs(p=dict(proved.query).get("p", "")))


@valid("contest.suspend")
def contest_suspend(stage: Stage) -> Wire:
    """Its button."""
    return replace(contest_review(stage), method="POST", form=pairs(csrf_token=stage.csrf), cookies=stage.forms)


@valid("announced.page")
def announced(stage: Stage) -> Wire:
    """What it leads to."""
    return Wire("GET", f"{stage.path}/associate", pairs(request_uri=stage.announced()))


@valid("announced.associate")
def associate(stage: Stage) -> Wire:
    """Its button."""
    found = BeautifulSoup(stage.send(announced(stage)).body, "html.parser").find("input", {"name": "ticket"})
    form = pairs(csrf_token=stage.csrf, ticket=str(found["value"]), password="p")  # type: ignore[index]  # it is there
    return Wire("POST", f"{stage.path}/associate", form=form, cookies=stage.forms)


@valid("confirmation.factor")
def factor_page(stage: Stage) -> Wire:
    """Before « Confirmer », of a person with a second factor."""
    return Wire("GET", "/confirm/factor", cookies=stage.person.asked_before_confirming().cookies)


@valid("confirmation.factor")
def factor_by_app(stage: Stage) -> Wire:
    """Its answer."""
    asked = stage.person.asked_before_confirming()
    form = pairs(csrf_token=stage.csrf, code=asked.code)
    return Wire("POST", "/confirm/factor", form=form, cookies=with_forms(stage, asked.cookies))


@valid("confirmation.factor_options")
def factor_options(stage: Stage) -> Wire:
    """A passkey's challenge there."""
    asked = stage.person.asked_before_confirming()
    form = pairs(csrf_token=stage.csrf)
    return Wire("POST", "/confirm/factor/options", form=form, cookies=with_forms(stage, asked.cookies))
