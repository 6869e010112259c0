"""A factor's code: once, in time, by its own person, in its own browser and place, five tries at most."""

from tests.broker.oidc.owners import owner
from tests.browser import Arrived, Browser
from tests.journeys.factor_owners import at_once
from tests.journeys.factors import (
    CONFIRM,
    asked,
    enrol_app,
    show_app,
    show_recovery,
)
from tests.journeys.steps import PASSWORD, sign_in
from tests.relying_party import RelyingParty
from tests.world import World


def test_a_code_is_taken_once_however_it_is_sent_again(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    code = app.code
    _, first = asked(person.syndic, person.email)
    _, second = asked(person.syndic, person.email)
    assert isinstance(show_app(first, code), Arrived)
    page = show_app(second, code)
    assert page.heading == CONFIRM, "the same time step is not taken twice (RFC 6238 section 5.2)"
    assert "a déjà servi" in page.alert
    assert "a déjà servi" in show_app(second, app.code_after(-30)).alert, "nor an older one after it"
    assert isinstance(show_app(second, app.code_after(30)), Arrived), (
        "the clock of a telephone may be half a minute off"
    )


def test_a_clock_that_is_more_than_a_step_off_is_wrong(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    assert show_app(page, app.code_after(90)).heading == CONFIRM


def test_of_many_uses_of_one_recovery_code_at_once_one_succeeds(world: World) -> None:
    person = owner(world)
    _, codes = enrol_app(world, person.browser)
    pages = [asked(person.syndic, person.email)[1].follow("Utiliser un code de récupération") for _ in range(4)]
    arrived = at_once([lambda page=page: show_recovery(page, codes[0]) for page in pages])  # type: ignore[misc]  # mypy cannot tell what a lambda with a default is
    assert sum(isinstance(page, Arrived) for page in arrived) == 1, "one code, one session"


def test_of_many_uses_of_one_apps_code_at_once_one_succeeds(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    pages = [asked(person.syndic, person.email)[1] for _ in range(4)]
    code = app.code
    arrived = at_once([lambda page=page: show_app(page, code) for page in pages])  # type: ignore[misc]  # mypy cannot tell what a lambda with a default is
    assert sum(isinstance(page, Arrived) for page in arrived) == 1, "one time step, one session"


def test_five_wrong_codes_end_it_and_typing_the_password_again_gives_no_more(world: World) -> None:
    person = owner(world)
    app, codes = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    for _ in range(4):
        page = show_app(page, app.wrong)
        assert page.heading == CONFIRM
    assert show_app(page, app.wrong).status == 429, "the fifth wrong code ends the step"
    assert show_app(page, app.code).status == 410, "and a right one comes too late"
    _, anew = asked(person.syndic, person.email)
    assert show_app(anew, app.code).status == 429, "a new sign-in brings no new tries"
    assert show_recovery(anew, codes[0]).status == 429
    world.work()
    assert "cinq codes faux" in world.mails_to(person.email)[0].text, "the owner learns that the password is known"
    world.later(minutes=16)
    _, later = asked(person.syndic, person.email)
    assert isinstance(show_app(later, app.code), Arrived), "after a quarter of an hour it works again"


def test_what_is_no_code_is_no_try(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    for typed in ("", "12345", "abcdef", "1234567", "٣٤٥٦٧٨", "12 34"):
        page = show_app(page, typed)
        assert page.heading == CONFIRM
    for typed in ("", "k7mq", "u" * 12, "k7mq-2xpd-9f3v-0000"):
        assert show_recovery(page, typed).heading == CONFIRM
    assert isinstance(show_app(page, f"{app.code[:3]} {app.code[3:]}"), Arrived), "spaces do not matter"


def test_the_step_waits_ten_minutes(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    world.later(minutes=11)
    page = show_app(page, app.code)
    assert page.status == 410
    page = sign_in(page.follow("Se reconnecter"), person.email, PASSWORD)
    assert isinstance(show_app(page, app.code), Arrived), "the same request goes on"


def test_another_persons_code_is_of_no_use(world: World) -> None:
    one, other = owner(world), owner(world)
    enrol_app(world, one.browser)
    app, codes = enrol_app(world, other.browser)
    _, page = asked(one.syndic, one.email)
    assert show_app(page, app.code).heading == CONFIRM
    assert show_recovery(page, codes[0]).heading == CONFIRM


def test_the_step_belongs_to_the_browser_that_typed_the_password(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    _, page = asked(person.syndic, person.email)
    stranger = Browser()
    assert stranger.get(page.url).status == 410, "the address alone is nobody's"


def test_the_step_is_taken_at_its_own_place_only(world: World) -> None:
    person, elsewhere = owner(world), world.syndic()
    app, _ = enrol_app(world, person.browser)
    browser = Browser()
    _, page = asked(person.syndic, person.email, browser)
    cookie = next(value for name, value in browser.http.cookies.items() if "factor_at-" in name)
    browser.http.cookies.set(f"trousseau_factor_at-{elsewhere.slug}", cookie)
    browser.http.cookies.set("trousseau_factor_portal", cookie)
    assert browser.get(f"{elsewhere.issuer}/login/factor").status == 410, "another syndic's page does not take it"
    assert browser.get(f"{world.base}/login/factor").status == 410, "nor does the portal"
    assert isinstance(show_app(page, app.code), Arrived)


def test_the_request_of_another_syndic_in_the_address_changes_nothing(world: World) -> None:
    person, elsewhere = owner(world), world.syndic()
    app, _ = enrol_app(world, person.browser)
    theirs = RelyingParty(elsewhere).begin(Browser()).response.url.params["r"]
    party, page = asked(person.syndic, person.email)
    own = str(page.response.url.params["r"])
    page = page.browser.get(page.url.replace(own, theirs))
    assert page.heading == CONFIRM
    assert party.complete(show_app(page, app.code)).id_claims["acr"] == "mfa", "the request that began goes on"


def test_two_tabs_of_one_browser_do_not_meet(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    browser = Browser()
    _, one = asked(person.syndic, person.email, browser)
    party, other = asked(person.syndic, person.email, browser)
    assert party.complete(show_app(other, app.code)).id_claims["acr"] == "mfa"
    world.later(seconds=31)
    assert isinstance(show_app(one, app.code), Arrived), "the first tab goes on with the session that there is"
