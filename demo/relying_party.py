"""An extranet as OpenID Connect relying party: sign-in by code flow with PKCE, and logout."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, request
from joserfc.errors import JoseError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from demo.extranet_config import Config
from demo.tokens import Tokens

SCOPE = "openid profile email accounts offline_access"
TIMEOUT = 10  # seconds
KEPT = 1000


class SignInError(Exception):
    """A sign-in did not succeed; `code` is the protocol's error code (RFC 6749 §4.1.2.1) or one of ours."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BrokerUnreachableError(Exception):
    """The broker does not answer, or not as it should."""


@dataclass(frozen=True)
class SignIn:
    """Who is signed in: the claims of the id_token and of userinfo.

    The id_token itself is for the logout, the tokens are for the menu of accounts.
    """

    id_token: str
    claims: dict[str, Any]
    userinfo: dict[str, Any]
    tokens: Tokens

    @property
    def holder(self) -> str:
        """The name to show."""
        return str(self._claim("name") or "—")

    @property
    def account(self) -> dict[str, Any]:
        """The account of this sign-in: `id`, `identifier` and `label`, as far as they were sent."""
        found = self._claim("account")
        return found if isinstance(found, dict) else {}

    def _claim(self, name: str) -> Any:
        return self.userinfo.get(name, self.claims.get(name))


