"""The environment of these tests: cheap tombstones, and outgoing calls to this machine."""

from collections.abc import Iterator

import pytest

from config.settings import settings


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings as a deployment would give them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TROUSSEAU_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("TROUSSEAU_ARGON2_MEMORY_KIB", "64")
        patch.setenv("TROUSSEAU_ARGON2_PASSES", "1")
        patch.setenv("TROUSSEAU_OUTGOING_ALLOWED", "127.0.0.1")
        settings.cache_clear()
        yield
    settings.cache_clear()
