"""Free ports: no server listens on them, and no other process gets them."""

from __future__ import annotations

import socket
import subprocess
import sys

from gala.supervisor import free_port

GIVE_PORTS = """
from gala.supervisor import free_port
print(*(free_port() for _ in range(400)), flush=True)
input()
"""


def test_processes_asking_at_once_are_given_different_ports() -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GIVE_PORTS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        given = [
            port
            for process in processes
            for port in (process.stdout or sys.stdin).readline().split()
        ]
        assert len(given) == 1200
        assert len(set(given)) == 1200
    finally:
        for process in processes:
            process.communicate("\n")


def test_a_port_that_somebody_listens_on_is_not_given() -> None:
    port = free_port()
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        command = f"from gala.supervisor.ports import is_free; print(is_free({port}))"
        done = subprocess.run(
            [sys.executable, "-c", command], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "False"
