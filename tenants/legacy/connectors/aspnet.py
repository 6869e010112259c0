"""ASP.NET Core Identity's version 3 password hashes, which libpass does not read.

The blob, in base64: 0x01; PRF, iterations and salt length, each 32 bits big-endian; salt; PBKDF2's output.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from config import secrets
from tenants.legacy.refusals import UnusableHash

VERSION = 1
HEADER_BYTES = 13
PRFS = {0: "sha1", 1: "sha256", 2: "sha512"}
SALT_BYTES = range(16, 65)
OUTPUT_BYTES = 32


@dataclass(frozen=True)
class IdentityV3:
    """A parsed blob."""

    prf: str
    iterations: int
    salt: bytes
    output: bytes

    def verifies(self, secret: str) -> bool:
        """Whether the secret is the one that was hashed."""
        made = hashlib.pbkdf2_hmac(self.prf, secret.encode(), self.salt, self.iterations, len(self.output))
        return secrets.same(made, self.output)


def parse(text: str) -> IdentityV3:
    """Read a blob.

    The output's length is whatever is left: a blob cut short would still verify, more weakly, since PBKDF2's
    first bytes do not depend on how many are asked for. So only the length that the software writes is taken.

    Raises:
        UnusableHash: no blob of version 3, or cut short.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UnusableHash("malformed hash: not base64") from None
    if len(raw) < HEADER_BYTES or raw[0] != VERSION:
        raise UnusableHash("malformed hash: not ASP.NET Identity version 3")
    prf, iterations, salt_length = (int.from_bytes(raw[at : at + 4], "big") for at in (1, 5, 9))
    salt, output = raw[HEADER_BYTES : HEADER_BYTES + salt_length], raw[HEADER_BYTES + salt_length :]
    if prf not in PRFS or iterations < 1 or salt_length not in SALT_BYTES or len(output) != OUTPUT_BYTES:
        raise UnusableHash("malformed hash: truncated, or not ASP.NET Identity version 3")
    return IdentityV3(PRFS[prf], iterations, salt, output)
