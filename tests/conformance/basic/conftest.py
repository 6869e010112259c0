"""Both plans, and the codes that are used early so that one wait of 30 s serves both."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

import pytest

from tests.conformance.agent import Agent
from tests.conformance.conftest import LAST
from tests.conformance.party import Party, Plan, Tokens
from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver

PLANS: tuple[Plan, ...] = get_args(Plan)


@pytest.fixture(params=PLANS)
def plan(request: pytest.FixtureRequest) -> Plan:
    """The plan, by the names that test ids show."""
    wanted: Plan = request.param
    return wanted


@dataclass(frozen=True)
class Used:
    """A code that was redeemed, and when (of the monotonic clock)."""

    tokens: Tokens
    at: float


@pytest.fixture(scope="session", autouse=True)
def used_codes(
    request: pytest.FixtureRequest, provider: Provider, receiver: Receiver
) -> Iterator[dict[Plan, Future[Used]]]:
    """One used code a plan, from the start of the run on, if the module that waits 30 s is to run."""
    wanted = any(item.name.startswith(LAST) for item in request.session.items)
    with ThreadPoolExecutor(len(PLANS)) as pool:
        yield {plan: pool.submit(_use_a_code, provider, receiver, plan) for plan in PLANS if wanted}


def _use_a_code(provider: Provider, receiver: Receiver, plan: Plan) -> Used:
    party, agent = Party(provider, provider.clients.first, receiver, plan), Agent(provider.trust)
    try:
        return Used(party.sign_in(agent), time.monotonic())
    finally:
        party.close()
        agent.close()
