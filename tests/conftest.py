"""Fixtures for all tests; their modules say how to use them.

- :mod:`tests.platform.servers`: ``database_url``, ``redis_url``, ``new_database``,
  ``own_postgres``, ``own_valkey``.
- :mod:`tests.platform.stack`: ``make_stack``, the real processes, to kill and pause.
- :mod:`tests.platform.fixtures`: ``shared_stack`` with its ``image_service``, ``api_only``,
  ``media_stack`` and their clients ``api``, ``api_only_client`` and ``media``, for tests that
  harm nothing.
- :mod:`tests.support.wait`: ``wait_until(condition, timeout_seconds)``.
- :func:`gala.supervisor.free_port`: a port that nobody listens on.
"""

from __future__ import annotations

import os
import signal

from tests.platform.fixtures import (
    api,
    api_only,
    api_only_client,
    elsewhere,
    image_service,
    media,
    media_stack,
    quick_template,
    shared_stack,
)
from tests.platform.servers import (
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
from tests.platform.stack import make_stack

__all__ = [
    "api",
    "api_only",
    "api_only_client",
    "database_url",
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
