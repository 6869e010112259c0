"""How strongly somebody signed in (`acr`), and what a request cannot do without (OIDC Core §5.5.1.1)."""

from broker.oidc.parameters import Parameters

SUPPORTED = ("legacy", "password")
"""Advertised: what this issuer can really do, the weakest first."""


def is_met(parameters: Parameters, reached: str) -> bool:
    """Whether this `acr` answers the request: an essential claim must be met, `acr_values` is a wish."""
    asked = parameters.requested("id_token", "acr")
    if not asked.get("essential"):
        return True
    values = asked.get("values") or ([asked["value"]] if "value" in asked else [])
    return not values or reached in values
