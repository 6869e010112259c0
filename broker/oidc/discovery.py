"""The provider's metadata (OpenID Connect Discovery 1.0 §3, RFC 8414) and its public keys."""

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any

from broker.oidc import acr, signatures
from broker.oidc.claims import BY_SCOPE
from broker.oidc.client_auth import METHODS
from broker.oidc.tokens import ACCESS_LIFE_S, ID_TOKEN_LIFE_S
from tenants.clients.pictures import RegisteredSyndic
from tenants.clients.schemas import GRANT_TYPES, SCOPES

RETIRED_KEYS_KEPT = timedelta(seconds=max(ID_TOKEN_LIFE_S, ACCESS_LIFE_S) + 300)
"""How long a key stays in the JWK Set once it signs no more: its last token's life, and what clients give clocks."""


def document(syndic: RegisteredSyndic) -> str:
    """What this issuer can do, as JSON text: only what is really done."""
    return _document(syndic.issuer)


@lru_cache(maxsize=6000)
def _document(issuer: str) -> str:
    return json.dumps({**_endpoints(issuer), **_sign_in(), **_logout(), **_tokens()})


def jwks(syndic: RegisteredSyndic) -> str:
    """The public keys that sign now, will sign next, or signed what has not expired yet (RFC 7517 §5)."""
    published = ",".join(key.public_jwk for key in syndic.published_keys(RETIRED_KEYS_KEPT))
    return f'{{"keys":[{published}]}}'


def _endpoints(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/end_session",
        "jwks_uri": f"{issuer}/jwks",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "introspection_endpoint": f"{issuer}/introspect",
        "revocation_endpoint": f"{issuer}/revoke",
        "association_endpoint": f"{issuer}/associations",
        "accounts_endpoint": f"{issuer}/accounts",
    }


def _sign_in() -> dict[str, Any]:
    about = {"sub", "iss", "auth_time", "acr", "amr", "sid", "person", "account", "accounts"}
    return {
        "scopes_supported": SCOPES.split(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": False,
        "acr_values_supported": list(acr.SUPPORTED),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": sorted(about.union(*BY_SCOPE.values())),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": ["fr", "en"],
    }


def _logout() -> dict[str, Any]:
    channels = ("backchannel", "frontchannel")
    return {f"{each}_logout{session}_supported": True for each in channels for session in ("", "_session")}


def _tokens() -> dict[str, Any]:
    signing = {"token_endpoint": METHODS, "introspection_endpoint": METHODS, "revocation_endpoint": METHODS}
    return {
        "grant_types_supported": list(GRANT_TYPES),
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "dpop_signing_alg_values_supported": signatures.ALGORITHMS,
        **{f"{name}_auth_methods_supported": list(methods) for name, methods in signing.items()},
        **{f"{name}_auth_signing_alg_values_supported": signatures.ALGORITHMS for name in signing},
    }
