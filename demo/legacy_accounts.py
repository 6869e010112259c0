"""The accounts that a syndic's own extranet keeps: it verifies their secrets, retires and renews them."""

import csv
import io
import secrets
import threading
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from passlib.hash import sha512_crypt

from demo import hashing

COLUMNS = 6


class UnknownAccountError(LookupError):
    """No account has this identifier."""


class KeyReusedError(ValueError):
    """The idempotency key was used for something else."""


@dataclass
class Account:
    """One account; `state` is `active` or `disabled`, `disablements` how often it took effect."""

    identifier: str
    holder: str
    email: str
    label: str
    stored: str
    scheme: str
    state: str = "active"
    disablements: int = 0


@dataclass(frozen=True)
class Receipt:
    """What proves an effect: the same for every repetition with the same key. `at` has its zone (UTC)."""

    action: str
    identifier: str
    number: str = field(default_factory=lambda: secrets.token_hex(12))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Letter:
    """A printed letter with a new secret, as it would lie in the holder's mailbox."""

    identifier: str
    holder: str
    secret: str
    printed_at: datetime


class LegacyAccounts:
    """The register, in memory. Identifiers are compared without regard to case, width and outer spaces."""

    def __init__(self, accounts: list[Account]) -> None:
        self._accounts = {_canonical(account.identifier): account for account in accounts}
        self._receipts: dict[str, Receipt] = {}
        self._letters: list[Letter] = []
        self._lock = threading.Lock()
        # What the secret of an unknown identifier is compared with, so that it costs the same.
        self._nobody = _hashed(secrets.token_hex(8))

    def verify(self, identifier: str, secret: str) -> Account | None:
        """The account, or None for an unknown one, a wrong secret and a retired one alike."""
        account = self._accounts.get(_canonical(identifier))
        scheme, stored = (account.scheme, account.stored) if account else ("sha512_crypt", self._nobody)
        try:
            right = hashing.verify(scheme, secret, stored)
        except ValueError:
            return None
        return account if account and right and account.state == "active" else None

    def state(self, identifier: str) -> str:
        """`active` or `disabled`.

        Raises:
            UnknownAccountError: nobody has it.
        """
        return self._found(identifier).state

    def disable(self, identifier: str, key: str) -> Receipt:
        """Retire the secret; once for each key, and nothing more when it is retired already.

        Raises:
            UnknownAccountError: nobody has it.
            KeyReusedError: the key belongs to another request.
        """
        account = self._found(identifier)
        with self._lock:
            receipt, is_new = self._receipt("disable", account, key)
            if is_new and account.state == "active":
                account.state = "disabled"
                account.disablements += 1
            return receipt

    def reissue(self, identifier: str, key: str) -> Receipt:
        """Print a letter with a new secret, which alone works from now on; once for each key.

        Raises:
            UnknownAccountError: nobody has it.
            KeyReusedError: the key belongs to another request.
        """
        account = self._found(identifier)
        with self._lock:
            receipt, is_new = self._receipt("reissue", account, key)
            if is_new:
                self._print_letter(account, receipt.at)
            return receipt

    def effects(self) -> dict[str, int]:
        """How many disablements took effect, by identifier; accounts without any are left out."""
        return {found.identifier: found.disablements for found in self._accounts.values() if found.disablements}

    def letters(self) -> list[Letter]:
        """The letters with new secrets, newest first."""
        return self._letters[::-1]

    def __len__(self) -> int:
        return len(self._accounts)

    def _found(self, identifier: str) -> Account:
        try:
            return self._accounts[_canonical(identifier)]
        except KeyError:
            raise UnknownAccountError from None

    def _receipt(self, action: str, account: Account, key: str) -> tuple[Receipt, bool]:
        known = self._receipts.get(key)
        if known is None:
            known = self._receipts[key] = Receipt(action, account.identifier)
            return known, True
        if (known.action, known.identifier) != (action, account.identifier):
            raise KeyReusedError
        return known, False

    def _print_letter(self, account: Account, at: datetime) -> None:
        secret = "".join(secrets.choice(hashing.PRINTED) for _ in range(hashing.CODE_LENGTH))
        account.scheme, account.stored, account.state = "sha512_crypt", _hashed(secret), "active"
        self._letters.append(Letter(account.identifier, account.holder, secret, at))


def read(path: Path) -> tuple[LegacyAccounts, int]:
    """The register of an export's good lines, and the number of lines left out.

    Left out are lines with too few columns, without a usable identifier, with a hash that nothing verifies,
    and those that repeat an identifier.

    Raises:
        OSError: the file cannot be read.
    """
    text = _decoded(path.read_bytes())
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))[1:]
    kept: dict[str, Account] = {}
    for row in rows:
        if _is_good(row):
            kept.setdefault(_canonical(row[0]), _account(row))
    return LegacyAccounts(list(kept.values())), len(rows) - len(kept)


def _account(row: list[str]) -> Account:
    identifier, holder, email, label, stored, scheme = row
    return Account(identifier, holder, email, label, stored, scheme)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def _is_good(row: list[str]) -> bool:
    return len(row) == COLUMNS and bool(row[0].strip()) and "@" not in row[0] and _can_verify(row[5], row[4])


def _can_verify(scheme: str, stored: str) -> bool:
    return scheme == "sha512_crypt" and sha512_crypt.identify(stored) and _is_parsed(stored)


def _is_parsed(stored: str) -> bool:
    try:
        return sha512_crypt.from_string(stored).checksum is not None
    except ValueError:
        return False


def _hashed(secret: str) -> str:
    return str(sha512_crypt.using(rounds=hashing.SHA512_ROUNDS).hash(secret))


def _canonical(identifier: str) -> str:
    return unicodedata.normalize("NFKC", identifier).strip().casefold()
