"""Asking for more than a password: `acr_values` is a wish, an essential claim a condition (OIDC Core §5.5.1.1)."""

import json

from tests.broker.oidc.owners import Owner, owner
from tests.browser import Arrived, Browser
from tests.journeys.factors import (
    CONFIRM,
    asked,
    begin_app,
    enrol_app,
    enrol_passkey,
    options,
    send_passkey,
    show_app,
)
from tests.journeys.steps import PASSWORD, sign_in
from tests.world import World

LOGIN = "Mon compte immobilier"


def _essential(*values: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


def _older_session(person: Owner) -> Browser:
    """A browser that signed in before anything was enrolled."""
    browser = Browser()
    assert isinstance(asked(person.syndic, person.email, browser)[1], Arrived)
    return browser


def test_discovery_tells_what_there_is_the_weakest_first(world: World) -> None:
    assert owner(world).party().metadata["acr_values_supported"] == ["legacy", "password", "mfa", "phr"]


def test_a_wish_leads_to_the_factor_where_there_is_one(world: World) -> None:
    person = owner(world)
    older = _older_session(person)
    app, _ = enrol_app(world, person.browser)
    party = person.party()
    page = party.begin(older, acr_values="mfa")
    assert page.heading == LOGIN
    page = sign_in(page, person.email, PASSWORD)
    assert page.heading == CONFIRM
    assert party.complete(show_app(page, app.code)).id_claims["acr"] == "mfa"
    silent = person.party()
    assert silent.complete(silent.begin(older, acr_values="mfa", prompt="none")).id_claims["acr"] == "mfa"


def test_a_wish_for_what_nobody_enrolled_asks_for_nothing(world: World) -> None:
    person = owner(world)
    begin_app(world, person.browser)
    for wished in ("mfa", "phr", "urn:example:gold", "phr mfa"):
        party = person.party()
        claims = party.complete(party.begin(person.browser, acr_values=wished)).id_claims
        assert claims["acr"] == "password", "an enrolment that is not confirmed is none"
    enrol_app(world, person.browser)
    party = person.party()
    assert party.complete(party.begin(person.browser, acr_values="phr")).id_claims["acr"] == "mfa"


def test_a_wish_is_no_error_when_it_is_asked_silently(world: World) -> None:
    person = owner(world)
    older = _older_session(person)
    enrol_app(world, person.browser)
    party = person.party()
    assert party.complete(party.begin(older, acr_values="mfa", prompt="none")).id_claims["acr"] == "password"


def test_an_essential_acr_is_reached_by_signing_in_with_the_factor(world: World) -> None:
    person = owner(world)
    older = _older_session(person)
    key = enrol_passkey(world, person.browser)
    silent = person.party().begin(older, claims=_essential("phr"), prompt="none")
    assert getattr(silent, "query", {}).get("error") == "unmet_authentication_requirements"
    party = person.party()
    page = sign_in(party.begin(older, claims=_essential("phr")), person.email, PASSWORD)
    assert party.complete(send_passkey(page, key.get(options(page)))).id_claims["acr"] == "phr"


def test_an_essential_acr_that_the_chosen_factor_does_not_reach_is_refused(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    party = person.party()
    page = sign_in(party.begin(Browser(), claims=_essential("phr")), person.email, PASSWORD)
    page = show_app(page, app.code)
    assert getattr(page, "query", {}).get("error") == "unmet_authentication_requirements"


def test_without_any_factor_an_essential_mfa_is_refused(world: World) -> None:
    person = owner(world)
    party = person.party()
    page = sign_in(party.begin(Browser(), claims=_essential("mfa")), person.email, PASSWORD)
    assert getattr(page, "query", {}).get("error") == "unmet_authentication_requirements"


def test_a_stronger_sign_in_answers_for_a_weaker_one_in_the_words_that_were_asked_for(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    for values, said in ((("password",), "password"), (("legacy", "password"), "password"), (("mfa", "phr"), "mfa")):
        party = person.party()
        page = party.begin(person.browser, claims=_essential(*values), prompt="none")
        assert party.complete(page).id_claims["acr"] == said, f"one of {values} is what the client compares with"
    party = person.party()
    assert party.complete(party.begin(person.browser, acr_values="password")).id_claims["acr"] == "mfa"
    page = person.party().begin(person.browser, claims=_essential("urn:example:gold"), prompt="none")
    assert getattr(page, "query", {}).get("error") == "unmet_authentication_requirements", "foreign values are not ours"


def test_enrolling_makes_the_session_itself_stronger(world: World) -> None:
    person = owner(world)
    enrol_app(world, person.browser)
    party = person.party()
    assert party.complete(party.begin(person.browser, prompt="none")).id_claims["acr"] == "mfa"
