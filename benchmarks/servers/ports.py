"""Ports for servers that can't choose one by themselves."""

import socket


def free_port() -> int:
    """A port on which nobody listened just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
