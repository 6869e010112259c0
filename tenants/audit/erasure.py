"""Forgetting the salts of a person's entries: nobody can tie them to the person any more, and the chains stay whole."""

from collections.abc import Sequence

from sqlalchemy import text

from config.database import session

_FORGET = text(
    """
DELETE FROM ledger_salts WHERE (chain, sequence) IN (
    SELECT salted.chain, salted.sequence
    FROM ledger_salts salted
    JOIN ledger entry ON entry.chain = salted.chain AND entry.sequence = salted.sequence
    JOIN unnest(CAST(:values AS text[])) AS known(value)
      ON entry.body #>> ARRAY['personal', salted.field, 'sha256']
       = encode(sha256(salted.salt || convert_to(known.value, 'UTF8')), 'hex')
)
"""
)


def forget_values(values: Sequence[str]) -> None:
    """Forget every salt of the entries that hold one of these personal values, in the caller's transaction.

    Reads all salts that are left: who erases several persons gives all their values at once.
    """
    if values:
        session().execute(_FORGET, {"values": list(values)})
