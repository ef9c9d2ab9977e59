"""Read a URL as fast as possible, completely or by ranges, and print the seconds it took.

A separate program that uses only the standard library, so that the benchmark does not slow it:
``reader.py HOST PORT PATH [FIRST-LAST …]``. All requests go over one connection.
"""

from __future__ import annotations

import re
import socket
import sys
import time

_BUFFER = bytearray(1 << 20)
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def read(connection: socket.socket, path: str, byte_range: str) -> None:
    """Read and discard one range, or everything."""
    range_header = f"Range: bytes={byte_range}\r\n" if byte_range else ""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{range_header}\r\n".encode())
    head = b""
    while _HEAD_END not in head:
        head += connection.recv(4096)
    head, _, body = head.partition(_HEAD_END)
    status = head.split(None, 2)[1]
    length = _LENGTH.search(head + b"\r\n")
    if status != (b"206" if byte_range else b"200") or length is None:
        sys.exit(f"unexpected response: {head.decode()}")
    left = int(length[1]) - len(body)
    while left:
        received = connection.recv_into(_BUFFER, min(left, len(_BUFFER)))
        if not received:
            sys.exit(f"the response ended {left} bytes early")
        left -= received


def main(host: str, port: str, path: str, *ranges: str) -> None:
    """Print the seconds from before the connection to after the last byte."""
    started = time.perf_counter()
    with socket.create_connection((host, int(port))) as connection:
        for byte_range in ranges or [""]:
            read(connection, path, byte_range)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(*sys.argv[1:])
