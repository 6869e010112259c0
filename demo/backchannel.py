"""Where the broker tells the extranet that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError

from demo.extranet_config import Config
from demo.published_keys import KeysUnavailableError, PublishedKeys

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ALGORITHMS = ["RS256", "ES256"]


def backchannel(config: Config, end: Callable[[str], object]) -> Blueprint:
    """`POST /backchannel-logout`; `end` is called with the `sid` that is over. Twice does no harm."""
    told = Blueprint("backchannel", __name__)
    keys = PublishedKeys(f"{config.issuer}/jwks")

    @told.post("/backchannel-logout")
    def logout() -> ResponseReturnValue:
        try:
            end(_sid(request.form.get("logout_token", ""), config, keys))
        except (JoseError, ValueError, TypeError):
            return {"error": "invalid_request"}, 400
        except KeysUnavailableError:
            return {"error": "keys_unavailable"}, 503
        return "", 200

    return told


def _sid(token: str, config: Config, keys: PublishedKeys) -> str:
    """The `sid` of a good logout token (§2.6). The broker always names one.

    Raises:
        JoseError, ValueError, TypeError: it is none.
    """
    claims = jwt.decode(token, keys.of, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": config.issuer},
        aud={"essential": True, "value": config.client_id},
        exp={"essential": True},
    ).validate(claims)
    sid = claims.get("sid")
    if "nonce" in claims or EVENT not in claims.get("events", {}) or not isinstance(sid, str):
        raise ValueError("no logout token")
    return sid
