"""What a kind of mail hands to rendering."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Letter:
    """One mail to be written: its template's name, its reader, and the values of the text. Values may be secret."""

    template: str
    email: str
    locale: str
    values: dict[str, Any] = field(repr=False)
