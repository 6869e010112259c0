"""What a page showed, in its form: signed, so that what was shown is what is recorded, or nothing is."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from itsdangerous import BadSignature, URLSafeSerializer

from config.settings import settings
from tenants.terms.models import TermsVersion


@dataclass(frozen=True)
class Shown:
    """The texts that one page showed to one attempt or sign-in, in the language of that page."""

    locale: str
    texts: frozenset[uuid.UUID]

    def is_all_of(self, texts: Iterable[TermsVersion]) -> bool:
        """Whether exactly these texts were shown."""
        return self.texts == {text.id for text in texts}


def signed(holder: uuid.UUID, locale: str, texts: Iterable[TermsVersion]) -> str:
    """A value for the form of a page that shows these texts to this attempt or sign-in."""
    return str(_signer().dumps([str(holder), locale, sorted(str(text.id) for text in texts)]))


def read(holder: uuid.UUID, value: str) -> Shown | None:
    """What was shown; None where the value is not ours, or was another attempt's or sign-in's."""
    try:
        whose, locale, texts = _signer().loads(value)
    except BadSignature:
        return None
    return Shown(locale, frozenset(map(uuid.UUID, texts))) if whose == str(holder) else None


@lru_cache(maxsize=1)
def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().keys.derive("terms-shown"), salt="terms")
