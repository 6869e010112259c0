"""The standard claims (OpenID Connect Core 1.0 §5.1): their types, and the scopes that give them (§5.4)."""

import re
from typing import Any

BY_SCOPE = {
    "profile": {
        "name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website", "gender",
        "birthdate", "zoneinfo", "locale", "updated_at", "preferred_username",
    },
    "email": {"email", "email_verified"},
    "phone": {"phone_number", "phone_number_verified"},
    "address": {"address"},
}  # fmt: skip
ALL = set().union(*BY_SCOPE.values())
BOOLEANS = {"email_verified", "phone_number_verified"}
STRINGS = ALL - BOOLEANS - {"updated_at", "address"}
ADDRESS = {"formatted", "street_address", "locality", "region", "postal_code", "country"}
BIRTHDATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?")
LAST_SECOND = 32_503_680_000
"""Of the year 2999: an `updated_at` beyond it counts milliseconds."""

PROFILE: dict[str, Any] = {
    "name": "Jeanne Marie Dupont",
    "given_name": "Jeanne",
    "family_name": "Dupont",
    "middle_name": "Marie",
    "nickname": "Jeannette",
    "preferred_username": "jdupont",
    "profile": "https://dupont.example/jeanne",
    "picture": "https://dupont.example/jeanne.png",
    "website": "https://dupont.example",
    "gender": "female",
    "birthdate": "1958-03-14",
    "zoneinfo": "Europe/Paris",
    "locale": "fr-FR",
    "updated_at": 1_700_000_000,
    "phone_number": "+33474000001",
    "phone_number_verified": True,
    "address": {
        "formatted": "14 rue des Lilas\n01000 Bourg-en-Bresse\nFrance",
        "street_address": "14 rue des Lilas",
        "locality": "Bourg-en-Bresse",
        "postal_code": "01000",
        "country": "FR",
    },
}
"""The test user's claims; the address of the mailbox is the provider's."""


def of(scope: str) -> set[str]:
    """The claims that the scopes give."""
    return set().union(*(BY_SCOPE.get(name, set()) for name in scope.split()))


def are_well_typed(claims: dict[str, Any]) -> None:
    """Check the type of every standard claim that is there."""
    for name in STRINGS & claims.keys():
        value = claims[name]
        assert isinstance(value, str), f"{name} is a string, not {value!r}"
        assert value.strip(), f"{name} is not blank"
        assert value != "null", f"{name} is not the word null"
    for name in BOOLEANS & claims.keys():
        assert isinstance(claims[name], bool), f"{name} is a boolean, not {claims[name]!r}"
    assert BIRTHDATE.fullmatch(claims.get("birthdate", "1958")), "birthdate is YYYY-MM-DD, 0000-MM-DD or YYYY"
    updated = claims.get("updated_at", 0)
    assert isinstance(updated, int | float), f"updated_at is a number, not {updated!r}"
    assert not isinstance(updated, bool), "updated_at is a number"
    assert 0 <= updated < LAST_SECOND, "updated_at counts seconds"
    address = claims.get("address", {})
    assert isinstance(address, dict), "address is an object"
    assert address.keys() <= ADDRESS, f"address has the members of OIDC Core §5.1.1, unlike {address.keys()}"
