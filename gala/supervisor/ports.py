"""TCP ports of this machine."""

from __future__ import annotations

import random
import socket

# Below the range from which Linux and macOS give ports to outgoing connections (32768 and
# 49152 up), so that no connection takes a port between the asking and the listening.
RANGE = range(20_000, 30_000)

_RESERVED: dict[int, socket.socket] = {}
"""Ports this process was given, with what keeps other processes from them."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on, and that no other asker gets while this process lives.

    Servers that share a port (``SO_REUSEPORT``, as Granian's workers do) would not notice that
    a second one listens there, and each would get half of the other's requests. So the port is
    reserved: its UDP namesake, which nothing here uses, is held by this process.

    Raises:
        OSError: every port of the range is taken.
    """
    for port in random.sample(RANGE, len(RANGE)):
        if port not in _RESERVED and _reserve(port, host):
            if is_free(port, host):
                return port
            _RESERVED.pop(port).close()
    raise OSError(f"no port between {RANGE.start} and {RANGE.stop - 1} is free")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on that port."""
    with socket.socket() as probe:
        # As servers do: connections that just ended do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _reserve(port: int, host: str) -> bool:
    """Take the UDP port of that number until this process ends; false when another has it."""
    token = socket.socket(type=socket.SOCK_DGRAM)
    try:
        token.bind((host, port))
    except OSError:
        token.close()
        return False
    _RESERVED[port] = token
    return True
