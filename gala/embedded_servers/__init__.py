"""PostgreSQL and Valkey from Python wheels, for machines that have neither.

PostgreSQL listens on a Unix socket in its data folder, Valkey on a loopback port with a password
that is generated at each start. :class:`Home` is the folder that contains both by default.
"""

from __future__ import annotations

from gala.embedded_servers.home import Home
from gala.embedded_servers.postgres import Postgres
from gala.embedded_servers.process_lock import ProcessLock
from gala.embedded_servers.valkey import Valkey

__all__ = ["Home", "Postgres", "ProcessLock", "Valkey"]
