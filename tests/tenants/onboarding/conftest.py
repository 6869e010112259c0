"""The environment of these tests is that of the legacy accounts'."""

from tests.tenants.legacy.conftest import environment

__all__ = ["environment"]
