"""« Proposer un mot de passe »: four French words that a person can write down and type."""

import secrets
from functools import lru_cache
from pathlib import Path

WORDS = 4


def proposed() -> str:
    """Four words drawn at random, joined by hyphens: some 40 bits, against five tries."""
    return "-".join(secrets.choice(_words()) for _ in range(WORDS))


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "words.fr.txt").read_text(encoding="utf-8").split())
