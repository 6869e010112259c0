"""The module that waits."""

import time
from concurrent.futures import Future

from tests.conformance import messages
from tests.conformance.basic.conftest import Used
from tests.conformance.party import Party, Plan

WAIT_S = 30


def test_oidcc_codereuse_30seconds(party: Party, plan: Plan, used_codes: dict[Plan, Future[Used]]) -> None:
    used = used_codes[plan].result()
    time.sleep(max(0.0, used.at + WAIT_S - time.monotonic()))  # the module's own wait
    messages.refused(party.redeem(used.tokens.code), "invalid_grant")
    answer = party.ask_userinfo(used.tokens.access_token)
    assert 400 <= answer.status_code < 500, f"what the first use gave is taken back: {answer.status_code}"
