"""The registered names of provider metadata, by type (IANA, "OAuth Authorization Server Metadata")."""

from collections.abc import Callable
from typing import Any

TEXTS = """
issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint end_session_endpoint
revocation_endpoint introspection_endpoint pushed_authorization_request_endpoint device_authorization_endpoint
backchannel_authentication_endpoint check_session_iframe service_documentation op_policy_uri op_tos_uri
signed_metadata global_token_revocation_endpoint
"""
LISTS = """
scopes_supported response_types_supported response_modes_supported grant_types_supported acr_values_supported
subject_types_supported id_token_signing_alg_values_supported id_token_encryption_alg_values_supported
id_token_encryption_enc_values_supported userinfo_signing_alg_values_supported userinfo_encryption_alg_values_supported
userinfo_encryption_enc_values_supported request_object_signing_alg_values_supported
request_object_encryption_alg_values_supported request_object_encryption_enc_values_supported
token_endpoint_auth_methods_supported token_endpoint_auth_signing_alg_values_supported
revocation_endpoint_auth_methods_supported revocation_endpoint_auth_signing_alg_values_supported
introspection_endpoint_auth_methods_supported introspection_endpoint_auth_signing_alg_values_supported
introspection_signing_alg_values_supported authorization_signing_alg_values_supported
authorization_encryption_alg_values_supported authorization_encryption_enc_values_supported display_values_supported
claim_types_supported claims_supported claims_locales_supported ui_locales_supported code_challenge_methods_supported
prompt_values_supported dpop_signing_alg_values_supported authorization_details_types_supported protected_resources
"""
SWITCHES = """
claims_parameter_supported request_parameter_supported request_uri_parameter_supported
require_request_uri_registration require_pushed_authorization_requests require_signed_request_object
tls_client_certificate_bound_access_tokens authorization_response_iss_parameter_supported
backchannel_logout_supported backchannel_logout_session_supported frontchannel_logout_supported
frontchannel_logout_session_supported
"""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


KNOWN: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(TEXTS.split(), _is_text),
    **dict.fromkeys(LISTS.split(), _is_list),
    **dict.fromkeys(SWITCHES.split(), _is_switch),
    "mtls_endpoint_aliases": _is_object,
    "association_endpoint": _is_text,  # not registered: our own, as RFC 8414 §2 allows (docs/integrate.md)
    "accounts_endpoint": _is_text,  # likewise
}
"""Every name that a provider may publish, with what tells whether a value is of its type."""
