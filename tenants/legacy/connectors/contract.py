"""The contract of a legacy source, whatever its kind. Its promises are held by one suite, `tests/contracts`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from config.errors import Unavailable


class SourceUnavailable(Unavailable):
    """The source does not answer, or not what the contract says. Never to be taken for a wrong secret."""

    code = "source_unavailable"
    public = "Le service de votre syndic ne répond pas. Réessayez dans quelques minutes."


@dataclass(frozen=True)
class LegacyProfile:
    """What the syndic says of an account: a suggestion, never a proof of an e-mail address."""

    identifier: str
    """Canonical."""
    holder: str
    email: str | None
    label: str


@dataclass(frozen=True)
class Receipt:
    """The source's word that it did what was asked. `disabled_at` has its zone; for a re-issue, when it was done."""

    receipt: str
    disabled_at: datetime


class Connector(Protocol):
    """One syndic's source. Identifiers are canonical; every call may raise `SourceUnavailable`."""

    @property
    def is_remote(self) -> bool:
        """Whether asking it is a call of the syndic's own service."""
        ...

    def verify(self, identifier: str, secret: str) -> LegacyProfile | None:
        """The account's profile, or None for unknown and wrong alike."""
        ...

    def disable(self, identifier: str, key: str) -> Receipt:
        """Make the secret useless, once: the same key again gives the same receipt.

        Raises:
            config.errors.NotFound: the source has no such account.
        """
        ...

    def reissue(self, identifier: str, key: str) -> Receipt:
        """Have the source hand out a new secret by its own channel, once per key.

        Raises:
            config.errors.NotFound: the source has no such account.
            tenants.legacy.refusals.CannotReissue: the source has no such channel.
        """
        ...

    def status(self, identifier: str) -> str:
        """`active`, `disabled` or `unknown`; a remote source may have words of its own."""
        ...
