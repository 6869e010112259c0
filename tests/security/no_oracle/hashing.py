"""Counting password hashes where they are made: in argon2's own binding, in passlib's handlers and in PBKDF2's."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import argon2.low_level
import passlib.registry
import pytest

from tenants.legacy.connectors import schemes


class Hashes:
    """Counts by kind, `argon2` and `legacy`. A hash that another one is made of counts as the outer one only."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self._inside = False

    def watched(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, counted."""

        def counting(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return real(*args, **kwargs)
            self.made[kind] += 1
            self._inside = True
            try:
                return real(*args, **kwargs)
            finally:
                self._inside = False

        return counting


class _Binding:
    """argon2's compiled library, with its two ways to hash counted."""

    def __init__(self, real: Any, hashes: Hashes) -> None:
        self._real = real
        self.argon2_hash = hashes.watched("argon2", real.argon2_hash)
        self.argon2_verify = hashes.watched("argon2", real.argon2_verify)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def counted() -> Iterator[Hashes]:
    """Count every password hash of this process while it lasts."""
    hashes = Hashes()
    with pytest.MonkeyPatch.context() as patch:
        low_level: Any = argon2.low_level
        patch.setattr(low_level, "lib", _Binding(low_level.lib, hashes))
        patch.setattr(hashlib, "pbkdf2_hmac", hashes.watched("legacy", hashlib.pbkdf2_hmac))
        for scheme in schemes.REGISTRY.values():
            if isinstance(scheme, schemes.Scheme):
                handler: Any = passlib.registry.get_crypt_handler(scheme.name)
                watched = hashes.watched("legacy", handler.verify)
                patch.setattr(handler, "verify", staticmethod(watched) if isinstance(handler, type) else watched)
        yield hashes
