"""Letting connections in, a few at a time: a hall that comes back at once waits in the kernel, and no bid waits for it.

An asyncio server takes everybody who waits in one go, and nobody else is served until the last one is in; for
thousands that takes a second. Here the event loop goes round after every few, and so whoever has come in, and is
bidding, has a turn in between. A connection that waits in the kernel loses nothing: it may even have spoken.
"""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from ssl import SSLContext
from typing import Any

from bidroom.server.settings import TLS_S

AT_ONCE = 4
"""How many are let in before the event loop goes round: each costs it up to half a millisecond until it has joined."""

BACKLOG = 4096
"""Connections that the kernel may hold while they wait: a whole hall."""

EXHAUSTED_S = 1
"""How long to wait where the system has no more files or memory for a connection."""

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

Factory = Callable[[socket.socket], asyncio.Protocol]
"""Makes what speaks with the peer at the other end of a socket."""


class Admission:
    """The sockets that a server listens on, and the way in from there."""

    def __init__(self, sockets: list[socket.socket], factory: Factory, tls: SSLContext | None):
        self.addresses: list[tuple[str, int]] = [sock.getsockname()[:2] for sock in sockets]
        self._sockets = sockets
        self._factory = factory
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        """Those who accept, and those who are being let in: the event loop keeps only weak references to tasks."""

    def start(self) -> None:
        """Listen, and let in whoever comes. Raises OSError where another program listens there."""
        for sock in self._sockets:
            sock.listen(BACKLOG)
            self._do(self._accept(sock))

    def close(self) -> None:
        """Let nobody in any more."""
        for task in self._tasks:
            task.cancel()
        for sock in self._sockets:
            sock.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for _ in range(AT_ONCE):
                try:
                    sock, _ = await loop.sock_accept(listening)
                except OSError as error:  # of whoever has gone again already, or ours
                    if error.errno in _EXHAUSTED:
                        await asyncio.sleep(EXHAUSTED_S)
                else:
                    self._do(self._let_in(sock))
            await asyncio.sleep(0)

    async def _let_in(self, sock: socket.socket) -> None:
        factory = partial(self._factory, sock)
        patience_s = None if self._tls is None else TLS_S
        with suppress(OSError):  # gone again, or no TLS that we understand (an SSLError is an OSError)
            await asyncio.get_running_loop().connect_accepted_socket(
                factory, sock, ssl=self._tls, ssl_handshake_timeout=patience_s, ssl_shutdown_timeout=patience_s
            )

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets for all addresses of a host, on which nobody listens yet. Raises OSError where one is taken."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            sock = socket.socket(family, kind, protocol)
            sockets.append(sock)
            sock.setblocking(False)
            if os.name == "posix":  # elsewhere it would let two servers have one port
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(address)
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets
