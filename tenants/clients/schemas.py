"""Client metadata (RFC 7591 §2), checked."""

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
SCOPES = "openid profile email phone address offline_access accounts"
AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A host with its port. Pages name it in their security policy, so it may be nothing more than that."""
PRINTABLE = re.compile(r"[\x21-\x7e]+")
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def redirection(value: str) -> None:
    """An absolute http(s) address without fragment (RFC 6749 §3.1.2); http on loopback hosts only (RFC 8252 §7.3)."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValidationError("A host with a port that exists is needed.") from error
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.hostname or parts.fragment or "#" in value or parts.username is not None:
        raise ValidationError("An absolute address without fragment or user is needed.")
    if not AUTHORITY.fullmatch(parts.netloc) or not PRINTABLE.fullmatch(value) or port == 0:
        raise ValidationError("An address of ASCII characters with a plain host is needed (RFC 3986 §2).")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise ValidationError("https is needed (http on loopback only).")


def _uris(**options: Any) -> fields.List[str]:
    return fields.List(fields.String(validate=redirection), **options)


def _origin(value: str) -> tuple[str, str]:
    parts = urlsplit(value)
    return parts.scheme, parts.netloc


def public_keys(value: dict[str, Any]) -> None:
    """A JWK Set of public signature keys (RFC 7517 §5): no secret member, RSA, EC or OKP, at most ten."""
    keys = value.get("keys")
    if not isinstance(keys, list) or not 1 <= len(keys) <= 10:
        raise ValidationError("A JWK Set of one to ten keys is needed.")
    for key in keys:
        if not isinstance(key, dict) or PRIVATE_MEMBERS & key.keys():
            raise ValidationError("Only public keys may be registered.")
        if key.get("kty") not in {"RSA", "EC", "OKP"}:
            raise ValidationError("Keys of kty RSA, EC or OKP are needed.")


class ClientSchema(Schema):
    """A relying party's registration."""

    client_name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    redirect_uris = _uris(required=True, validate=validate.Length(min=1, max=20))
    post_logout_redirect_uris = _uris(load_default=list, validate=validate.Length(max=20))
    initiate_login_uri = fields.String(load_default=None, allow_none=True, validate=redirection)
    backchannel_logout_uri = fields.String(load_default=None, allow_none=True, validate=redirection)
    frontchannel_logout_uri = fields.String(load_default=None, allow_none=True, validate=redirection)
    grant_types = fields.List(
        fields.String(validate=validate.OneOf(GRANT_TYPES)),
        load_default=lambda: ["authorization_code", "refresh_token"],
        validate=validate.Length(min=1),
    )
    token_endpoint_auth_method = fields.String(
        load_default="client_secret_basic", validate=validate.OneOf(AUTH_METHODS)
    )
    jwks = fields.Dict(load_default=None, allow_none=True, validate=public_keys)
    jwks_uri = fields.String(load_default=None, allow_none=True, validate=redirection)
    id_token_signed_response_alg = fields.String(load_default="RS256", validate=validate.OneOf(["RS256", "ES256"]))
    require_pkce = fields.Boolean(load_default=True)
    require_pushed_authorization_requests = fields.Boolean(load_default=False)
    dpop_bound_access_tokens = fields.Boolean(load_default=False)
    scope = fields.String(load_default=SCOPES)

    @validates_schema
    def _keys_fit_the_method(self, data: dict[str, Any], **_: Any) -> None:
        """RFC 7591 §2: `jwks` and `jwks_uri` exclude each other; private_key_jwt needs one of them."""
        if data.get("jwks") and data.get("jwks_uri"):
            raise ValidationError("Either jwks or jwks_uri, not both.", "jwks_uri")
        signs = data.get("token_endpoint_auth_method") == "private_key_jwt"
        if signs and not (data.get("jwks") or data.get("jwks_uri")):
            raise ValidationError("private_key_jwt needs jwks or jwks_uri.", "jwks")

    @validates_schema
    def _the_frame_is_where_sign_ins_go(self, data: dict[str, Any], **_: Any) -> None:
        """Front-Channel Logout 1.0 §2: scheme, host and port must be those of a registered redirect URI."""
        framed = data.get("frontchannel_logout_uri")
        if framed and _origin(framed) not in map(_origin, data.get("redirect_uris", [])):
            raise ValidationError("The origin of a redirect URI is needed.", "frontchannel_logout_uri")

    @validates_schema
    def _scopes_exist(self, data: dict[str, Any], **_: Any) -> None:
        unknown = set(data.get("scope", SCOPES).split()) - set(SCOPES.split())
        if unknown:
            raise ValidationError(f"Unknown: {' '.join(sorted(unknown))}.", "scope")
