"""The page's files, without a browser: how much they are, what they may never do, that their types fit."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest

import bidroom
from tests.npm import from_npm

WEB = Path(bidroom.__file__).parent / "web"
SENT = sorted(path for path in WEB.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"})
LANGUAGES = sorted(path.stem for path in (WEB / "texts").glob("*.js"))

MOST = 60 * 1024
"""Bytes as they are sent, compressed: all three pages together, in the longest of their languages."""

UNSAFE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\('style'"
)


def test_all_three_pages_together_stay_small():
    sizes = {path: len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in SENT}
    words = {path.stem: size for path, size in sizes.items() if path.parent.name == "texts"}
    assert set(words) == set(LANGUAGES)
    assert sum(sizes.values()) - sum(words.values()) + max(words.values()) < MOST


@pytest.mark.parametrize("path", SENT, ids=lambda path: str(path.relative_to(WEB)))
def test_text_is_never_markup_and_nothing_comes_from_elsewhere(path: Path):
    text = path.read_text("utf-8")
    assert not UNSAFE.search(text)
    elsewhere = [address for address in re.findall(r"https?://[^\s'\")]+", text) if "www.w3.org" not in address]
    assert elsewhere == []


def test_the_types_of_the_modules_fit():
    tsc = from_npm("typescript/bin/tsc")
    done = subprocess.run([tsc, "--noEmit", "--project", WEB / "jsconfig.json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
