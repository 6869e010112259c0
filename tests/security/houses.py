"""Two syndics side by side, and what is tried at each."""

from dataclasses import dataclass

from tests.security.stage import Stage
from tests.security.wire import Pair, Reply, Wire


@dataclass(frozen=True)
class Houses:
    """Things of the one are tried at the other."""

    one: Stage
    other: Stage


def post(stage: Stage, endpoint: str, form: tuple[Pair, ...], *headers: Pair) -> Reply:
    """As its extranet, where nothing else says who calls."""
    return stage.send(Wire("POST", f"{stage.path}/{endpoint}", form=form, headers=headers or (stage.basic,)))


def get(stage: Stage, path: str, query: tuple[Pair, ...] = (), cookies: tuple[Pair, ...] = ()) -> Reply:
    """Below its issuer."""
    return stage.send(Wire("GET", f"{stage.path}/{path}", query, cookies=cookies))


def userinfo(stage: Stage, access_token: str) -> int:
    """The status with this token."""
    bearer = (b"Authorization", b"Bearer " + access_token.encode())
    return stage.send(Wire("GET", f"{stage.path}/userinfo", headers=(bearer,))).status


def silent(stage: Stage, cookies: tuple[Pair, ...], **extra: str) -> dict[str, str]:
    """What a silent authorization request answers to the extranet."""
    answer = get(stage, "authorize", stage.authorization(prompt="none", **extra), cookies)
    assert answer.header("Location").startswith(stage.syndic.redirect_uri), answer.text[:300]
    told = dict(answer.query)
    assert told["iss"] == stage.syndic.issuer, "an answer names its own issuer"
    return told
