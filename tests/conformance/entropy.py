"""How many bits a random value holds, as the Foundation's suite counts them."""

import math
from collections import Counter


def bits(text: str) -> float:
    """Shannon's entropy of the characters of `text`, times their number: a lower guess at its bits."""
    counts = Counter(text).values()
    return -sum(count * math.log2(count / len(text)) for count in counts)


def is_unguessable(text: str) -> bool:
    """128 bits long at least (16 characters), and 96 bits of measured entropy (RFC 6749 §10.10)."""
    return len(text.encode()) >= 16 and bits(text) >= 96
