"""A Postgres that disappears without closing connections is noticed soon."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from gala.db.engine import make_engine
from tests.support.wait import wait_until


def options_towards(port: int) -> Iterator[tuple[int, int]]:
    for entry in Path("/proc/self/fd").iterdir():
        try:
            with socket.socket(fileno=os.dup(int(entry.name))) as own:
                if own.getpeername()[1:] == (port,):
                    yield (
                        own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                        own.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
                    )
        except OSError:
            continue


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_connections_to_a_vanished_postgres_break_within_half_a_minute() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        engine = make_engine(f"postgresql://gala@127.0.0.1:{port}/gala", name="test")

        def connect() -> None:
            with pytest.raises(OperationalError):
                engine.connect()

        waiting = threading.Thread(target=connect)
        waiting.start()
        with closing(silent.accept()[0]):
            found = wait_until(lambda: list(options_towards(port)), 10)
        waiting.join()
    assert found == [(10, 20_000)]
