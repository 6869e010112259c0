"""Relying parties."""

import json
from pathlib import Path
from typing import Any

import click

from broker.terminal import FILE, application, show
from config.database import transaction
from tenants.clients.schemas import SCOPES


@click.group()
def client() -> None:
    """Relying parties."""


@client.command("add")
@click.option("--syndic", "slug", required=True)
@click.option("--name", "client_name", required=True)
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True)
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--initiate-login-uri")
@click.option("--backchannel-logout-uri")
@click.option("--frontchannel-logout-uri")
@click.option("--auth-method", "token_endpoint_auth_method", default="client_secret_basic", show_default=True)
@click.option("--jwks", type=FILE, help="A JWK Set of public keys, for private_key_jwt.")
@click.option("--jwks-uri", help="Where the client publishes its JWK Set, for private_key_jwt.")
@click.option("--id-token-alg", "id_token_signed_response_alg", default="RS256", show_default=True)
@click.option("--grant-type", "grant_types", multiple=True, default=("authorization_code", "refresh_token"))
@click.option("--scope", default=SCOPES, show_default=True, help="The scopes that it may ask for.")
@click.option("--require-pkce/--no-require-pkce", default=True, show_default=True)
@click.option("--require-par", "require_pushed_authorization_requests", is_flag=True, help="RFC 9126 only.")
@click.option("--dpop-bound", "dpop_bound_access_tokens", is_flag=True, help="RFC 9449 only.")
def client_add(slug: str, jwks: Path | None, **options: Any) -> None:
    """Register a relying party. Prints its client_id and client_secret as JSON: the secret is shown this once."""
    from tenants.clients import service as clients
    from tenants.syndics import service as syndics

    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    lists["jwks"] = _json(jwks) if jwks else None
    with application(), transaction():
        made, secret = clients.add_client(syndics.get(slug), lists)
        show({"client_id": made.client_id, "client_secret": secret or None})


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is not JSON: {error}") from error
