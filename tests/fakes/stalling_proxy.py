"""A TCP proxy that can stall: it then accepts connections and never answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class StallingProxy:
    """Forwards connections to a server of this machine, except while ``stalled`` is set."""

    def __init__(self, target_port: int):
        self.stalled = threading.Event()
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """The port on which it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def close(self) -> None:
        """End all connections."""
        for one in (self._listener, *self._open):
            # Wakes the thread that waits on it; closing alone does not.
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                if not self.stalled.is_set():
                    self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        server = socket.create_connection(self._target)
        self._open.append(server)
        for ends in ((client, server), (server, client)):
            threading.Thread(target=self._forward, args=ends, daemon=True).start()

    def _forward(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self.stalled.is_set():
                    to.sendall(data)
            to.shutdown(socket.SHUT_RDWR)


@contextmanager
def stalling_proxy(target_port: int) -> Iterator[StallingProxy]:
    """Run a proxy to that port."""
    proxy = StallingProxy(target_port)
    try:
        yield proxy
    finally:
        proxy.close()
