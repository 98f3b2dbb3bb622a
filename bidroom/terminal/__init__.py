"""What the commands do and show in a terminal. `bidroom/cli.py` says which commands there are."""
