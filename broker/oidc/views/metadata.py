"""What an issuer publishes about itself."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from broker.oidc import discovery
from broker.oidc.views.blueprint import blueprint, public
from broker.web.application import Answer
from broker.web.syndics import current
from tenants.legacy.connectors import source
from tenants.webhooks import keys as webhook_keys


@blueprint.get("/.well-known/openid-configuration", endpoint="discovery")
def provider_metadata() -> ResponseReturnValue:
    """OpenID Connect Discovery 1.0 §4."""
    return public(Answer(discovery.document(current()), content_type="application/json"))


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """This issuer's public keys."""
    return public(Answer(discovery.jwks(current()), content_type="application/json"))


@blueprint.get("/connector/jwks")
def connector_jwks() -> ResponseReturnValue:
    """The key that signs our calls to this syndic's legacy source: not an id_token key."""
    return public(jsonify(source.public_jwks(current().id)))


@blueprint.get("/webhooks/jwks")
def webhook_jwks() -> ResponseReturnValue:
    """The keys that sign what this syndic's webhooks are told: no id_token keys (docs/webhooks.md)."""
    return public(jsonify(webhook_keys.published(current().id)))
