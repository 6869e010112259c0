"""Bringing the accounts in the table up to lines of an export, some hundreds with two statements."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text

from config import clock, secrets
from config.database import new_id, session
from tenants.legacy import lifecycle
from tenants.legacy.closing import NOTHING, Left
from tenants.legacy.models import LIVING, LegacyAccount
from tenants.onboarding.lines import AccountLine
from tenants.onboarding.reports import Report

SECRET_LIVES = ("active", "pending")
"""The states in which a file may set a secret: a linked or retired account's is never brought back (R6)."""
DETAILS = ("holder", "label", "email")
SECRETS = ("secret_scheme", "secret_hash")
UPSERT = text("""
    INSERT INTO legacy_accounts (id, public_id, sub, syndic_id, identifier, holder, label, email,
                                 secret_scheme, secret_hash, state, epoch, imported_at,
                                 retired_tombstones, retired_hashes)
    SELECT id, public_id, sub, :syndic_id, line.identifier, holder, label, email, scheme, hash, 'active', 0, :now,
           coalesce(former.retired_tombstones, '{}'), coalesce(former.retired_hashes, '{}')
    FROM unnest(CAST(:id AS uuid[]), CAST(:public_id AS text[]), CAST(:sub AS text[]), CAST(:identifier AS text[]),
                CAST(:holder AS text[]), CAST(:label AS text[]), CAST(:email AS text[]),
                CAST(:secret_scheme AS text[]), CAST(:secret_hash AS text[]))
         AS line (id, public_id, sub, identifier, holder, label, email, scheme, hash)
    LEFT JOIN LATERAL (SELECT retired_tombstones, retired_hashes FROM legacy_accounts AS closed
                       WHERE closed.syndic_id = :syndic_id AND closed.identifier = line.identifier
                         AND closed.state = 'closed' ORDER BY closed_at DESC LIMIT 1) AS former ON true
    ON CONFLICT (syndic_id, identifier) WHERE state <> 'closed' DO UPDATE SET
        holder = excluded.holder, label = excluded.label, email = excluded.email, imported_at = excluded.imported_at,
        secret_scheme = CASE WHEN legacy_accounts.state IN ('active', 'pending')
                             THEN excluded.secret_scheme ELSE legacy_accounts.secret_scheme END,
        secret_hash = CASE WHEN legacy_accounts.state IN ('active', 'pending')
                           THEN excluded.secret_hash ELSE legacy_accounts.secret_hash END
""")
"""One statement for a whole chunk. It judges the state once more: an account may have been linked since it was read.

A new account inherits what a closed one under its identifier has left.
"""
READ = ("id", "identifier", "state", "reissue_key", "retired_hashes", *DETAILS, *SECRETS)
COLUMNS = [getattr(LegacyAccount, name) for name in READ]


@dataclass(frozen=True)
class Merge:
    """What one file may change at one syndic: the columns that it has, secrets only where we are their source."""

    syndic_id: uuid.UUID
    columns: frozenset[str]
    secrets_are_ours: bool
    known: dict[str, Row[Any]]
    """The living accounts by identifier, read once: chunk by chunk, PostgreSQL would scan the table each time, for
    want of statistics of what this transaction has added."""
    left: dict[str, Left]
    """What closed accounts have left, by identifier."""

    def apply(self, lines: Sequence[AccountLine], report: Report) -> None:
        """Add and change accounts, and count in the report what became of each line."""
        rows = []
        for line in lines:
            row = self.known.get(line.identifier)
            if row is None and self._is_buried(line, row):
                report.rejected.append((line.line, "the account was closed, and this is still its former secret"))
                continue
            values = self._values(line, row)
            if row is not None and self._revives(line, row):
                report.changed += 1
                rows.append({**values, "secret_scheme": line.secret_scheme, "secret_hash": line.secret_hash})
                continue
            report.kept_retired += row is not None and self._is_kept_retired(line, row)
            if row is None:
                report.added += 1
            elif all(getattr(row, name) == value for name, value in values.items()):
                report.unchanged += 1
                continue
            else:
                report.changed += 1
            rows.append(values)
        if rows:
            _write(self.syndic_id, rows, clock.now())

    def _values(self, line: AccountLine, row: Row[Any] | None) -> dict[str, Any]:
        """The account as it shall be. What the file has no column for, and a secret that it leaves empty, stays."""
        before = row._mapping if row is not None else {"holder": "", "label": ""}
        values: dict[str, Any] = {"identifier": line.identifier}
        for name in DETAILS:
            values[name] = getattr(line, name) if name in self.columns else before.get(name)
        lives = (row is None or row.state in SECRET_LIVES) and not self._is_buried(line, row)
        takes_secret = self.secrets_are_ours and line.secret_hash and lives
        for name in SECRETS:
            values[name] = getattr(line, name) if takes_secret else before.get(name)
        return values

    def _is_kept_retired(self, line: AccountLine, row: Row[Any]) -> bool:
        offered = self.secrets_are_ours and line.secret_hash is not None
        lives = row.state in SECRET_LIVES and not self._is_buried(line, row)
        return offered and not lives and line.secret_hash != row.secret_hash

    def _is_buried(self, line: AccountLine, row: Row[Any] | None) -> bool:
        """Whether an older file would bring a secret back that was retired under this identifier (R6)."""
        if line.secret_scheme is None or line.secret_hash is None:
            return False
        buried = row.retired_hashes if row is not None else self.left.get(line.identifier, NOTHING).hashes
        return self.secrets_are_ours and lifecycle.fingerprint(line.secret_scheme, line.secret_hash) in buried

    def _revives(self, line: AccountLine, row: Row[Any]) -> bool:
        """Let a new secret in where one was asked for: few accounts, each with its own evidence."""
        if not (self.secrets_are_ours and row.state == "disabled" and row.reissue_key):
            return False
        if line.secret_scheme is None or line.secret_hash is None:
            return False
        account = session().get_one(LegacyAccount, row.id)
        taken = lifecycle.take_new_secret(account, line.secret_scheme, line.secret_hash)
        session().flush()
        return taken


def known_accounts(syndic_id: uuid.UUID) -> dict[str, Row[Any]]:
    """What we know of a syndic's living accounts, by identifier."""
    found = session().execute(select(*COLUMNS).where(LegacyAccount.syndic_id == syndic_id, LIVING))
    return {row.identifier: row for row in found}


def _write(syndic_id: uuid.UUID, rows: list[dict[str, Any]], now: datetime) -> None:
    """One upsert. The ids of accounts that exist already are made for nothing, and never used."""
    by_column: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in ("identifier", *DETAILS, *SECRETS)}
    fresh = {
        "id": [new_id() for _ in rows],
        "public_id": [secrets.token() for _ in rows],
        "sub": [secrets.token() for _ in rows],
    }
    session().execute(UPSERT, {"syndic_id": syndic_id, "now": now, **by_column, **fresh})
