"""How strongly somebody signed in (`acr`), and what a request asks for (OIDC Core §3.1.2.1, §5.5.1.1).

Our own values are ordered: a stronger sign-in answers a request for a weaker one. Other values are nobody's here.
"""

from typing import Any

import psycopg

from broker.identities.factors.strength import ORDER
from broker.oidc import queries
from broker.oidc.parameters import Parameters

SUPPORTED = ORDER
"""Advertised: what this issuer can really do, the weakest first."""


def is_met(parameters: Parameters, reached: str) -> bool:
    """Whether this `acr` answers the request: an essential claim must be met, `acr_values` is a wish."""
    return _answers(_essential(parameters), reached)


def is_wished_and_possible(sql: psycopg.Cursor[dict[str, Any]], parameters: Parameters, row: dict[str, Any]) -> bool:
    """Whether `acr_values` wish for more than this sign-in, a row of `queries.SIGN_INS`, and the person has it.

    Only then is a statement made: who has enrolled nothing stronger is not asked to sign in for nothing.
    """
    wished = parameters.get("acr_values").split()
    if row["legacy_account_id"] is not None or _answers(wished, row["acr"]):
        return False
    reachable = sql.execute(queries.FACTORS, {"session": row["id"]}).fetchone() or {}
    best = "phr" if reachable.get("passkey") else "mfa" if reachable.get("app") else row["acr"]
    return _answers(wished, best)


def told(parameters: Parameters, reached: str) -> str:
    """The `acr` of the token: what was reached, but where an essential claim names only weaker values of ours.

    It is then the strongest of those: §5.5.1.1 wants one of the requested values, and what is told is true.
    """
    values = _essential(parameters)
    weaker = [each for each in ORDER[: ORDER.index(reached)] if each in values]
    return reached if reached in values or not weaker else weaker[-1]


def _answers(values: list[str], reached: str) -> bool:
    at_most = ORDER[: ORDER.index(reached) + 1]
    return not values or any(value in at_most for value in values)


def _essential(parameters: Parameters) -> list[str]:
    """The values of which one must be reached; empty: any will do."""
    asked = parameters.requested("id_token", "acr")
    if not asked.get("essential"):
        return []
    values = asked.get("values") or ([asked["value"]] if "value" in asked else [])
    return [str(value) for value in values]
