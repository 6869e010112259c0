"""How strongly somebody signed in: `acr` in our own words, and `amr` in those of RFC 8176 §2."""

from dataclasses import dataclass

ORDER = ("legacy", "password", "mfa", "phr")
"""Authentication context classes, the weakest first; `phr`: phishing-resistant (OpenID EAP ACR Values 1.0 §2)."""


@dataclass(frozen=True)
class Shown:
    """What a person has shown at a sign-in."""

    acr: str
    amr: tuple[str, ...]

    @property
    def has_factor(self) -> bool:
        """Whether it was more than a password."""
        return ORDER.index(self.acr) >= ORDER.index("mfa")


LEGACY = Shown("legacy", ("pwd",))
PASSWORD = Shown("password", ("pwd",))
ONE_TIME_CODE = Shown("mfa", ("pwd", "otp", "mfa"))
"""A code of the app; of the printed list too: it is a one-time password in the older sense (RFC 2289), and none of
RFC 8176's other words says more."""


def passkey(*, synced: bool, user_verified: bool) -> Shown:
    """A passkey beside the password: `phr` only where the authenticator has verified its user.

    Nothing is attested: a key that never leaves its device is taken for one of hardware, a synced one for software.
    """
    return Shown("phr" if user_verified else "mfa", ("pwd", "swk" if synced else "hwk", "user", "mfa"))


def weaker(one: str, other: str) -> bool:
    """Whether one `acr` is weaker than another; both are ours."""
    return ORDER.index(one) < ORDER.index(other)
