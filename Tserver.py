"""The server's front door: `python3 Tserver.py` opens a bidding room, on a fresh clone too, and shows it live.

What it needs is set up on first use. It takes the options of `bidroom serve`, which it is; see `--help`.
"""

from bidroom import bootstrap

if __name__ == "__main__":
    bootstrap.ensure()  # before anything is imported that needs the libraries

from bidroom.cli import serve_main
from bidroom.rules.item import Item
from bidroom.server.audience import broadcast
from bidroom.server.bidding import manage_bidding
from bidroom.server.connection import handle_client
from bidroom.server.start import start_server

__all__ = ["Item", "broadcast", "handle_client", "manage_bidding", "start_server"]

if __name__ == "__main__":
    serve_main()
