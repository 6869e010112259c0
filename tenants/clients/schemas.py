"""Client metadata (RFC 7591 §2), checked."""

from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

AUTH_METHODS = ("client_secret_basic", "client_secret_post")
SCOPES = "openid profile email phone address accounts"


def redirection(value: str) -> None:
    """An absolute http(s) address without fragment (RFC 6749 §3.1.2); http on loopback hosts only (RFC 8252 §7.3)."""
    parts = urlsplit(value)
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.hostname or parts.fragment or "#" in value or parts.username is not None:
        raise ValidationError("An absolute address without fragment or user is needed.")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise ValidationError("https is needed (http on loopback only).")


def _uris(**options: Any) -> fields.List[str]:
    return fields.List(fields.String(validate=redirection), **options)


class ClientSchema(Schema):
    """A relying party's registration."""

    client_name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    redirect_uris = _uris(required=True, validate=validate.Length(min=1, max=20))
    post_logout_redirect_uris = _uris(load_default=list, validate=validate.Length(max=20))
    initiate_login_uri = fields.String(load_default=None, allow_none=True, validate=redirection)
    backchannel_logout_uri = fields.String(load_default=None, allow_none=True, validate=redirection)
    token_endpoint_auth_method = fields.String(
        load_default="client_secret_basic", validate=validate.OneOf(AUTH_METHODS)
    )
    id_token_signed_response_alg = fields.String(load_default="RS256", validate=validate.OneOf(["RS256", "ES256"]))
    require_pkce = fields.Boolean(load_default=True)
    scope = fields.String(load_default=SCOPES)
