"""nginx, as the reference for answers to plain requests."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gala.supervisor import free_port
from tests.fakes.servers import running, wait_for_http

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    sendfile on;
    server {{
        listen 127.0.0.1:{port};
        root {root};
    }}
}}
"""


def nginx_command() -> str | None:
    """Return the path of nginx, or None if it is not installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def nginx(root: Path, folder: Path) -> Iterator[str]:
    """Serve the files under ``root``; ``folder`` is for nginx's own files. Yield the base URL."""
    command = nginx_command()
    assert command is not None
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, root=root, port=port))
    # Started by root, nginx drops its privileges and could not enter a private folder.
    user = ["-g", "user root;"] if subprocess.getoutput("id -u") == "0" else []
    with running([command, "-p", str(folder), "-c", str(configuration), *user]) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for_http(url, process)
        yield url
