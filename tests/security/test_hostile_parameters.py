"""Whatever bytes a stranger sends to any endpoint, there is a clear answer: never a failure, never somebody's secret."""

import os

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.promises import hold
from tests.security.stage import Stage
from tests.security.strangers import wrongs
from tests.security.valid import VALID

FURTHER = 30 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1


def test_every_endpoint_is_driven(application: Flask) -> None:
    endpoints = {rule.endpoint for rule in application.url_map.iter_rules()}
    assert endpoints == set(VALID), "each endpoint has a valid request that hostile ones are made of"


@pytest.mark.parametrize("endpoint", sorted(VALID))
def test_the_valid_request_of_an_endpoint_gets_there(endpoint: str, stage: Stage, application: Flask) -> None:
    for make in VALID[endpoint]:
        wire = make(stage)
        got = stage.send(wire)
        assert got.status in {200, 201, 302, 303, 429}, f"{make.__name__} {got.status}: {got.text[:400]}"
        hold(stage, wire, got)


@pytest.mark.parametrize("endpoint", sorted(VALID))
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_one_thing_wrong(endpoint: str, stage: Stage, data: st.DataObject) -> None:
    wire = data.draw(st.sampled_from(VALID[endpoint]))(stage)
    for wrong in data.draw(st.lists(wrongs(), min_size=1, max_size=2)):
        wire = wrong(wire)
    hold(stage, wire, stage.send(wire))
