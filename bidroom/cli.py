"""The commands: what a person may type, what it means, and one clear line with exit status 2 where it can't be done.

`bidroom` has them all; `python3 Tserver.py` is `bidroom serve`, `python3 Tclient.py` is `bidroom bot` for one bidder
and asks for the address. Each command imports what it needs only when it runs, so that help and bots start fast.
"""

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from bidroom.errors import BidroomError
from bidroom.terminal.bidder_options import BidderOptions
from bidroom.terminal.desk_options import DeskOptions
from bidroom.terminal.loop import run
from bidroom.terminal.sheet_options import SheetOptions
from bidroom.terminal.unblocked import unblocked_output

Flag = Parameter(negative=(), show_default=False)
Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65535))]
NO_OPTIONS = BidderOptions()
NO_SHEET = SheetOptions()
HERE = DeskOptions()
File = Annotated[Path | None, Parameter(show_default=False)]
AllowedHosts = Annotated[list[str] | None, Parameter(name="--allow-host", negative=(), n_tokens=1)]


def _app(name: str, help: str | None = None) -> App:
    return App(name=name, help=help, version=version("bidroom"), help_format="plaintext", result_action="return_value")


app = _app("bidroom", "A real-time bidding room. Start one with `bidroom serve`, bid in it with `bidroom bot`.")


def _example(text: str) -> str:
    return f"Example: {text}"


@app.command(help_epilogue=_example("bidroom serve gala.toml --host 0.0.0.0 --journal gala.db"))
def serve(
    *catalogues: Path,
    host: str = "localhost",
    port: Port = 12345,
    journal: Path = Path("bidroom.db"),
    new: Annotated[bool, Flag] = False,
    plain: Annotated[bool, Flag] = False,
    allow_host: AllowedHosts = None,
    pictures: File = None,
    tls_cert: File = None,
    tls_key: File = None,
    sheet: SheetOptions = NO_SHEET,
) -> int:
    """Open a room for each catalogue, show the first one live, and serve until Ctrl-C.

    Parameters
    ----------
    catalogues
        TOML or CSV files; `bidroom new` writes one to begin with, `bidroom check` shows how one is understood. None:
        what the journal holds, or else the built-in example.
    host
        Where to listen: localhost for this machine only, 0.0.0.0 for everyone who can reach it.
    port
        The port to listen on.
    journal
        The file that keeps everything. One that exists is continued.
    new
        Rename the journal that exists, and begin afresh.
    plain
        Plain lines in place of the live table; so it is anyway where the output is not a terminal.
    allow_host
        A further name by which browsers may call this server; may be repeated.
    pictures
        The folder with the items' pictures; without it, the folder pictures beside the first catalogue, or the journal.
    tls_cert
        The certificate, in PEM with its chain: the server then speaks only TLS (https, wss). Needs its key.
    tls_key
        The certificate's private key, in PEM.
    """
    from bidroom.terminal import serve
    from bidroom.terminal.house import HouseOrder

    order = HouseOrder(
        catalogues=catalogues,
        csv=sheet.read(),
        host=host,
        port=port,
        allow_hosts=tuple(allow_host or ()),
        journal=journal,
        new=new,
        pictures=pictures,
        tls_cert=tls_cert,
        tls_key=tls_key,
    )
    with unblocked_output():
        return run(partial(serve.serve, order, plain))


@app.command(help_epilogue=_example("bidroom bot localhost --count 20 --strategy my_strategy:Patient"))
def bot(
    address: str = "localhost",
    /,
    *,
    count: Annotated[int, Parameter(validator=Number(gte=1, lte=1000))] = 1,
    options: BidderOptions = NO_OPTIONS,
) -> int:
    """Send bidders that bid by themselves until the room is finished.

    Parameters
    ----------
    address
        The server: host, host:port or ws://host:port/ws.
    count
        How many bidders.
    """
    from bidroom.terminal.bot import send_bots

    return run(partial(send_bots, address, count, options))


@app.command(help_epilogue=_example("bidroom watch 192.168.1.20 --room gala"))
def watch(address: str = "localhost", /, *, room: str | None = None, plain: Annotated[bool, Flag] = False) -> int:
    """Watch a room live until it is finished.

    Parameters
    ----------
    address
        The server: host, host:port or ws://host:port/ws.
    room
        The room's id, where the server has several.
    plain
        Plain lines in place of the live table.
    """
    from bidroom.terminal.watch import watch

    return run(partial(watch, address, room, plain))


@app.command(help_epilogue=_example("bidroom results bidroom.db --format html > results.html"))
def results(
    file: Path,
    /,
    *,
    format: Literal["table", "csv", "json", "html"] = "table",
    what: Literal["all", "purchases", "statements", "owed", "items", "sellers", "unsold"] = "all",
    room: str | None = None,
) -> int:
    """Print what was bought, by whom and for how much, and what is owed; a server that has the journal is asked.

    Parameters
    ----------
    file
        The journal.
    format
        How: a table for people, CSV for spreadsheets, JSON for programs, HTML to print.
    what
        Which part. Of all, CSV has the purchases.
    room
        Only this room, by its id; all formats but the table need it where the journal has several.
    """
    from bidroom.terminal.results import print_results

    return print_results(file, format, what, room)


