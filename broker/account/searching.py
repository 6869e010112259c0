"""« Rechercher un compte »: by a name, the last digits or the agency, whatever the case and the accents."""

import unicodedata
from dataclasses import dataclass

LONGEST = 100
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'"})


@dataclass(frozen=True)
class Wanted:
    """What somebody searches: `words`, folded, all of which must be found. None of them: everything is found."""

    typed: str
    words: tuple[str, ...]

    @classmethod
    def read(cls, typed: str) -> "Wanted":
        """What was typed into the field."""
        shown = " ".join(typed.replace("\x00", "").split())[:LONGEST]
        return cls(shown, tuple(cls.folded(shown).split()))

    @staticmethod
    def folded(text: str) -> str:
        """A text without case and accents."""
        parts = unicodedata.normalize("NFKD", text.casefold().translate(LIGATURES))
        return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()

    def finds(self, words: str, identifier: str) -> bool:
        """Whether this is it: every word is part of its folded `words`, or is its whole identifier."""
        whole = self.folded(identifier)
        return all(word in words or word == whole for word in self.words)
