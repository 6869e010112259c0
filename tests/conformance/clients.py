"""The addresses that each relying party of these tests registers, all at one receiver."""

from dataclasses import dataclass

ROLES = ("first", "second", "posting", "backchannel", "frontchannel")


@dataclass(frozen=True)
class Addresses:
    """Of one relying party, named after its role in `provider.Clients`."""

    redirect_uri: str
    post_logout_redirect_uri: str
    backchannel_logout_uri: str | None
    frontchannel_logout_uri: str | None


def addresses(receiver: str, role: str) -> Addresses:
    """Everything below `{receiver}/{role}/`."""
    base = f"{receiver}/{role}"
    return Addresses(
        f"{base}/callback",
        f"{base}/post_logout_redirect",
        f"{base}/backchannel_logout" if role == "backchannel" else None,
        f"{base}/frontchannel_logout" if role == "frontchannel" else None,
    )
