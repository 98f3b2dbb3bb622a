"""What the commands understand, and what they say where it makes no sense."""

import io
import re
import sys
from pathlib import Path

import pytest

from bidroom import cli
from bidroom.catalogue import SAMPLE, read_catalogue
from tests.front_door import BIDROOM, TCLIENT, command, free_port

COMMANDS = ["serve", "bot", "watch", "check", "invite", "results", "explain", "backup", "verify", "new", "demo"]
NOW = 1_790_000_000_000


def typed(*arguments: str) -> int:
    return cli.run_command(cli.app, arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(command, "--help") == 0
    text = capsys.readouterr().out
    assert f"Example: bidroom {command}" in text
    options = re.findall(r"│ (?:\*  )?(--[a-z-]+|[A-Z]+)(.*)", text)
    assert options
    assert all(rest.split("│")[0].strip() for _, rest in options), "every option says what it is"


def test_every_command_is_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--help") == 0
    text = capsys.readouterr().out
    assert all(f"│ {command} " in text for command in COMMANDS)
    assert re.search("│ control +Run a sale: open, pause", text)


def test_a_command_imports_only_what_it_needs(tmp_path: Path) -> None:
    loaded = "import sys, bidroom.cli; print(*(name for name in sys.modules if name.startswith('bidroom.')))"
    parts = command("-c", loaded, cwd=tmp_path)[1].split()
    assert [part for part in parts if part.split(".")[1] not in ("cli", "errors", "terminal")] == []
    assert [part for part in parts if part.startswith("bidroom.terminal.desk")] == ["bidroom.terminal.desk_options"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("bid",),
        ("serve", "--port", "70000"),
        ("serve", "--port", "x"),
        ("bot", "localhost", "--chance", "1.5"),
        ("bot", "localhost", "--pace", "0"),
        ("bot", "localhost", "--count", "0"),
        ("results",),
        ("results", "nothing.db"),
        ("results", "nothing.db", "--format", "pdf"),
        ("verify", "nothing.db"),
        ("verify", "nothing.db", "--receipt", "xyz"),
        ("new", "nowhere/a.toml"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_status_2(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir()), "nothing was made"


@pytest.mark.parametrize(
    "arguments", [("--max", "lamp"), ("--limits", "nothing.toml"), ("--strategy", "nowhere:Nothing"), ("what?",)]
)
def test_a_bidder_that_makes_no_sense_is_one_line_and_status_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    status, out, err = command(*BIDROOM, "bot", *arguments, cwd=tmp_path)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_without_a_terminal_the_default_address_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("elsewhere\n"))
    assert cli._ask_address() == "localhost"
    assert capsys.readouterr().out == ""


def test_new_writes_the_sample_and_leaves_what_exists_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sale.toml"
    assert typed("new", str(path)) == 0
    assert path.read_text() == SAMPLE
    assert f"bidroom serve {path}" in capsys.readouterr().out
    assert read_catalogue(path, NOW).terms.items
    path.write_text("mine")
    assert typed("new", str(path)) == 2
    assert path.read_text() == "mine"
    assert "left alone" in capsys.readouterr().err


def test_no_server_is_one_line_and_status_2(tmp_path: Path) -> None:
    for door in ((TCLIENT,), (*BIDROOM, "watch")):
        port = free_port()
        status, _, err = command(*door, f"localhost:{port}", cwd=tmp_path)
        assert status == 2
        assert err.startswith(f"No server to talk to at localhost:{port}: ")
        assert err.endswith(" Start one there with: python3 Tserver.py\n")
        assert len(err.splitlines()) == 1
