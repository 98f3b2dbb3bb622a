"""What the tests of the catalogue share."""

from pathlib import Path

import pytest

from tests.catalogue.sheets import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
