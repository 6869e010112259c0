"""The broker's public keys, fetched when one is needed that is not known yet."""

import requests
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import GuestProtocol, Key, KeySet

TIMEOUT = 5  # seconds


class KeysUnavailableError(Exception):
    """The broker's public keys cannot be fetched now."""


class PublishedKeys:
    """The keys of one address (RFC 7517 §5)."""

    def __init__(self, jwks_uri: str) -> None:
        self._jwks_uri = jwks_uri
        self._keys = KeySet([])

    def named(self, kid: str) -> Key:
        """The key of that id.

        Raises:
            InvalidKeyIdError: there is none.
            KeysUnavailableError: nobody can tell now.
        """
        try:
            return self._keys.get_by_kid(kid)
        except InvalidKeyIdError:
            self._keys = self._fetched()
            return self._keys.get_by_kid(kid)

    def of(self, token: GuestProtocol) -> Key:
        """The key that a token names; otherwise as `named`."""
        kid = token.headers().get("kid")
        if not isinstance(kid, str):
            raise InvalidKeyIdError
        return self.named(kid)

    def _fetched(self) -> KeySet:
        try:
            answer = requests.get(self._jwks_uri, timeout=TIMEOUT)
            answer.raise_for_status()
            return KeySet.import_key_set(answer.json())
        except (requests.RequestException, JoseError, ValueError, KeyError) as error:
            raise KeysUnavailableError(str(error)) from error
