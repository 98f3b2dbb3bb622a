"""The address that a request is for, as far as its header can be believed, and what is like it.

A `Host` header is written by whoever asks, and much of what is no host can be read as one (`a;b@localhost`). So nothing
of it is ever passed on as it came: an answer that names the address names what was understood.
"""

import re
import socket
from ipaddress import ip_address

from aiohttp import web
from yarl import URL

_PLAIN = re.compile(r"[0-9A-Za-z.-]+(:[0-9]+)?")
_NAME = re.compile(r"[\w.-]+")


def asked_address(request: web.Request) -> URL | None:
    """Scheme, host and port, and nothing else; None where the header names no host.

    A proxy that speaks TLS for this server says so in `X-Forwarded-Proto`. Whoever else writes that misleads only
    themselves.
    """
    is_https = request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
    try:
        return URL(f"{'https' if is_https else 'http'}://{request.headers.get('Host', '')}").origin()
    except ValueError:
        return None


def host_name(name: str) -> str | None:
    """A name or an address as `asked_address` gives the host of a request for it; None for what is neither.

    Capitals don't count, and the two spellings of a name with letters beyond ASCII are one.
    """
    try:
        return str(ip_address(name))
    except ValueError:
        pass  # a name, then
    if not _NAME.fullmatch(name):
        return None
    try:
        return URL(f"http://{name}").host
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a name or an address leads from every machine to itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def network_addresses(host: str) -> list[str]:
    """By which of this machine's addresses others reach a server that listens on `host`; the likeliest first.

    Empty where that is one address, which they know, or this machine alone. May wait for the network's names.
    """
    if host not in ("0.0.0.0", ""):
        return []
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; asks only which of our addresses would be used
            found.append(probe.getsockname()[0])
        except OSError:
            pass  # no network: nobody else can come anyway
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_STREAM)
        found += [str(info[4][0]) for info in infos]
    except OSError:
        pass  # a machine need not know its own name
    return list(dict.fromkeys(address for address in found if not is_loopback(address)))


def policy_host(address: URL) -> str:
    """Host and port as a Content-Security-Policy may name them; empty where it can't, as for an IPv6 address."""
    found = address.host_port_subcomponent or ""
    return found if _PLAIN.fullmatch(found) else ""
