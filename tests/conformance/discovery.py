"""What a provider's metadata must be (OpenID Connect Discovery 1.0 §3 and §4, RFC 8414 §2)."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.conformance.metadata_names import KNOWN

SUFFIX = "/.well-known/openid-configuration"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-[a-z0-9]{5,8})*")
"""A language tag in its canonical case (RFC 5646 §2.1.1), as far as languages, scripts, regions and variants go."""
SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
"""RFC 6749 §3.3."""
OIDC_RESPONSE_TYPES = {
    "code", "id_token", "id_token token", "code id_token", "code token", "code id_token token",
}  # fmt: skip


def read(http: httpx2.Client, issuer: str) -> dict[str, Any]:
    """The metadata of an issuer, once all its checks hold."""
    address = f"{issuer.removesuffix('/')}{SUFFIX}"
    answer = http.get(address)
    assert answer.status_code == 200, f"discovery is answered with 200, not {answer.status_code}"
    assert media_type(answer) == "application/json", "discovery is application/json"
    metadata: dict[str, Any] = answer.json()
    _names_and_types(metadata)
    _addresses(metadata, address)
    _abilities(metadata)
    _languages(metadata)
    return metadata


def media_type(answer: httpx2.Response) -> str:
    """The media type of an answer without its parameters, in lower case."""
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_safe(address: str) -> bool:
    """https, or http on a loopback host, where these tests run."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _names_and_types(metadata: dict[str, Any]) -> None:
    unknown = metadata.keys() - KNOWN.keys()
    assert not unknown, f"every property of the metadata is a registered one, unlike {unknown}"
    wrong = [name for name, value in metadata.items() if not KNOWN[name](value)]
    assert not wrong, f"every property has its registered type, unlike {wrong}"


def _addresses(metadata: dict[str, Any], address: str) -> None:
    issuer = metadata["issuer"]
    assert issuer.removesuffix("/") == address.removesuffix(SUFFIX), "the issuer is discovery's address less its suffix"
    parts = urlsplit(issuer)
    assert not parts.query, "an issuer has no query"
    assert not parts.fragment, "an issuer has no fragment"
    assert parts.username is None, "an issuer has no user"
    needed = {"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"}
    assert needed <= metadata.keys(), f"the metadata names {needed - metadata.keys()}"
    checked = [name for name in metadata if name.endswith("_endpoint")] + ["issuer", "jwks_uri"]
    unsafe = [name for name in checked if not is_safe(metadata[name])]
    assert not unsafe, f"these addresses are https: {unsafe}"


def _abilities(metadata: dict[str, Any]) -> None:
    assert OIDC_RESPONSE_TYPES & set(metadata["response_types_supported"]), "a response type of OpenID Connect is done"
    assert {"public", "pairwise"} & set(metadata["subject_types_supported"]), "subjects are public or pairwise"
    assert "RS256" in metadata["id_token_signing_alg_values_supported"], "RS256 is always there"
    assert metadata.get("claims_supported"), "claims_supported is a list"
    assert "openid" in metadata.get("scopes_supported", []), "scopes_supported holds openid"
    assert all(SCOPE.fullmatch(scope) for scope in metadata["scopes_supported"]), "scopes are legal"
    assert metadata.get("grant_types_supported", ["authorization_code"]), "grant_types_supported is not empty"
    algorithms = metadata.get("request_object_signing_alg_values_supported", ["RS256"])
    assert "RS256" in algorithms, "request objects may be signed with RS256, where they are done"
    assert metadata.get("request_uri_parameter_supported") is False, "request_uri is true unless denied (§3)"
    assert not metadata.get("request_parameter_supported"), "request objects are not claimed"
    assert {"client_secret_basic", "client_secret_post"} <= set(metadata["token_endpoint_auth_methods_supported"]), (
        "the methods that these tests authenticate with are listed"
    )


def _languages(metadata: dict[str, Any]) -> None:
    tags = [*metadata.get("ui_locales_supported", []), *metadata.get("claims_locales_supported", [])]
    wrong = [tag for tag in tags if not TAG.fullmatch(tag)]
    assert not wrong, f"languages are BCP 47 tags in canonical case, unlike {wrong}"
