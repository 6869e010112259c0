"""An authorization request, checked in a fixed order: the list `CHECKS` is the specification.

First whatever must hold before anything may be redirected (client, redirect URI), then everything whose failure
goes back to the client (OIDC Core §3.1.2.2, RFC 6749 §4.1.2.1).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from broker.oidc import strict_json
from broker.oidc.errors import AuthorizationError, Unproved
from tenants.clients.pictures import RegisteredClient, RegisteredSyndic

KNOWN = frozenset((
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
    "prompt", "max_age", "ui_locales", "id_token_hint", "login_hint", "acr_values", "claims", "response_mode",
    "display", "claims_locales", "request", "request_uri", "dpop_jkt",
))  # fmt: skip
CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]*")
LONGEST = 2048
QUESTIONS = {"consent", "select_account"}
PROMPTS = {"none", "login"} | QUESTIONS
RESPONSE_MODES = {"query", "form_post"}


@dataclass(frozen=True)
class Parameters:
    """The values of one request, each given at most once. Names that begin with `_` are ours: none is read from it."""

    values: dict[str, str]

    def get(self, name: str) -> str:
        """The value, or an empty string: RFC 6749 §3.1 treats an empty one as absent."""
        return self.values.get(name, "")

    @property
    def prompts(self) -> set[str]:
        """The values of `prompt`."""
        return set(self.get("prompt").split())

    @property
    def unanswered(self) -> set[str]:
        """The questions of `prompt` that the person has not answered yet."""
        return (self.prompts & QUESTIONS) - set(self.get("_answered").split())

    def answered(self, question: str, **chosen: str) -> "Parameters":
        """The same request, once the person has answered a question."""
        return Parameters({**self.values, **chosen, "_answered": f"{self.get('_answered')} {question}".strip()})

    def bound_to(self, jkt: str | None) -> "Parameters":
        """The same request, its code bound to a proved key (RFC 9449 §10.1).

        Raises:
            AuthorizationError: it asks for another key itself.
        """
        if jkt and self.get("dpop_jkt") not in {"", jkt}:
            raise AuthorizationError("invalid_request", "dpop_jkt is not the key of the proof")
        return Parameters({**self.values, "dpop_jkt": jkt}) if jkt else self

    @property
    def max_age(self) -> int | None:
        """Allowed age of the sign-in in seconds."""
        return int(self.get("max_age")) if self.get("max_age") else None

    @property
    def claims(self) -> Any:
        """The `claims` parameter (OIDC Core §5.5), once checked an object of objects; None without one."""
        return json.loads(self.get("claims")) if self.get("claims") else None

    def requested(self, member: str, claim: str) -> dict[str, Any]:
        """How one claim is asked for (OIDC Core §5.5.1): `essential`, `value`, `values`; empty: nothing of that."""
        asked = ((self.claims or {}).get(member) or {}).get(claim)
        return asked if isinstance(asked, dict) else {}

    @property
    def response_mode(self) -> str:
        """`query` or `form_post`."""
        return "form_post" if self.get("response_mode") == "form_post" else "query"

    def granted_scope(self, client: RegisteredClient) -> str:
        """The requested scopes that this client may have, in their order; unknown ones are left out (§3.1.2.1)."""
        return " ".join(dict.fromkeys(name for name in self.get("scope").split() if name in client.scopes))


def read(given: "MultiDict[str, str]") -> Parameters:
    """Take the known parameters; unknown ones are ignored (RFC 6749 §3.1)."""
    values, repeated = {}, []
    for name, texts in given.lists():
        if name not in KNOWN:
            continue
        if texts[0]:
            values[name] = texts[0]
        if len(texts) > 1:
            repeated.append(name)
    if repeated:
        values["_repeated"] = " ".join(repeated)
    return Parameters(values)


def proved_client(syndic: RegisteredSyndic, parameters: Parameters) -> RegisteredClient:
    """The client, once it and the redirect URI are proved: exact string comparison (RFC 9700 §2.1).

    Raises:
        Unproved: a page must say so; nothing is redirected.
    """
    repeated = set(parameters.get("_repeated").split())
    client = syndic.clients.get(parameters.get("client_id"))
    if client is None or not client.active or "client_id" in repeated:
        raise Unproved("unknown client_id at this issuer")
    if parameters.get("redirect_uri") not in client.redirect_uris or "redirect_uri" in repeated:
        raise Unproved("redirect_uri is not registered for this client")
    return client


def check(parameters: Parameters, client: RegisteredClient) -> None:
    """Run every check in order.

    Raises:
        AuthorizationError: the first failure, for the client.
    """
    for one in CHECKS:
        one(parameters, client)


def _no_repetition(parameters: Parameters, _client: RegisteredClient) -> None:
    if parameters.get("_repeated"):
        raise AuthorizationError("invalid_request", "a parameter is given more than once")


def _sane_text(parameters: Parameters, _client: RegisteredClient) -> None:
    for name, value in parameters.values.items():
        longest = 4 * LONGEST if name in {"id_token_hint", "claims"} else LONGEST
        if len(value) > longest or not PRINTABLE.fullmatch(value):
            raise AuthorizationError("invalid_request", f"{name} is too long or holds control characters")


def _pushed_where_required(parameters: Parameters, client: RegisteredClient) -> None:
    if client.require_pushed_authorization_requests and not parameters.get("_pushed"):
        raise AuthorizationError("invalid_request", "this client must push its requests (RFC 9126 section 5)")


def _may_have_codes(_parameters: Parameters, client: RegisteredClient) -> None:
    if "authorization_code" not in client.grant_types:
        raise AuthorizationError("unauthorized_client", "this client is not registered for authorization_code")


def _no_request_object(parameters: Parameters, _client: RegisteredClient) -> None:
    for name in ("request", "request_uri"):
        if parameters.get(name):
            raise AuthorizationError(f"{name}_not_supported", "request objects are not supported")


def _response_type(parameters: Parameters, _client: RegisteredClient) -> None:
    if not parameters.get("response_type"):
        raise AuthorizationError("invalid_request", "response_type is missing")
    if parameters.get("response_type") != "code":
        raise AuthorizationError("unsupported_response_type", "response_type must be code")


def _response_mode(parameters: Parameters, _client: RegisteredClient) -> None:
    if parameters.get("response_mode") not in RESPONSE_MODES | {""}:
        raise AuthorizationError("invalid_request", "response_mode must be query or form_post")


def _scope(parameters: Parameters, client: RegisteredClient) -> None:
    if "openid" not in parameters.granted_scope(client).split():
        raise AuthorizationError("invalid_scope", "scope must hold openid")


def _pkce(parameters: Parameters, client: RegisteredClient) -> None:
    """S256 always, and required unless registered otherwise (RFC 7636 §4.4.1, RFC 9700 §2.1.1)."""
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if not challenge and not method and not client.require_pkce:
        return
    if not CHALLENGE.fullmatch(challenge):
        raise AuthorizationError("invalid_request", "code_challenge is missing or malformed")
    if method != "S256":
        raise AuthorizationError("invalid_request", "code_challenge_method must be S256")


def _prompt(parameters: Parameters, _client: RegisteredClient) -> None:
    prompts = parameters.prompts
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise AuthorizationError("invalid_request", "prompt is not a combination that exists")


def _max_age(parameters: Parameters, _client: RegisteredClient) -> None:
    value = parameters.get("max_age")
    if value and not re.fullmatch(r"[0-9]{1,9}", value):
        raise AuthorizationError("invalid_request", "max_age must be a number of seconds")


def _dpop_jkt(parameters: Parameters, _client: RegisteredClient) -> None:
    value = parameters.get("dpop_jkt")
    if value and not re.fullmatch(r"[A-Za-z0-9_-]{43}", value):
        raise AuthorizationError("invalid_request", "dpop_jkt is not a SHA-256 thumbprint")


def _claims(parameters: Parameters, _client: RegisteredClient) -> None:
    if not parameters.get("claims"):
        return
    try:
        claims = strict_json.shallow(parameters.get("claims"))
    except ValueError as error:
        raise AuthorizationError("invalid_request", "claims is not JSON, or nested too deep") from error
    if not _is_claims_request(claims):
        raise AuthorizationError("invalid_request", "claims is not an object of objects")


def _is_claims_request(value: Any) -> bool:
    """OIDC Core §5.5: `userinfo` and `id_token` hold claims, each null or an object whose `values` is a list.

    Other members are not understood, and so ignored.
    """
    members = [value.get("userinfo"), value.get("id_token")] if isinstance(value, dict) else [value]
    if not all(isinstance(member, dict | None) for member in members):
        return False
    asked = [claim for member in members for claim in (member or {}).values()]
    return all(claim is None or (isinstance(claim, dict) and _is_list(claim.get("values"))) for claim in asked)


def _is_list(values: Any) -> bool:
    return values is None or isinstance(values, list)


CHECKS: tuple[Callable[[Parameters, RegisteredClient], None], ...] = (
    _no_repetition,
    _sane_text,
    _may_have_codes,
    _pushed_where_required,
    _no_request_object,
    _response_type,
    _response_mode,
    _scope,
    _pkce,
    _prompt,
    _max_age,
    _claims,
    _dpop_jkt,
)
