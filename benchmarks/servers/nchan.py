"""nginx with nchan: publisher and subscribers of one channel over WebSockets, in memory, in one worker."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import SERVER_CORE, find, running
from benchmarks.servers import Running
from benchmarks.servers.ports import free_port, until_open

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

CONFIGURATION = """\
load_module {module};
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /publish {{
            nchan_publisher websocket;
            nchan_channel_id room;
        }}
        location = /watch {{
            nchan_subscriber websocket;
            nchan_channel_id room;
            nchan_subscriber_first_message newest;
        }}
    }}
}}
"""


class Nchan:
    """nginx as it comes, with the two places that nchan's page begins with."""

    name = "nginx + nchan"

    def __init__(self, update: str) -> None:
        self._update = update

    def missing(self) -> str:
        if _program() and MODULE.exists():
            return ""
        return "nginx with nchan is not installed: sudo sh benchmarks/setup.sh (or apt-get install libnginx-mod-nchan)"

    def version(self) -> str:
        said = subprocess.run([_program() or "", "-v"], capture_output=True, text=True, check=True).stderr
        package = ["dpkg-query", "-W", "-f=${Version}", "libnginx-mod-nchan"]
        nchan = subprocess.run(package, capture_output=True, text=True, check=False).stdout
        return f"nginx {said.rpartition('/')[2].strip()} with nchan {re.sub(r'^[0-9]+:|[+-].*', '', nchan) or '?'}"

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        port, file, log = free_port(), directory / "nginx.conf", directory / "nginx.log"
        user = "user root;" if os.geteuid() == 0 else ""
        file.write_text(CONFIGURATION.format(module=MODULE, user=user, directory=directory, port=port))
        command = [_program() or "", "-p", str(directory), "-c", str(file), "-e", str(log)]
        with running(command, SERVER_CORE, directory / "nginx.err") as process:
            until_open(port, process, log)
            yield Running(port, process.pid, ("--protocol", "nchan", "--update", self._update), lambda: 0)


def _program() -> str | None:
    return find("nginx", "/usr/sbin")
