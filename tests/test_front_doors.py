"""The front doors as a person finds them: Tserver.py, Tclient.py and the commands, typed in a terminal."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import Tclient
import Tserver
from bidroom.client.client import Client
from bidroom.rules.item import Item
from bidroom.server.audience import broadcast
from bidroom.server.bidding import manage_bidding
from bidroom.server.connection import handle_client
from bidroom.server.start import start_server
from tests.front_door import (
    BIDROOM,
    PATIENCE_S,
    SMALL_SALE,
    TCLIENT,
    TSERVER,
    Terminal,
    command,
    free_port,
    processes_that_say,
)

Start = Callable[..., Terminal]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text(SMALL_SALE)
    return tmp_path


@pytest.fixture
def start(here: Path) -> Iterator[Start]:
    """Starts commands in terminals of their own; they are gone when the test is."""
    terminals: list[Terminal] = []

    def start(*arguments: object, **options: tuple[int, int]) -> Terminal:
        terminals.append(Terminal(*arguments, cwd=here, **options))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def buy_everything(port: int, here: Path) -> None:
    maxima = ("--max", "mug=9", "--max", "lamp=20")
    status, out, err = command(*BIDROOM, "bot", f"localhost:{port}", "--count", 2, "--pace", 0.02, *maxima, cwd=here)
    assert (status, err) == (0, ""), out


def test_the_names_of_the_front_doors_are_the_real_ones() -> None:
    assert Tserver.Item is Item
    assert Tserver.handle_client is handle_client
    assert Tserver.broadcast is broadcast
    assert Tserver.manage_bidding is manage_bidding
    assert Tserver.start_server is start_server
    assert Tclient.Client is Client
    assert Tclient.start_client is Client.start_client
    assert Tclient.receive_messages is Client.receive_messages
    assert Tclient.start_bidding is Client.start_bidding


def test_a_whole_sale_through_both_doors(start: Start, here: Path) -> None:
    port = free_port()
    server = start(TSERVER, "small.toml", "--port", port, size=(24, 100))
    server.wait_for(f"join in: python3 Tclient.py localhost:{port}")
    ana = start(TCLIENT, "--name", "Ana", "--pace", 0.05, "--max", "Mug=40", "--max", "lamp=90.50")
    ana.wait_for("Server address [localhost]: ")
    ana.type(f"localhost:{port}\n")
    bo = start(TCLIENT, f"localhost:{port}", "--name", "Bo", "--pace", 0.05, "--max", "mug=20", "--max", "lamp=30")

    # Nobody reads the server's terminal meanwhile: it takes nothing any more, and must not hold up the sale.
    assert (ana.ended(), bo.ended()) == (0, 0)
    assert "You joined Small sale as Ana." in ana.text
    assert "at most        90.50 EUR  for Lamp" in ana.text
    assert "accepted as event" in ana.text
    assert "The room is finished." in ana.text
    assert "You bought" in ana.text

    server.wait_for("Everything is finished. The results stay")
    assert "Small sale" in server.text
    assert "going once" in server.text  # it was shown live
    status, csv, _ = command(*BIDROOM, "results", "bidroom.db", "--format", "csv", cwd=here)
    assert status == 0
    bought = [row.split(",") for row in csv.splitlines()[1:]]
    assert [(row[0], row[2]) for row in sorted(bought)] == [("lamp", "1"), ("mug", "1"), ("mug", "2")]
    for door in (ana, bo):
        mine = [row for row in bought if row[3] == ("Ana" if door is ana else "Bo")]
        assert sum(row[4] in door.text.split("You bought")[1] for row in mine) == len(mine)

    server.type("\x03")
    assert server.ended() == 0
    assert "The server has stopped" in server.text
    assert command(*BIDROOM, "results", "bidroom.db", "--format", "csv", cwd=here) == (0, csv, "")
    assert "Traceback" not in server.text + ana.text + bo.text


def test_while_a_server_has_the_journal_that_server_is_asked(start: Start, here: Path) -> None:
    port = free_port()
    server = start(TSERVER, "small.toml", "--port", port, "--plain")
    server.wait_for("Listening at")
    assert (here / "bidroom.db.server").exists()

    status, out, err = command(*BIDROOM, "results", "bidroom.db", cwd=here)
    assert (status, err) == (0, "")
    assert "Nothing was bought." in out
    status, out, err = command(*BIDROOM, "verify", "bidroom.db", cwd=here)
    assert (status, out) == (2, "")
    assert err == "bidroom.db: a server is using this journal; verify a copy, or once it has stopped\n"
    for more in ([], ["--new"]):
        status, out, err = command(TSERVER, "--port", free_port(), *more, cwd=here)
        assert status == 2
        assert err == "bidroom.db: another server or program is using this journal; stop it first\n"

    server.process.send_signal(signal.SIGTERM)
    assert server.ended() == 0
    assert not (here / "bidroom.db.server").exists()


def test_a_bidder_who_loses_the_server_says_so_and_comes_back(start: Start) -> None:
    port = free_port()
    serve = (TSERVER, "small.toml", "--port", port, "--plain")
    server = start(*serve)
    server.wait_for("Listening at")
    ana = start(TCLIENT, f"localhost:{port}", "--chance", 0)
    ana.wait_for("You joined")
    server.type("\x03")
    assert server.ended() == 0
    ana.wait_for("The connection is lost")
    again = start(*serve)
    assert "The journal bidroom.db goes on: 0 of 3 units were sold before." in again.wait_for("Listening at")
    ana.wait_for("Connected again")
    ana.type("\x03")
    assert ana.ended() == 0
    assert "You bought nothing." in ana.text


def test_the_same_seed_fixes_the_same_maximum_prices(start: Start) -> None:
    port = free_port()
    start(TSERVER, "small.toml", "--port", port, "--plain").wait_for("Listening at")
    maxima: list[list[str]] = []
    for seed in (7, 7, 8):
        client = start(TCLIENT, f"localhost:{port}", "--seed", seed, "--chance", 0)
        client.wait_for("for Lamp\n")
        client.type("\x03")
        assert client.ended() == 0
        maxima.append([line for line in client.text.splitlines() if "at most" in line])
    assert maxima[0] == maxima[1] != maxima[2]


def test_ctrl_c_at_the_prompt_ends_it_without_a_word(start: Start) -> None:
    client = start(TCLIENT)
    client.wait_for("Server address [localhost]: ")
    client.type("\x03")
    assert client.ended() == -signal.SIGINT
    assert "Traceback" not in client.text


def test_a_journal_goes_on_or_is_set_aside(start: Start, here: Path) -> None:
    port = free_port()
    server = start(TSERVER, "small.toml", "--port", port, "--plain")
    server.wait_for("The journal is bidroom.db (new).")
    server.wait_for("Listening at")
    buy_everything(port, here)
    server.wait_for("Everything is finished.")
    server.type("\x03")
    assert server.ended() == 0

    again = start(TSERVER, "--port", port, "--plain")  # without a catalogue: what the journal holds
    again.wait_for("everything in it is sold already; start with --new to begin afresh.")
    again.wait_for("Everything is finished.")
    again.type("\x03")
    assert again.ended() == 0

    afresh = start(TSERVER, "small.toml", "--port", port, "--plain", "--new")
    afresh.wait_for("The old journal is now bidroom-")
    afresh.wait_for("The journal is bidroom.db (new).")
    afresh.type("\x03")
    assert afresh.ended() == 0
    (aside,) = here.glob("bidroom-*.db")
    assert "3 purchases" in command(*BIDROOM, "verify", aside.name, cwd=here)[1]


def test_watching_from_a_pipe(start: Start, here: Path) -> None:
    port = free_port()
    server = start(TSERVER, "small.toml", "--port", port)
    server.wait_for("join in:")
    watch = [sys.executable, *BIDROOM, "watch", f"ws://localhost:{port}/ws"]
    with subprocess.Popen(watch, cwd=here, stdout=subprocess.PIPE) as watcher:
        try:
            assert watcher.stdout is not None
            assert watcher.stdout.readline() == b"Small sale:\n"
            buy_everything(port, here)
            told = watcher.communicate(timeout=PATIENCE_S)[0].decode()
        finally:
            watcher.kill()
    assert watcher.returncode == 0
    assert told.count("SOLD") == 3
    assert told.endswith("The room is finished.\n")


def test_what_cannot_be_served_is_one_line_and_status_2(here: Path) -> None:
    def refused(*arguments: object) -> str:
        status, _, err = command(TSERVER, *arguments, cwd=here)
        assert status == 2, err
        assert len(err.splitlines()) == 1, err
        return err

    assert "nothing.toml" in refused("nothing.toml")
    (here / "bad.toml").write_text(SMALL_SALE.replace("5.00", "5.001"))
    assert "bad.toml" in refused("bad.toml")
    assert "same id" in refused("small.toml", here / "small.toml")
    (here / "noise.db").write_bytes(b"not a journal at all, but long enough to look at it" * 100)
    assert "noise.db" in refused("small.toml", "--journal", "noise.db")
    assert (here / "noise.db").read_bytes().startswith(b"not a journal")
    assert "noise.db" in refused("small.toml", "--journal", "noise.db", "--new")
    assert "nowhere" in refused("small.toml", "--journal", "nowhere/a.db")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        err = refused("small.toml", "--host", "127.0.0.1", "--port", port)
        assert err == f"Port {port} on 127.0.0.1 is taken by another program; stop it, or choose another with --port.\n"
    assert "--host" in refused("small.toml", "--host", "192.0.2.1", "--port", free_port())
    assert "Did you mean --port" in refused("--prot", 5)


def test_the_demo_ends_cleanly_by_ctrl_c(start: Start) -> None:
    port = free_port()
    demo = start(*BIDROOM, "demo", "--port", port)
    demo.wait_for("Emre")  # all five are bidding, the live table shows it
    demo.type("\x03")
    assert demo.ended() == 0
    assert "Traceback" not in demo.text
    assert not processes_that_say(f"127.0.0.1:{port}")
