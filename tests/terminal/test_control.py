"""An evening at the desk, typed: a server on a real port, `bidroom invite`, `bidroom control`, the books afterwards."""

import csv
import io
import json
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front_door import BIDROOM, free_port

SALE = """
[room]
name = "Club night"
currency = "EUR"
window = 60
pause = 0
increment = 5.00
opens = "by-hand"
registration = "invite"
bidders = "paddles"

[[items]]
name = "Lamp"
starting_price = 10.00
reserve = 30.00

[[items]]
name = "Chair"
starting_price = 20.00
buy_now = 90.00
seller = "Ben Berg"
"""


class Evening:
    """A sale in a directory, and what is typed there."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port

    def typed(self, *arguments: str, status: int = 0) -> str:
        """What a command prints; it must end with the status."""
        done = subprocess.run(
            [sys.executable, *BIDROOM, *arguments],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def control(self, *arguments: str, status: int = 0) -> str:
        return self.typed("control", *arguments, "--by", "Zoe", status=status)

    def codes(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.home / "codes.csv").read_text("utf-8-sig"))))


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    (tmp_path / "sale.toml").write_text(SALE)
    (tmp_path / "guests.csv").write_bytes(b"Name;Paddle;Budget\nAna Alt;7;100,00\nBen Berg;8;\n=Cem;;1.000\n")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, *BIDROOM, "serve", "sale.toml", "--port", str(port), "--plain"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        while "Listening" not in (line := server.stdout.readline()):
            assert line, "the server ended"
        yield Evening(tmp_path, port)
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_an_evening_at_the_desk(evening: Evening):
    assert "3 bidders are invited" in evening.typed("invite", "guests.csv", "codes.csv")
    assert [(row["name"], row["paddle"], row["budget"]) for row in evening.codes()] == [
        ("Ana Alt", "7", "100.00"),
        ("Ben Berg", "8", ""),
        ("'=Cem", "9", "1000.00"),
    ]
    assert all(row["link"] == f"http://127.0.0.1:{evening.port}/#code={row['code']}" for row in evening.codes())
    for secret in ("codes.csv", "bidroom.db.tokens"):
        assert stat.S_IMODE((evening.home / secret).stat().st_mode) == 0o600
    assert "exists" in evening.typed("invite", "guests.csv", "codes.csv", status=2)
    evening.control("open")
    assert "already" in evening.control("open", status=1)
    evening.control("bid", "7", "Lamp", "12.00")
    assert "too_low" in evening.control("bid", "8", "lamp", "13.00", status=1)
    evening.control("bid", "8", "lamp", "17.00", "--via", "phone")
    assert "own_item" in evening.control("bid", "8", "Chair", "30", status=1)
    preview = evening.control("void-bid", "Lamp", "--why", "a slip", "--dry-run")
    assert (
        preview
        == "Would happen: Lamp: the bid of Paddle 8 is voided by Zoe (a slip); Paddle 7 leads at 12.00 EUR again\n"
    )
    assert "--yes" in evening.control("void-bid", "Lamp", "--why", "a slip", status=2)
    evening.control("void-bid", "Lamp", "--why", "a slip", "--yes")
    assert "over_budget" in evening.control("bid", "7", "Chair", "95", status=1)
    evening.control("budget", "7", "500")
    evening.control("bid", "7", "Chair", "95")
    evening.control("pause", "Chair")
    assert "paused" in evening.control("bid", "9", "Chair", "200", status=1)
    evening.control("resume", "Chair")
    evening.control("extend", "Chair", "120")
    evening.control("announce", "Soup is ready")
    assert "The picture doesn't end like" in evening.control("add", "Radio", "5", "--picture", "a.exe", status=1)
    evening.control("add", "Old radio", "5", "--reserve", "8", "--picture", "radio.jpg")
    evening.control("withdraw", "Old radio", "--why", "broken")
    evening.control("remove", "7", "--why", "rude", "--yes")
    assert re.search(r"the code is \w{4}-\w{4}-\w{4}", evening.control("new-token", "8", "--yes"))
    evening.control("close", "--why", "good night")
    told = evening.typed("explain", "bidroom.db", "--item", "lamp", "--bidder", "8")
    assert "Zoe took back the bid of Paddle 8 (Ben Berg)" in told
    evening.typed("backup", "bidroom.db", "copy.db")
    assert "the chain is whole" in evening.typed("verify", "copy.db")
    found = json.loads(evening.typed("results", "bidroom.db", "--format", "json", "--what", "unsold"))
    assert {each["item"]: each["units"] for each in found["unsold"]} == {"lamp": 1, "chair": 1, "old-radio": 1}


def test_paid_and_handed_over(evening: Evening):
    evening.typed("invite", "guests.csv", "codes.csv")
    evening.control("open")
    code = evening.codes()[0]["code"]
    bot = [
        sys.executable,
        *BIDROOM,
        "bot",
        f"localhost:{evening.port}",
        "--code",
        code,
        "--max",
        "Lamp=10",
        "--max",
        "Chair=10",
    ]
    bidding = subprocess.Popen(bot, cwd=evening.home, stdout=subprocess.PIPE, text=True)
    assert bidding.stdout is not None
    assert "as Paddle 7" in bidding.stdout.readline()
    bidding.terminate()
    bidding.communicate(timeout=30)
    assert "no_such_sale" in evening.control("paid", "7", "--how", "cash", status=1)
    assert "no bid stands" in evening.control("void-bid", "Lamp", "--why", "x", status=2).lower()
    assert "There is no item" in evening.control("pause", "Lamb", status=2)
    assert "unknown_bidder" in evening.control("budget", "77", "5", status=1)
    assert "not an amount" in evening.control("bid", "7", "Lamp", "ten", status=2)