class Memory:
    """The last thousand things put in, each until its time is up; thread-safe.

    Authlib keeps a begun sign-in in such a box, so that the cookie holds a reference only.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Any, float]] = OrderedDict()
        self._lock = threading.Lock()

    def set(self, key: str, value: Any, seconds: float) -> None:
        """Keep `value` for that long."""
        with self._lock:
            self._kept[key] = (value, time.monotonic() + seconds)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def get(self, key: str) -> Any:
        """The value, or None."""
        value, until = self._kept.get(key, (None, 0))
        return value if time.monotonic() < until else None

    def delete(self, key: str) -> None:
        """Forget it."""
        with self._lock:
            self._kept.pop(key, None)

    def delete_where(self, is_meant: Callable[[Any], bool]) -> None:
        """Forget every value that is meant."""
        with self._lock:
            for key in [key for key, (value, _) in self._kept.items() if is_meant(value)]:
                del self._kept[key]


class RelyingParty:
    """One client of one issuer."""

    def __init__(self, app: Flask, config: Config, url: str) -> None:
        self._config = config
        self._url = url
        self._client = OAuth(app, cache=Memory()).register(
            "broker",
            client_id=config.client_id,
            client_secret=config.client_secret,
            server_metadata_url=f"{config.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_basic",
                "default_timeout": TIMEOUT,
            },
        )

    def begin(self, **parameters: str) -> Response:
        """Send the browser to the authorization endpoint, with state, nonce and challenge of its own.

        Raises:
            BrokerUnreachableError: its metadata cannot be fetched.
        """
        try:
            self._check_metadata()
            answer: Response = self._client.authorize_redirect(f"{self._url}/callback", **parameters)
        except requests.RequestException as error:
            raise BrokerUnreachableError from error
        return answer

    def associate(self, sign_in: SignIn | None) -> Response:
        """Have the broker associate the account of this sign-in; without one, or where the codes are used no more,
        a sign-in that asks for more than them.

        Raises:
            BrokerUnreachableError: it does not answer.
        """
        address = self._announced(sign_in) if sign_in and sign_in.claims.get("acr") == "legacy" else None
        return redirect(address, 303) if address else self.begin(prompt="login", acr_values="password")

    def _announced(self, sign_in: SignIn) -> str | None:
        """The address for the browser, once its account is announced; None where the broker refuses it."""
        person = {"identifier": sign_in.account.get("identifier", ""), "auth_time": sign_in.claims.get("auth_time", "")}
        login = (self._config.client_id, self._config.client_secret)
        try:
            endpoint = self._client.load_server_metadata()["association_endpoint"]
            answer = requests.post(endpoint, data=person, auth=login, timeout=TIMEOUT)
            if not answer.ok:
                return None
            reference = urlencode({"request_uri": answer.json()["request_uri"]})
        except (requests.RequestException, KeyError, ValueError) as error:
            raise BrokerUnreachableError from error
        return f"{self._config.issuer}/associate?{reference}"

    def finish(self) -> SignIn:
        """Read the answer in the current request, and fetch the tokens and the claims.

        Raises:
            SignInError: the broker refused, or the answer is not for this browser, or not this issuer's.
            BrokerUnreachableError: it does not answer.
        """
        try:
            self._check_metadata()
            self._check_issuer()
            token = self._client.authorize_access_token(claims_options=self._expected())
            if not token.get("userinfo"):
                raise SignInError("id_token_missing")
            userinfo = dict(self._client.userinfo(token=token))
        except requests.RequestException as error:
            raise BrokerUnreachableError from error
        except OAuthError as error:
            raise SignInError(error.error or "invalid_response") from error
        except (JoseError, ValueError) as error:
            raise SignInError("invalid_id_token") from error
        return self._sign_in(token, userinfo)

    def menu(self, sign_in: SignIn) -> list[dict[str, Any]]:
        """The owner's accounts, as the broker lists them for this extranet's menu.

        Raises:
            BrokerUnreachableError: it does not answer, or does not list them any more.
        """
        try:
            metadata = self._client.load_server_metadata()
            access = sign_in.tokens.access(lambda refresh: self._renewed(metadata["token_endpoint"], refresh))
            bearer = {"Authorization": f"Bearer {access}"}
            answer = requests.get(metadata["accounts_endpoint"], headers=bearer, timeout=TIMEOUT)
            answer.raise_for_status()
            listed: list[dict[str, Any]] = answer.json()
        except (requests.RequestException, KeyError, ValueError) as error:
            raise BrokerUnreachableError from error
        return listed

    def _renewed(self, endpoint: str, refresh: str) -> dict[str, Any]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        login = (self._config.client_id, self._config.client_secret)
        answer = requests.post(endpoint, data=form, auth=login, timeout=TIMEOUT)
        answer.raise_for_status()
        tokens: dict[str, Any] = answer.json()
        return tokens

    def end(self, sign_in: SignIn) -> Response:
        """Send the browser to the end of its session (OpenID Connect RP-Initiated Logout 1.0 §2).

        Raises:
            BrokerUnreachableError: it has no such address, or does not answer.
        """
        try:
            answer: Response = self._client.logout_redirect(
                post_logout_redirect_uri=f"{self._url}/logged-out",
                id_token_hint=sign_in.id_token,
                state=secrets.token_urlsafe(16),
            )
        except (requests.RequestException, RuntimeError) as error:
            raise BrokerUnreachableError from error
        return answer

    def ended(self) -> None:
        """Forget the state of a logout that came back."""
        if "state" in request.args:
            try:
                self._client.validate_logout_response()
            except OAuthError as error:
                raise SignInError("invalid_state") from error

    def _sign_in(self, token: dict[str, Any], userinfo: dict[str, Any]) -> SignIn:
        claims = dict(token["userinfo"])
        # OpenID Connect Core 1.0 §5.3.2: userinfo of somebody else must not be used.
        if userinfo.get("sub") != claims["sub"]:
            raise SignInError("subject_mismatch")
        return SignIn(token["id_token"], claims, userinfo, Tokens(token))

    def _expected(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self._config.issuer},
            "aud": {"essential": True, "value": self._config.client_id},
        }

    def _check_metadata(self) -> None:
        # OpenID Connect Discovery 1.0 §4.3: it must name the issuer that it was asked of.
        if self._client.load_server_metadata().get("issuer") != self._config.issuer:
            raise BrokerUnreachableError

    def _check_issuer(self) -> None:
        # RFC 9207 §2.4: an answer from another issuer, or from none where one is promised, is refused.
        given = request.args.get("iss")
        promised = self._client.load_server_metadata().get("authorization_response_iss_parameter_supported")
        if given != self._config.issuer and (given is not None or promised):
            raise SignInError("issuer_mismatch")
