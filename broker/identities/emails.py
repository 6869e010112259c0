"""E-mail addresses: the form that identifies a person, and the slips of the finger that are asked back."""

from dataclasses import dataclass
from difflib import get_close_matches

from email_validator import EmailNotValidError, validate_email

FAMILIAR = (
    "gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr", "laposte.net", "bbox.fr", "hotmail.fr",
    "hotmail.com", "outlook.fr", "outlook.com", "live.fr", "yahoo.fr", "yahoo.com", "icloud.com", "aol.com",
    "numericable.fr", "club-internet.fr", "gmx.fr", "proton.me", "protonmail.com", "me.com", "msn.com",
)  # fmt: skip
CLOSE = 0.8
LONGEST = 254


@dataclass(frozen=True)
class Address:
    """An address: `canonical` identifies (punycode domain, all lower case), `typed` is what its owner wrote."""

    canonical: str
    typed: str


def parsed(typed: str) -> Address | None:
    """The address that was typed, or None where it cannot be one. No dot or plus tricks: they are other mailboxes."""
    stripped = typed.strip()
    if len(stripped) > LONGEST:
        return None
    try:
        valid = validate_email(stripped, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return Address(f"{valid.local_part}@{valid.ascii_domain}".lower(), valid.normalized)


def suggestion(address: Address) -> str | None:
    """What was probably meant, where the domain is a slip away from a familiar one."""
    local, _, domain = address.typed.rpartition("@")
    if domain.lower() in FAMILIAR:
        return None
    close = get_close_matches(domain.lower(), FAMILIAR, n=1, cutoff=CLOSE)
    return f"{local}@{close[0]}" if close else None


def masked(email: str) -> str:
    """`j•••@gmail.com`: enough for its owner to know it, too little for anybody else."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"
