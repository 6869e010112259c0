"""Kind `ldap`: the syndic's directory verifies (by a bind) and disables (by a change of the entry)."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlsplit

from config import clock, secrets
from config.errors import NotFound
from config.outgoing import guard
from config.outgoing.transport import TIMEOUT_S
from config.settings import settings
from tenants.legacy.connectors import answers
from tenants.legacy.connectors.breaker import Breaker
from tenants.legacy.connectors.contract import LegacyProfile, Receipt, SourceUnavailable
from tenants.legacy.connectors.ldap import messages
from tenants.legacy.connectors.ldap.layout import KEY, Layout
from tenants.legacy.connectors.ldap.messages import ONE_ENTRY, REPLACE, SUBTREE, Change, Entry
from tenants.legacy.connectors.ldap.wire import Wire
from tenants.legacy.identifiers import canonical_identifier
from tenants.legacy.refusals import CannotReissue

PORTS = {"ldaps": 636, "ldap": 389}
WRONG = (
    messages.INVALID_CREDENTIALS,
    messages.INAPPROPRIATE,  # the entry has no password
    messages.NO_OBJECT,
    messages.CONSTRAINT,  # 389 Directory Server: tried too often
    messages.UNWILLING,  # 389 Directory Server: the account is inactive
)
"""What a bind may be refused by that says something of this account: the service account has just got in."""
WRITTEN = "%Y%m%d%H%M%S%z"
"""Generalized Time (RFC 4517 §3.3.13), as directories write it."""


@dataclass(frozen=True)
class LdapConnector:
    """Asks one syndic's directory. Touches no database, so nothing is held while it waits."""

    url: str
    layout: Layout
    password: str = field(repr=False)
    """The service account's."""
    whose: str
    """Whose directory it is: the replacement of a retired password is made of it, so that no two syndics' are alike."""
    breaker: Breaker
    timeout_s: float = TIMEOUT_S
    resolve: guard.Resolver = guard.resolved
    is_remote = True

    def verify(self, identifier: str, secret: str) -> LegacyProfile | None:
        """As the contract says. Unknown and wrong alike cost a search and a bind; the directory's own time differs.

        An entry that is marked as disabled is not let in, even where the directory itself would.
        """
        with self._asked() as wire:
            entry = self._find(wire, identifier)
            name = entry.dn if entry and secret else self._nobody()
            code = wire.bind(name, secret or secrets.token())
            if entry is None or code in WRONG or self._is_marked(entry):
                return None
            if code != messages.SUCCESS:
                raise SourceUnavailable(f"the directory refuses to say: result {code}")
            return self._profile(entry, identifier)

    def disable(self, identifier: str, key: str) -> Receipt:
        """As the contract says. What is done already is not done again; the receipt is made of the key.

        The entry is read again afterwards: the directory shows what it has done before there is a receipt.
        """
        with self._asked() as wire:
            entry = self._find(wire, identifier)
            if entry is not None and not self._is_disabled(entry, identifier):
                wire.modify(entry.dn, self._disabling(identifier))
                entry = self._find(wire, identifier)
                if entry is None or not self._is_disabled(entry, identifier):
                    raise SourceUnavailable("the directory took the change, and does not show it")
        if entry is None:
            raise NotFound("the directory has no such account to disable")
        return Receipt(f"ldap:{key}", _changed_at(entry))

    def reissue(self, identifier: str, key: str) -> Receipt:
        """Ask the syndic's own programs for a new secret, by a mark on the entry that holds the key.

        The former secret is overwritten by the same change that lets the account be used again. A mark that is there
        already is left as it is: the new secret may be there, too.
        """
        wish = self.layout.reissue
        if wish is None:
            raise CannotReissue("the layout of this directory names no attribute that asks for a new secret")
        value = wish.value.replace(KEY, key)
        with self._asked() as wire:
            entry = self._find(wire, identifier)
            if entry is not None and not entry.has(wish.attribute, value):
                wire.modify(entry.dn, [*self._reopening(), (REPLACE, wish.attribute, [value])])
                entry = self._find(wire, identifier)
        if entry is None:
            raise NotFound("the directory has no such account to reissue")
        return Receipt(f"ldap:{key}", _changed_at(entry))

    def status(self, identifier: str) -> str:
        """`active`, `disabled` or `unknown`."""
        with self._asked() as wire:
            entry = self._find(wire, identifier)
            if entry is None:
                return "unknown"
            return "disabled" if self._is_disabled(entry, identifier) else "active"

    @contextmanager
    def _asked(self) -> Iterator[Wire]:
        """A connection on which the service account is known, under the breaker's eyes."""
        with self.breaker.watched(), self._connected() as wire:
            code = wire.bind(self.layout.bind_dn, self.password)
            if code != messages.SUCCESS:
                raise SourceUnavailable(f"the directory refuses our service account: result {code}")
            yield wire

    @contextmanager
    def _connected(self) -> Iterator[Wire]:
        """A connection, under TLS but to this very machine, whatever was registered before."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        starttls = parts.scheme == "ldap" and (bool(self.layout.starttls) or not guard.is_loopback(host))
        with Wire.to(host, parts.port or PORTS[parts.scheme], self.timeout_s, self.resolve) as wire:
            if parts.scheme == "ldaps" or starttls:
                wire.secure(_tls(self.layout.ca), host, ask=starttls)
            yield wire

    def _find(self, wire: Wire, identifier: str) -> Entry | None:
        """The one entry that says of itself that it is this account's. Of two that do, nobody can tell which."""
        name = self.layout.name_of(identifier)
        scope = SUBTREE if name is None else ONE_ENTRY
        wanted = {**self.layout.where, self.layout.identifier: identifier}
        found = wire.find(name or self.layout.base or "", scope, wanted, self.layout.attributes)
        own = [entry for entry in found if self._is_of(entry, identifier)]
        return own[0] if len(own) == 1 else None

    def _is_of(self, entry: Entry, identifier: str) -> bool:
        values = entry.attributes.get(self.layout.identifier.lower(), ())
        return any(canonical_identifier(value) == identifier for value in values)

    def _nobody(self) -> str:
        """A name that nobody has, where accounts have theirs."""
        someone = secrets.token()
        return self.layout.name_of(someone) or f"cn={someone},{self.layout.base}"

    def _is_marked(self, entry: Entry) -> bool:
        mark = self.layout.disable
        return mark is not None and entry.has(mark.attribute, mark.value)

    def _is_disabled(self, entry: Entry, identifier: str) -> bool:
        """By its mark; or, without one, because the password that we put there opens it."""
        if self.layout.disable is not None:
            return self._is_marked(entry)
        with self._connected() as wire:
            code = wire.bind(entry.dn, self._random(identifier))
        if code not in (messages.SUCCESS, *WRONG):
            raise SourceUnavailable(f"the directory refuses to say: result {code}")
        return code == messages.SUCCESS

    def _disabling(self, identifier: str) -> list[Change]:
        mark = self.layout.disable
        if mark is not None:
            return [(REPLACE, mark.attribute, [mark.value])]
        return [(REPLACE, self.layout.password, [self._random(identifier)])]

    def _reopening(self) -> list[Change]:
        mark = self.layout.disable
        overwritten = (REPLACE, self.layout.password, [secrets.token()])
        return [overwritten, (REPLACE, mark.attribute, mark.values_otherwise)] if mark else [overwritten]

    def _random(self, identifier: str) -> str:
        key = settings().keys.derive("retired-directory-passwords")
        return secrets.keyed(key, self.whose, identifier).hex()

    def _profile(self, entry: Entry, identifier: str) -> LegacyProfile:
        told = {name: entry.first(getattr(self.layout, name)) for name in ("holder", "email", "label")}
        return answers.profile_of({"identifier": identifier, **told}, identifier)


@cache
def _tls(ca: str | None) -> ssl.SSLContext:
    """The system's authorities, or this one alone; the name is always checked (RFC 4513 §3.1.3)."""
    made = ssl.create_default_context(cadata=ca)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def _changed_at(entry: Entry) -> datetime:
    """When the directory says that the entry was last changed; now, where it does not say."""
    try:
        return datetime.strptime(entry.first("modifyTimestamp").replace("Z", "+0000"), WRITTEN).astimezone(UTC)
    except ValueError:
        return clock.now()
