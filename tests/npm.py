"""What the tests of the page need from npm: the packages in package.json, fetched once; git ignores them."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.needed import needed

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
INSTALL = ("install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", "--prefix")
INSTALL_S = 90
"""How long npm may take."""


def from_npm(path: str) -> Path:
    """A file of a package. Where npm can't fetch it, the test that asks is skipped aloud; under CI it fails."""
    file = PACKAGES / path
    if not file.exists():
        _fetch()
    return file if file.exists() else needed(f"{path.partition('/')[0]} (npm fetches it)")


def _fetch() -> None:
    """Let npm fetch what isn't here, if it can; says on stderr what it does, since it may take a while."""
    npm = shutil.which("npm")
    if npm is None:
        return
    print("Fetching what the tests of the page need with npm, once ...", file=sys.__stderr__)
    try:
        subprocess.run([npm, *INSTALL, HERE], timeout=INSTALL_S, stdin=subprocess.DEVNULL, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"npm did not fetch it: {error}", file=sys.__stderr__)
