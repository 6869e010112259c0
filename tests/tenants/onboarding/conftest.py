"""The environment of these tests is that of the legacy accounts', and exports are brought as an operator does."""

from pathlib import Path

import pytest

from tenants.onboarding import service
from tenants.onboarding.reports import Report
from tenants.syndics.models import Syndic
from tests.tenants.legacy.conftest import environment
from tests.tenants.onboarding.exports import Import
from tests.tenants.onboarding.test_reading import as_csv

__all__ = ["environment"]


@pytest.fixture
def bring(tmp_path: Path) -> Import:
    """A function that imports rows of (identifier, holder, e-mail, label, hash, scheme)."""

    def imported(syndic: Syndic, *rows: list[str]) -> Report:
        path = tmp_path / "export.csv"
        path.write_text(as_csv(list(rows)))
        return service.import_export(syndic, path)

    return imported
