"""The provider's metadata (OpenID Connect Discovery 1.0 §3, RFC 8414) and its public keys."""

from typing import Any

from broker.oidc.claims import BY_SCOPE
from tenants.clients.registry import RegisteredSyndic
from tenants.clients.schemas import AUTH_METHODS, SCOPES


def metadata(syndic: RegisteredSyndic) -> dict[str, Any]:
    """What this issuer can do: only what is really done."""
    issuer = syndic.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/end_session",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": SCOPES.split(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "acr_values_supported": ["legacy", "password"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": sorted(
            {"sub", "iss", "auth_time", "acr", "amr", "sid", "person", "account", "accounts"}.union(*BY_SCOPE.values())
        ),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": ["fr", "en"],
    }


def jwks(syndic: RegisteredSyndic) -> dict[str, Any]:
    """The public keys that sign now, will sign next, or signed what may still be shown (RFC 7517 §5)."""
    return {"keys": [dict(key.public_jwk) for key in syndic.keys if key.state != "revoked"]}
