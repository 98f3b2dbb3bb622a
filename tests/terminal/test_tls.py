"""TLS on the command line: which certificates will do, and that commands beside the journal find the server again."""

import asyncio
import json
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bidroom.errors import BidroomError
from bidroom.terminal.journals import noted, server_of
from bidroom.terminal.request import request
from bidroom.terminal.tls import load_tls, trusting
from tests.certificates import Certificate, openssl, self_signed, signed
from tests.front_door import BIDROOM, PATIENCE_S, SMALL_SALE, command, free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def certificate(folder: Path) -> Certificate:
    return self_signed(folder / "own")


def test_both_files_or_neither(certificate: Certificate):
    assert load_tls(None, None) is None
    for pair in ((certificate.certificate, None), (None, certificate.key)):
        with pytest.raises(BidroomError, match="go together"):
            load_tls(*pair)


def test_what_is_no_certificate_and_its_key_is_said_to_be_none(folder: Path, certificate: Certificate):
    other = self_signed(folder / "other")
    junk, damaged, locked = folder / "junk.pem", folder / "damaged.pem", folder / "locked.pem"
    junk.write_bytes(b"\xff\x00junk")
    damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    openssl("pkey", "-in", certificate.key, "-aes256", "-passout", "pass:secret", "-out", locked)
    wrong = {
        "No such file": (folder / "none.pem", certificate.key),
        "none.pem: No such file": (certificate.certificate, folder / "none.pem"),
        "Is a directory": (folder, certificate.key),
        "no certificate in PEM": (junk, certificate.key),
        "own/key.pem: this is no certificate in PEM": (certificate.key, certificate.certificate),
        "junk.pem: this is no private key in PEM": (certificate.certificate, junk),
        "one of them is damaged": (damaged, certificate.key),
        "not the key of the certificate": (certificate.certificate, other.key),
        "has a passphrase": (certificate.certificate, locked),
    }
    for words, (cert, key) in wrong.items():
        with pytest.raises(BidroomError, match=words):
            load_tls(cert, key)


async def serving(served: Certificate, trust: ssl.SSLContext) -> bytes:
    """What a connection to a server with a certificate brings. Raises ssl.SSLError where it isn't trusted."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    tls = load_tls(served.certificate, served.key)
    assert tls is not None
    async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls.context) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=trust)
        try:
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()


async def test_only_the_very_certificate_is_trusted(folder: Path, certificate: Certificate):
    authority = self_signed(folder / "authority", "An authority")
    one, other = signed(folder / "one", authority), signed(folder / "two", authority)
    expired = self_signed(folder / "expired", days=-1)
    chain = Certificate(folder / "chain.pem", one.key)
    chain.certificate.write_text("Größe, in words\n" + one.pem + authority.pem)
    for each in (certificate, one, expired, chain):
        tls = load_tls(each.certificate, each.key)
        assert tls is not None
        assert await serving(each, trusting(tls.certificate)) == b"hello"
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            await serving(other, trusting(tls.certificate))
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            await serving(each, ssl.create_default_context())


def test_the_note_carries_the_certificate(tmp_path: Path, certificate: Certificate):
    journal = tmp_path / "sale.db"
    with noted(journal, "https://127.0.0.1:1", certificate.pem):
        assert server_of(journal).certificate == certificate.pem
    with noted(journal, "http://127.0.0.1:1"):
        assert server_of(journal).certificate == ""


def test_what_is_wrong_is_said_before_anything_is_opened(tmp_path: Path, certificate: Certificate):
    (tmp_path / "sale.toml").write_text(SMALL_SALE)
    for options in (
        ("--tls-key", certificate.key),
        ("--tls-cert", certificate.certificate, "--tls-key", certificate.certificate),
    ):
        status, out, err = command(*BIDROOM, "serve", "sale.toml", "--plain", *options, cwd=tmp_path)
        assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["sale.toml"]


class Sale:
    """A server that speaks TLS, in a directory of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port

    def typed(self, *arguments: object, status: int = 0) -> str:
        """What a command prints; it must end with the status."""
        ended, out, err = command(*BIDROOM, *arguments, cwd=self.home)
        assert ended == status, (arguments, out, err)
        return out + err


