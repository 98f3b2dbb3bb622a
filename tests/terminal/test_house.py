"""The house as others find it."""

import subprocess
import sys
from pathlib import Path

from bidroom.terminal.house import public_addresses
from tests.front_door import BIDROOM, PATIENCE_S, SMALL_SALE, TSERVER, command, free_port


def test_only_a_server_for_everyone_has_addresses_to_tell() -> None:
    assert public_addresses("localhost", 12345) == []
    assert public_addresses("192.168.1.20", 12345) == []
    everyone = public_addresses("0.0.0.0", 12400)
    assert all(address.endswith(":12400") and not address.startswith("127.") for address in everyone)


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
