"""The house as others find it."""

import subprocess
import sys
from pathlib import Path

import pytest

from bidroom.errors import BidroomError
from bidroom.terminal.house import HouseOrder, allowed_names, client_address, picture_folder
from tests.front_door import BIDROOM, PATIENCE_S, SMALL_SALE, TSERVER, command, free_port


def test_the_port_that_clients_take_for_granted_need_not_be_typed() -> None:
    assert client_address("192.168.1.20", 12345) == "192.168.1.20"
    assert client_address("192.168.1.20", 12400) == "192.168.1.20:12400"


def test_pictures_are_beside_the_catalogue_or_the_journal_or_where_it_is_said(tmp_path: Path) -> None:
    for name in ("sale", "journal", "elsewhere"):
        (tmp_path / name).mkdir()
    sale, journal, elsewhere = tmp_path / "sale/a.toml", tmp_path / "journal/a.db", tmp_path / "elsewhere"
    catalogues = (sale, journal.with_name("b.toml"))
    assert picture_folder(HouseOrder(catalogues=catalogues, journal=journal)) is None
    for path in (sale, journal):
        path.with_name("pictures").mkdir()
    assert picture_folder(HouseOrder(catalogues=catalogues, journal=journal)) == sale.with_name("pictures")
    assert picture_folder(HouseOrder(journal=journal)) == journal.with_name("pictures")
    order = HouseOrder(catalogues=catalogues, journal=journal, pictures=elsewhere)
    assert picture_folder(order) == elsewhere
    with pytest.raises(BidroomError, match="no such folder"):
        picture_folder(HouseOrder(pictures=tmp_path / "nowhere"))


def test_a_name_that_the_server_goes_by_may_be_spelt_in_any_way() -> None:
    given = ("Sale.Example.org", "MÜNCHEN.example", "xn--bcher-kva.example", "203.0.113.5", "FD00::7")
    told = ("sale.example.org", "münchen.example", "bücher.example", "203.0.113.5", "fd00::7")
    assert allowed_names(HouseOrder(allow_hosts=given)) == told
    for wrong in ("", "a b", "sale.example.org:80", "https://sale.example.org", "sale.example.org/", "[::7]", "u@h"):
        with pytest.raises(BidroomError, match="the name alone"):
            allowed_names(HouseOrder(allow_hosts=(wrong,)))


def test_a_server_whose_disk_is_full_says_why_and_ends_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "many.toml").write_text(SMALL_SALE.replace("units = 2", "units = 1000"))
    port = free_port()
    serve = [sys.executable, TSERVER, "many.toml", "--port", str(port), "--plain"]
    full = ["bash", "-c", 'ulimit -f 64; exec "$@"', "bash", *serve]  # no file may grow beyond 64 KiB
    with subprocess.Popen(full, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any(line.startswith("Listening") for line in server.stdout)
            bots = [sys.executable, *BIDROOM, "bot", f"localhost:{port}", "--count", "4", "--pace", "0.02"]
            with subprocess.Popen([*bots, "--max", "mug=90"], stdout=subprocess.DEVNULL) as bidding:
                _, err = server.communicate(timeout=PATIENCE_S)
                bidding.terminate()
        finally:
            server.kill()
    assert server.returncode == 1
    assert "The server can't go on: bidroom.db: the journal could not be recovered" in err
    assert "Traceback" not in err
    assert command(*BIDROOM, "verify", "bidroom.db", cwd=tmp_path)[0] == 0