@pytest.fixture
def sale(tmp_path: Path, certificate: Certificate) -> Iterator[Sale]:
    (tmp_path / "sale.toml").write_text(SMALL_SALE.replace("window = 0.3", "window = 60"))
    port = free_port()
    secured = ("--tls-cert", str(certificate.certificate), "--tls-key", str(certificate.key))
    serve = [sys.executable, *BIDROOM, "serve", "sale.toml", "--port", str(port), "--plain", *secured]
    with subprocess.Popen(serve, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any(line.startswith(f"Listening at https://127.0.0.1:{port}. ") for line in server.stdout)
            yield Sale(tmp_path, port)
            server.send_signal(signal.SIGTERM)
            _, err = server.communicate(timeout=PATIENCE_S)
            assert (server.returncode, err) == (0, "")
        finally:
            server.kill()


def test_commands_beside_the_journal_find_the_server(sale: Sale):
    assert json.loads((sale.home / "bidroom.db.server").read_bytes())["url"] == f"https://127.0.0.1:{sale.port}"
    assert "Done" in sale.typed("control", "announce", "Soup is ready")
    (sale.home / "guests.csv").write_text("name\nDora\n")
    assert "1 bidders are invited" in sale.typed("invite", "guests.csv", "codes.csv")
    assert f"https://127.0.0.1:{sale.port}/#code=" in (sale.home / "codes.csv").read_text("utf-8-sig")
    assert "Mug" in sale.typed("results", "bidroom.db")
    assert "whole copy" in sale.typed("backup", "bidroom.db", "copy.db")
    assert "whole" in sale.typed("verify", "copy.db")


def test_the_server_watches_itself(sale: Sale, certificate: Certificate):
    ends = time.monotonic() + PATIENCE_S
    while b"\nbidroom_connections 1.0\n" not in figures(sale, certificate):
        assert time.monotonic() < ends, "its own watcher never came in"


def figures(sale: Sale, certificate: Certificate) -> bytes:
    return b"".join(request(f"https://127.0.0.1:{sale.port}", "/metrics", certificate=certificate.pem))


def test_a_server_that_this_machine_doesn_t_trust_is_not_told_the_token(
    sale: Sale, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    monkeypatch.setenv("BIDROOM_TOKEN", "00112233445566778899aabbccddeeff")
    address = f"https://localhost:{sale.port}"
    said = sale.typed("control", "announce", "Soup", "--address", address, status=2)
    assert "CERTIFICATE_VERIFY_FAILED" in said
    assert "can't be trusted" in sale.typed("watch", f"wss://localhost:{sale.port}/ws", status=2)
    other = self_signed(folder / "stranger")
    with pytest.raises(BidroomError, match="CERTIFICATE_VERIFY_FAILED"):
        list(request(address, "/api/rooms", certificate=other.pem))


def test_who_trusts_the_certificate_comes_in_by_its_name(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    local = self_signed(folder / "localhost", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(local.certificate))
    (tmp_path / "sale.toml").write_text(SMALL_SALE)
    port = free_port()
    secured = ("--tls-cert", str(local.certificate), "--tls-key", str(local.key))
    serve = [sys.executable, *BIDROOM, "serve", "sale.toml", "--port", str(port), "--plain", *secured]
    with subprocess.Popen(serve, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any(line.startswith("Listening") for line in server.stdout)
            bot = ("bot", f"wss://localhost:{port}/ws", "--pace", "0.02", "--max", "Mug=9", "--max", "Lamp=20")
            status, out, err = command(*BIDROOM, *bot, cwd=tmp_path)
            assert (status, err) == (0, ""), out
            token = (tmp_path / "bidroom.db.tokens").read_text().split('"')[1]
            monkeypatch.setenv("BIDROOM_TOKEN", token)
            order = ("control", "announce", "Thanks", "--address", f"https://localhost:{port}/")
            status, out, err = command(*BIDROOM, *order, cwd=tmp_path)
            assert (status, err) == (0, "")
            server.terminate()
            server.communicate(timeout=PATIENCE_S)
        finally:
            server.kill()
