"""Whatever a browser sends as its authenticator's answer, there is a clear answer, and only the true one opens."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.security import strangers
from tests.security.examples import examples
from tests.security.making import Make
from tests.security.promises import hold
from tests.security.stage import Stage
from tests.security.valid_account import confirm_by_passkey, passkey
from tests.security.valid_portal import factor_by_passkey
from tests.security.wire import Reply, Wire

pytestmark = pytest.mark.usefixtures("nothing_secret_is_logged")
TAKERS = [passkey, confirm_by_passkey, factor_by_passkey]
SIGNED = {"clientDataJSON", "authenticatorData", "signature"}
CBOR = [
    b"", b"\xff", b"\x9f" * 200, b"\x81" * 3000, b"\xa1\x61a\xf6",
    b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x40",
    b"\xa3\x63fmt\x01\x67attStmt\x01\x68authData\x01", b"\xbf\xff", b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", b"\xd8\x1c\xd8\x1d\x00", b"\xc2\x58\xff" + b"\xff" * 255, b"\xc0\x61x",
    b"\xd8\x23\x68(a+)+$$$",
]  # fmt: skip
"""RFC 8949, and what is none."""
ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.just({}), st.just([]),
    st.sampled_from(["\ud800", "\x00", "é", "=", "a", "A" * 3000, "e30", "W10", "bnVsbA", "cross-platform"]),
    st.sampled_from([{"id": 1}, 10**400, ["internal", "usb", "x"], [["internal"]], [None], [{}], "public-key"]),
)  # fmt: skip


def _coded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(value: str) -> bytes:
    try:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return value.encode("utf-8", "replace")


def _bent(draw: st.DrawFn, value: Any) -> Any:
    """Another thing in its place, or nearly the same bytes."""
    if not isinstance(value, str) or draw(st.booleans()):
        return draw(ANYTHING | st.sampled_from(CBOR).map(_coded))
    inside = _bytes(value)
    at, byte = draw(st.integers(0, 4000)) % max(len(inside), 1), draw(st.integers(0, 255))  # signatures vary in length
    return _coded(draw(st.sampled_from([inside[:at], inside[:at] + bytes([byte]) + inside[at + 1 :], inside + b"x"])))


@st.composite
def answers(draw: st.DrawFn, genuine: str) -> str:
    """A genuine answer with one or two things wrong in it."""
    told = json.loads(genuine)
    for _ in range(draw(st.integers(1, 2))):
        inner = told.get("response")
        part = inner if isinstance(inner, dict) and inner and draw(st.booleans()) else told
        name = draw(st.sampled_from(sorted(part)))
        if draw(st.integers(0, 5)):
            part[name] = _bent(draw, part[name])
        else:
            del part[name]
    return json.dumps(told)


def _sent(stage: Stage, asked: Wire, answer: bytes) -> Reply:
    kept = tuple(pair for pair in asked.form if pair[0] != b"passkey")
    asked = asked.put("form", (*kept, (b"passkey", answer)))
    got = stage.send(asked)
    hold(stage, asked, got)
    return got


@given(make=st.sampled_from(TAKERS), data=st.data())
@examples(100)
def test_one_or_two_things_wrong_in_an_answer(stage: Stage, make: Make, data: st.DataObject) -> None:
    asked = make(stage)
    genuine = asked.sent("form", b"passkey")[0].decode()
    answer = data.draw(answers(genuine))
    got = _sent(stage, asked, answer.encode())
    before, after = json.loads(genuine)["response"], json.loads(answer).get("response")
    if make is not passkey and (
        not isinstance(after, dict) or any(after.get(name) != before[name] for name in SIGNED & before.keys())
    ):
        assert got.status == 200, f"what was signed has changed, and it let in: {answer[:500]}"


@pytest.mark.parametrize("make", TAKERS)
def test_what_is_no_answer_at_all_is_refused(stage: Stage, make: Make) -> None:
    for value in [*strangers.JSONS, *strangers.LONG, *strangers.NOT_UTF8[:3]]:
        got = _sent(stage, make(stage), value)
        assert got.status in {200, 400}, f"{got.status} for {value[:100]!r}"
        assert "Codes de récupération</h1>" not in got.text, "no passkey was added"
