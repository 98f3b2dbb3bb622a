"""What a test needs of the machine that it runs on."""

import os
from typing import NoReturn

import pytest


def needed(what: str) -> NoReturn:
    """Say that this machine doesn't have it: the test is skipped aloud, and under CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"this machine does not have {what}")
