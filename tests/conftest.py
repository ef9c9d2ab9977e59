"""Fixtures for all tests; their modules say how to use them.

- :mod:`tests.support.servers`: ``database_url``, ``redis_url``, ``new_database``,
  ``own_postgres``, ``own_valkey``.
- :mod:`tests.support.stack`: ``make_stack``, the real processes, to kill and pause.
- :mod:`tests.support.shared`: ``shared_stack`` with its ``image_service``, ``api_only``, and
  their clients ``api`` and ``door``, for tests that harm nothing.
- :mod:`tests.support.media_server`: ``media_stack`` with its client ``media``, and ``elsewhere``.
- :mod:`tests.support.waiting`: ``wait_until(condition, timeout_seconds)``.
- :func:`gala.supervisor.free_port`: a port that nobody listens on.
"""

from __future__ import annotations

import os
import signal

from tests.support.media_server import elsewhere, media, media_stack
from tests.support.servers import (
    database_url,
    new_database,
    own_folder,
    own_postgres,
    own_valkey,
    postgres_server,
    redis_url,
    servers_folder,
    valkey_server,
)
from tests.support.shared import (
    api,
    api_only,
    door,
    image_service,
    quick_template,
    shared_stack,
)
from tests.support.stack import make_stack

__all__ = [
    "api",
    "api_only",
    "database_url",
    "door",
    "elsewhere",
    "image_service",
    "make_stack",
    "media",
    "media_stack",
    "new_database",
    "own_folder",
    "own_postgres",
    "own_valkey",
    "postgres_server",
    "quick_template",
    "redis_url",
    "servers_folder",
    "shared_stack",
    "valkey_server",
]


def pytest_configure() -> None:
    """Whoever runs the tests in the background had SIGINT ignored; programs under test hear it.

    Tests share the cores: a thread that waits must not spin.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Read when torch is imported; the renderer's own processes are told the same.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
