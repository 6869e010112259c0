"""Every route stands in the authorisation table, and the table names nothing that does not exist."""

import pytest
from flask import Flask

from broker.web import authorisation
from broker.web.authorisation import TABLE, Access
from tests.browser import Browser
from tests.world import World


def test_every_endpoint_has_an_entry_and_every_entry_an_endpoint(application: Flask) -> None:
    assert {rule.endpoint for rule in application.url_map.iter_rules()} == set(TABLE)


def test_an_endpoint_without_an_entry_keeps_the_application_from_starting() -> None:
    app = Flask("forgetful")
    app.add_url_rule("/forgotten-one", endpoint="forgotten.one", view_func=lambda: "")
    with pytest.raises(LookupError, match=r"forgotten\.one"):
        authorisation.enforce(app, {})


def test_a_stranger_gets_no_signed_in_page(application: Flask, world: World) -> None:
    syndic = world.syndic(accounts=0)
    asked = 0
    for rule in application.url_map.iter_rules():
        if TABLE[rule.endpoint] not in {Access.SIGNED_IN, Access.LEGACY} or "GET" not in (rule.methods or set()):
            continue
        page = Browser().get(world.base + rule.rule.replace("<slug>", syndic.slug))
        asked += 1
        refused = page.status == 401 or page.heading == "Mon compte immobilier"
        assert refused, f"{rule.rule} let a stranger in: {page.status} {page.heading}"
    assert asked >= 6
