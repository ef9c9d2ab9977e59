"""What a hostile program must not reach: servers that count connections, and secrets."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

CANARY = "canary-in-the-renderers-environment"


@dataclass(frozen=True)
class Outside:
    """Facts about the machine for a hostile program, so that it need not search."""

    known: Mapping[str, str]
    listening: tuple[socket.socket, ...]
    forbidden: tuple[Path, ...]
    called: int = 0

    def callers(self) -> int:
        """The number of connections and datagrams received."""
        return sum(_calls(server) for server in self.listening)

    def touched(self) -> list[Path]:
        """Files that it left in places that should be out of its reach."""
        return [folder / "hostile" for folder in self.forbidden if (folder / "hostile").exists()]


@contextmanager
def outside(data_root: Path, folder: Path, *, renderer: int) -> Iterator[Outside]:
    """Set up canaries around a renderer whose process is ``renderer``."""
    folder.chmod(0o755)
    neighbour = data_root / "jobs" / "job_neighbour" / "1"
    (neighbour / "out").mkdir(parents=True)
    secret = neighbour / "out" / "film.mp4"
    secret.write_text("another one's film")
    abstract = f"gala-canary-{os.getpid()}"
    path = folder / "s"
    with ExitStack() as stack:
        tcp = stack.enter_context(_server(socket.AF_INET, ("127.0.0.1", 0)))
        udp = stack.enter_context(_server(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM))
        unix = stack.enter_context(_server(socket.AF_UNIX, str(path)))
        hidden = stack.enter_context(_server(socket.AF_UNIX, "\0" + abstract))
        path.chmod(0o777)
        forbidden = (neighbour / "out", data_root, data_root / "jobs", folder, Path.home())
        known = {
            "tcp_port": str(tcp.getsockname()[1]),
            "udp_port": str(udp.getsockname()[1]),
            "unix_path": str(path),
            "abstract_name": abstract,
            "secret": str(secret),
            "jobs": str(data_root / "jobs"),
            "canary": CANARY,
            "renderer": str(renderer),
            "outside": ":".join(map(str, forbidden)),
        }
        yield Outside(known, (tcp, udp, unix, hidden), forbidden)


@contextmanager
def _server(
    family: socket.AddressFamily,
    address: str | tuple[str, int],
    kind: socket.SocketKind = socket.SOCK_STREAM,
) -> Iterator[socket.socket]:
    with socket.socket(family, kind) as server:
        server.bind(address)
        if kind is socket.SOCK_STREAM:
            server.listen()
        server.setblocking(False)
        yield server


def _calls(server: socket.socket) -> int:
    count = 0
    try:
        while True:
            if server.type is socket.SOCK_STREAM:
                server.accept()[0].close()
            else:
                server.recv(100)
            count += 1
    except BlockingIOError:
        return count
