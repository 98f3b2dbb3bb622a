"""The bidder's front door: `python3 Tclient.py` asks for the server's address, joins its room and bids by itself.

What it needs is set up on first use. It takes the options of `bidroom bot` for one bidder; see `--help`.
"""

from bidroom import bootstrap

if __name__ == "__main__":
    bootstrap.ensure()  # before anything is imported that needs the libraries

from bidroom.cli import client_main
from bidroom.client.client import Client

start_client = Client.start_client
receive_messages = Client.receive_messages
start_bidding = Client.start_bidding

__all__ = ["Client", "receive_messages", "start_bidding", "start_client"]

if __name__ == "__main__":
    client_main()
