"""TLS as the command line knows it: the server's certificate and key, and how commands on its machine trust it.

A server's certificate is for the name that bidders use, while commands on its own machine ask for 127.0.0.1. So a
server leaves its certificate in the note beside its journal, and they take that certificate and no other, whatever name
is in it and even where it has expired in the middle of a sale.
"""

import re
import ssl
from pathlib import Path

from msgspec import Struct

from bidroom.errors import BidroomError

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----")

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, for which the ssl module has no name."""


class Tls(Struct, frozen=True):
    """What a server needs to speak TLS, and its own certificate (PEM) for those who are to trust it."""

    context: ssl.SSLContext
    certificate: str


def load_tls(certificate: Path | None, key: Path | None) -> Tls | None:
    """TLS with the certificate (its chain may follow it) and the key from these files; None for none of both.

    Raises BidroomError.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise BidroomError("--tls-cert and --tls-key go together: the one is of no use without the other")
    found = _CERTIFICATE.search(_read(certificate))
    if found is None:
        raise BidroomError(f"{certificate}: this is no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----")
    if "PRIVATE KEY-----" not in _read(key):
        raise BidroomError(f"{key}: this is no private key in PEM; it begins with -----BEGIN PRIVATE KEY-----")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, _no_passphrase)
    except _Encrypted:
        raise BidroomError(
            f"{key}: this key has a passphrase, for which nobody may be there to ask; "
            "make a copy without: openssl pkey -in KEY -out COPY"
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise BidroomError(f"{key}: this is not the key of the certificate in {certificate}") from None
        why = error.reason or "one of them is damaged"
        raise BidroomError(f"{certificate}, {key}: no certificate and key to be used: {why}") from None
    return Tls(context, found[0])


def trusting(certificate: str) -> ssl.SSLContext:
    """For connections to the server that has this certificate (PEM), and no other."""
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    context.verify_flags = ssl.VerifyFlags(ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME)
    return context


class _Encrypted(Exception):
    pass


def _no_passphrase() -> str:
    raise _Encrypted


def _read(path: Path) -> str:
    try:
        return path.read_text("latin-1")  # of which only the ASCII between the dashes counts
    except OSError as error:
        raise BidroomError(f"{path}: {error.strerror or error}") from None
