"""What the resources that our access tokens open share: how one is shown (RFC 6750 §2, RFC 9449 §7), and refused."""

from flask import Request, Response, g, request

from broker.oidc import dpop, signatures, tokens
from broker.oidc.errors import BearerError
from broker.oidc.tokens import AccessToken
from broker.oidc.views.blueprint import told
from broker.oidc.views.tokens import with_nonce
from broker.web.syndics import current
from tenants.clients.pictures import RegisteredSyndic


def token(syndic: RegisteredSyndic, endpoint: str) -> AccessToken:
    """The token, in the header or in the body of a form (RFC 6750 §2); a bound one with the proof of its key.

    `endpoint`: the resource's path below the issuer, which a proof must name.

    Raises:
        BearerError: none, none of this issuer, or a client's own.
        dpop.BadProof: the proof of its key does not hold.
    """
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # not its proxy
    scheme, _, value = asked.headers.get("Authorization", "").partition(" ")
    scheme, value = scheme.lower(), value.strip()
    if scheme not in {"bearer", "dpop"} or not value:
        scheme, value = "bearer", asked.form.get("access_token", "") if asked.method == "POST" else ""
    if not value:
        raise BearerError("")
    shown = tokens.read_access_token(syndic, value)
    if shown.own:
        raise BearerError("insufficient_scope", 403)
    if (scheme == "dpop") != (shown.jkt is not None) or (shown.jkt and _proved(value, endpoint) != shown.jkt):
        raise BearerError("invalid_token")
    return shown


def refused(error: BearerError | dpop.BadProof, realm: str, scope: str = "") -> Response:
    """RFC 6750 §3: no error code where no token was shown; `scope`: what would be enough."""
    if isinstance(error, dpop.BadProof):
        return with_nonce(_refused("DPoP", error.error, f'algs="{" ".join(signatures.ALGORITHMS)}"'))
    enough = f'scope="{scope}"' if scope and error.error == "insufficient_scope" else ""
    return _refused("Bearer", error.error, enough, status=error.status, realm=realm)


def _proved(text: str, endpoint: str) -> str:
    """The thumbprint of the key that the request's proof proves: once, even where the view runs again."""
    if "dpop_jkt" not in g:
        proof = dpop.Proof(request.headers.get("DPoP", ""), request.method, f"{current().issuer}/{endpoint}")
        g.dpop_jkt = dpop.thumbprint(proof, access_token=text)
    return str(g.dpop_jkt)


def _refused(scheme: str, error: str, more: str, *, status: int = 401, realm: str = "") -> Response:
    response = told({"error": error or "invalid_token"}, status)
    reason = f'error="{error}"' if error else f'realm="{realm}"'
    response.headers["WWW-Authenticate"] = ", ".join(part for part in (f"{scheme} {reason}", more) if part)
    return response
