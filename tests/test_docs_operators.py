"""docs/operators.md: its commands do what it says, and what there is to set, to watch and to limit is in it."""

import dataclasses
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bidroom.limits import Limits
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.server import settings
from bidroom.terminal.sheet_options import SheetOptions
from bidroom.wire.messages import MAX_MESSAGE_BYTES
from tests.certificates import openssl
from tests.front_door import BIDROOM, PATIENCE_S, REPOSITORY, SMALL_SALE, command, free_port

TEXT = (REPOSITORY / "docs" / "operators.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", TEXT, re.MULTILINE))


def commands(title: str) -> list[str]:
    """The lines of a section that are typed; not those of files."""
    text = re.sub(r"^```.*?^```", "", SECTIONS[title], flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^    (\S.*)$", text, re.MULTILINE)


class Shell:
    """A folder with a catalogue, and one server at a time: on a free port, where the page has the usual one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = str(free_port())
        self._server: subprocess.Popen[str] | None = None
        self._environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        (folder / "sale.toml").write_text(SMALL_SALE)
        (folder / "bin").mkdir()
        bidroom = folder / "bin" / "bidroom"
        bidroom.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" {" ".join(BIDROOM)} "$@"\n')
        bidroom.chmod(0o755)

    def type(self, line: str) -> str:
        """Run a line; gives what it printed, and of a server what it printed until it listened."""
        if line.startswith("bidroom serve"):
            return self._serve(line)
        if line.startswith("curl "):  # a machine need not have it
            url = line.removeprefix("curl ").replace("12345", self._port)
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
                return answer.read().decode()
        if line.startswith("openssl "):
            openssl(*(self.folder / word if word.endswith(".pem") else word for word in line.split()[1:]))
            return ""
        process = self._start(line)
        said, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said
        return said

    def _serve(self, line: str) -> str:
        self.stop()
        self._server = self._start(f"exec {line} --port {self._port}")
        assert self._server.stdout is not None
        said = ""
        while "Listening at" not in said:
            heard = self._server.stdout.readline()
            assert heard, said
            said += heard
        return said

    def _start(self, line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self) -> None:
        """End the server if there is one."""
        if self._server is not None:
            server, self._server = self._server, None
            server.terminate()
            said, _ = server.communicate(timeout=PATIENCE_S)
            assert server.returncode == 0, said


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """One in which a sale runs already."""
    shell = Shell(tmp_path)
    shell.type("bidroom serve sale.toml")
    yield shell
    shell.stop()


def test_what_sets_it_up() -> None:
    first, second = commands("Install")
    module = first.removeprefix("python3 ").split()
    assert command(*module, cwd=REPOSITORY)[0] == 0
    status, version, _ = command(*BIDROOM, *second.removeprefix(".venv/bin/bidroom ").split(), cwd=REPOSITORY)
    assert status == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", version)


@pytest.mark.parametrize("title", ["Start", "Who can reach it", "TLS", "Behind a proxy"])
def test_what_starts_it(shell: Shell, title: str) -> None:
    for line in commands(title):
        shell.type(line)


def test_new_tokens(shell: Shell) -> None:
    file = shell.folder / "bidroom.db.tokens"
    old = file.read_text()
    remove, start = commands("Tokens")
    shell.type(remove)
    assert "shown this once" in shell.type(start)
    assert file.read_text() != old


def test_a_copy_and_the_way_back(shell: Shell) -> None:
    backup, another, verify, copy, tokens, serve = commands("Back up and restore")
    shell.type("bidroom control announce 'Soup is ready'")
    assert "a whole copy" in shell.type(backup)
    assert "a whole copy" in shell.type(another)
    assert "the chain is whole" in shell.type(verify)
    shell.type(copy)
    shell.type(tokens)
    said = shell.type(serve)
    assert "The auctioneer's token is in restored.db.tokens." in said
    assert "The journal restored.db goes on" in said
    assert "on record" in shell.type("bidroom control announce 'We go on' --journal restored.db")


def test_what_to_watch(shell: Shell) -> None:
    health, metrics = map(shell.type, commands("Watch over it"))
    assert health == "ok\n"
    names = re.findall(r"^# TYPE (\S+)", metrics, re.MULTILINE)
    told = re.findall(r"^\| `(\w+)", SECTIONS["Watch over it"], re.MULTILINE)
    assert told == [name for name in names if not name.endswith("_created")]


def test_every_command_of_the_page_is_tried() -> None:
    tried = {"Install", "Start", "Who can reach it", "TLS", "Behind a proxy"}
    tried |= {"Tokens", "Back up and restore", "Watch over it"}
    assert {title for title in SECTIONS if commands(title)} == tried


def test_every_option_is_explained() -> None:
    _, help, _ = command(*BIDROOM, "serve", "--help", cwd=REPOSITORY)
    options = set(re.findall(r"│ (?:\*  )?(--[a-z-]+)", help))
    of_sheets = {f"--{field.name}" for field in dataclasses.fields(SheetOptions)}
    assert set(re.findall(r"`(--[a-z-]+)`", SECTIONS["Start"])) == options - of_sheets


def test_the_files_beside_a_journal_are_all_there_are(shell: Shell) -> None:
    there = {path.name for path in shell.folder.iterdir() if path.name.startswith("bidroom.db")}
    assert there == set(re.findall(r"^\| `(bidroom\.db[^`]*)`", SECTIONS["The journal"], re.MULTILINE))


def test_the_limits_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| `?([^|`]+?)`? \| (.*) \|$", SECTIONS["Limits and sizes"], re.MULTILINE))
    limits = Limits()
    for row, value in (
        ("connections_per_address", f"{limits.connections_per_address:,}"),
        ("messages_per_second", str(limits.messages_per_second)),
        ("a message to the server", f"{MAX_MESSAGE_BYTES // 1024} KiB"),
        ("unanswered commands of one bidder", str(KEPT_ANSWERS)),
        ("a connection that says nothing at first", f"{settings.FIRST_MESSAGE_S} seconds"),
        ("a listener who reads too slowly", f"{settings.FULL_BUFFER // 1024} KiB"),
        ("a listener who reads too slowly", f"{settings.MAX_BUFFER // 1024 // 1024} MiB"),
        ("a listener who reads too slowly", f"{settings.MAX_BEHIND_MS // 1000} seconds"),
        ("bidders in a room", f"{settings.MAX_NAMES:,}"),
    ):
        assert value in rows[row], row
