"""Free TCP ports of this machine."""

from __future__ import annotations

import random
import socket

# Below the ephemeral ports of Linux (from 32768) and macOS (from 49152), so that no outgoing
# connection takes a port before the server listens on it.
RANGE = range(20_000, 30_000)

_RESERVED: dict[int, socket.socket] = {}
"""Ports reserved by this process, with the UDP sockets that reserve them."""


def free_port(host: str = "127.0.0.1") -> int:
    """Return a free port and reserve it against other callers while this process lives.

    Servers with ``SO_REUSEPORT``, such as Granian's workers, would not notice a second server on
    the same port, and each would get half of the other's requests. So this process also binds the
    UDP port of the same number, which nothing else here uses, as a reservation.

    Raises:
        OSError: no port of the range is free.
    """
    for port in random.sample(RANGE, len(RANGE)):
        if port not in _RESERVED and _reserve(port, host):
            if is_free(port, host):
                return port
            _RESERVED.pop(port).close()
    raise OSError(f"no port between {RANGE.start} and {RANGE.stop - 1} is free")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return True if a server can listen on the port."""
    with socket.socket() as probe:
        # As servers do: connections that have just ended do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _reserve(port: int, host: str) -> bool:
    """Bind the UDP port until this process ends; return False if another process has it."""
    udp = socket.socket(type=socket.SOCK_DGRAM)
    try:
        udp.bind((host, port))
    except OSError:
        udp.close()
        return False
    _RESERVED[port] = udp
    return True
