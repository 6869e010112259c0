"""UserInfo (OIDC Core §5.3), the resource that our access tokens open."""

from flask import Request, Response, g, request
from flask.typing import ResponseReturnValue

from broker.oidc import dpop, signatures, tokens
from broker.oidc.claims import userinfo as claims_of
from broker.oidc.errors import BearerError
from broker.oidc.tokens import AccessToken
from broker.oidc.views.blueprint import blueprint, told
from broker.oidc.views.tokens import with_nonce
from broker.web.syndics import current, rides
from config.database import statements
from tenants.clients.pictures import RegisteredSyndic


@blueprint.route("/userinfo", methods=["GET", "POST"])
@rides
def userinfo() -> ResponseReturnValue:
    """OIDC Core §5.3."""
    syndic = current()
    try:
        token = _token(syndic, request._get_current_object())  # type: ignore[attr-defined]  # not its proxy
        with statements() as sql:
            return told(claims_of(sql, syndic, token))
    except dpop.BadProof as error:
        return with_nonce(_refused("DPoP", error.error))
    except BearerError as error:
        return _refused("Bearer", error.error, error.status)


def _token(syndic: RegisteredSyndic, asked: Request) -> AccessToken:
    """The token, in the header or in the body of a form (RFC 6750 §2); a bound one with the proof of its key."""
    scheme, _, value = asked.headers.get("Authorization", "").partition(" ")
    scheme, value = scheme.lower(), value.strip()
    if scheme not in {"bearer", "dpop"} or not value:
        scheme, value = "bearer", asked.form.get("access_token", "") if asked.method == "POST" else ""
    if not value:
        raise BearerError("")
    token = tokens.read_access_token(syndic, value)
    if token.own:
        raise BearerError("insufficient_scope", 403)
    if (scheme == "dpop") != (token.jkt is not None) or (token.jkt and _proved(value) != token.jkt):
        raise BearerError("invalid_token")
    return token


def _proved(token: str) -> str:
    """The thumbprint of the key that the request's proof proves: once, even where the view runs again."""
    if "dpop_jkt" not in g:
        text = request.headers.get("DPoP", "")
        proof = dpop.Proof(text, request.method, f"{current().issuer}/userinfo")
        g.dpop_jkt = dpop.thumbprint(proof, access_token=token)
    return str(g.dpop_jkt)


def _refused(scheme: str, error: str, status: int = 401) -> Response:
    """RFC 6750 §3: no error code where no token was shown."""
    response = told({"error": error or "invalid_token"}, status)
    algorithms = f' algs="{" ".join(signatures.ALGORITHMS)}"' if scheme == "DPoP" else ""
    reason = f' error="{error}"' if error else ' realm="userinfo"'
    response.headers["WWW-Authenticate"] = ",".join(part for part in (scheme + reason, algorithms) if part)
    return response