@app.command(help_epilogue=_example("bidroom explain bidroom.db --item lamp --bidder Bo"))
def explain(
    file: Path, /, *, item: str, unit: int | None = None, bidder: str | None = None, room: str | None = None
) -> int:
    """Tell in plain words, with times, why an item went to whom, and why somebody did not get it.

    Parameters
    ----------
    file
        The journal; of a server that has it, a copy is made first.
    item
        The item, by its id or name.
    unit
        Only this unit of it.
    bidder
        Tell also why this bidder did not get it: as others see them, by paddle or by their own name.
    room
        The room's id, where the journal has several.
    """
    from bidroom.terminal.explain import print_explanation

    return print_explanation(file, item, unit, bidder, room)


@app.command(help_epilogue=_example("bidroom backup bidroom.db bidroom-copy.db"))
def backup(file: Path, copy: Path, /) -> int:
    """Make a consistent, verified copy of a journal, also while a server has it and bidding goes on.

    Parameters
    ----------
    file
        The journal.
    copy
        The file to write; one that exists is left alone.
    """
    from bidroom.terminal.backup import backup

    return backup(file, copy)


@app.command(help_epilogue=_example("bidroom verify bidroom.db --receipt 9f86d081884c7d65..."))
def verify(file: Path, /, *, receipt: str | None = None) -> int:
    """Check a journal: that nothing in it was changed, and, with a receipt, that nothing was cut off or rewritten.

    Parameters
    ----------
    file
        The journal, or a copy of it. No server may be using it.
    receipt
        The `head` that a bidder got with an accepted bid, or that the room published.
    """
    from bidroom.terminal.results import verify

    return verify(file, receipt)


@app.command(help_epilogue=_example("bidroom new gala.toml"))
def new(path: Path = Path("catalogue.toml"), /) -> int:
    """Write a sample catalogue, with comments that say what everything means.

    Parameters
    ----------
    path
        The file to write; one that exists is left alone.
    """
    from bidroom.terminal.new import write_sample

    return write_sample(path)


@app.command(help_epilogue=_example('bidroom check gala.csv --currency SGD --map "Opening bid=starting_price"'))
def check(file: Path, /, *, all: Annotated[bool, Flag] = False, sheet: SheetOptions = NO_SHEET) -> int:
    """Show how a catalogue is understood, before anybody bids on it: columns, prices, times, and what looks odd.

    Parameters
    ----------
    file
        The catalogue: TOML, or CSV from a spreadsheet.
    all
        Show every item, not only the first ones.
    """
    from bidroom.terminal.check import check

    return check(file, sheet, all)


@app.command(help_epilogue=_example("bidroom invite guests.csv codes.csv --link http://192.168.1.20:12345"))
def invite(file: Path, out: Path, /, *, link: str | None = None, at: DeskOptions = HERE) -> int:
    """Register bidders from a CSV file, and write the codes and links that let them in.

    Parameters
    ----------
    file
        The bidders: a column name, and where wanted paddle, budget, code and email.
    out
        The CSV file to write: the codes are told only this once.
    link
        The server's address as bidders reach it; without it, as this command does.
    """
    from bidroom.terminal.invite import invite

    return invite(file, out, link, at)


RUN_A_SALE = "Run a sale: open, pause, extend, withdraw, announce, bid for the floor, take something back, settle."
app.command("bidroom.terminal.control:control", name="control", help=RUN_A_SALE)


@app.command(help_epilogue=_example("bidroom demo --port 12400"))
def demo(*, port: Port = 12345, plain: Annotated[bool, Flag] = False) -> int:
    """Run a whole sale with five bots, shown live to its end, which comes within two minutes. Anybody may join.

    Parameters
    ----------
    port
        The port of the server.
    plain
        Plain lines in place of the live table.
    """
    from bidroom.terminal.demo import demo

    with unblocked_output():
        return run(partial(demo, port, plain))


def main() -> None:
    """The `bidroom` command."""
    sys.exit(run_command(app, sys.argv[1:]))


def serve_main() -> None:
    """`python3 Tserver.py`: `bidroom serve`."""
    door = _app("Tserver.py")
    door.default(serve)
    door.help_epilogue = _example("python3 Tserver.py gala.toml --host 0.0.0.0")
    sys.exit(run_command(door, sys.argv[1:]))


def client_main() -> None:
    """`python3 Tclient.py`: one bidder, who asks for the address where none is given."""
    door = _app("Tclient.py")
    door.help_epilogue = _example('python3 Tclient.py 192.168.1.20 --max "ThinkPad T14=250.00"')
    door.default(_client)
    sys.exit(run_command(door, sys.argv[1:]))


def _client(address: str | None = None, /, *, options: BidderOptions = NO_OPTIONS) -> int:
    """Join a room and bid by yourself: at every opportunity with some luck, never above a maximum fixed for each item.

    Parameters
    ----------
    address
        The server: host or host:port. Without it you are asked.
    """
    return bot(_ask_address() if address is None else address, options=options)


def _ask_address() -> str:
    """The address that somebody types; the default where nobody is there to ask."""
    if not sys.stdin.isatty():
        return "localhost"
    # Python can miss a Ctrl-C just before it waits for a line; the system's own way of ending a process can't.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return input("Server address [localhost]: ").strip() or "localhost"
    except EOFError:
        print()
        return "localhost"
    finally:
        signal.signal(signal.SIGINT, before)


def run_command(commands: App, arguments: Sequence[str]) -> int:
    """The exit status of what was typed: 0, 1 where the answer is bad news, 2 where it could not be done."""
    try:
        status = commands(arguments, exit_on_error=False, print_error=False)
    except (CycloptsError, BidroomError) as error:
        print(" ".join(str(error).split("\n")), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print()
        return 130
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status if isinstance(status, int) else 0
