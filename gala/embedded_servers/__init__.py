"""A real PostgreSQL and a real Valkey from Python wheels, for a machine that has neither.

Each keeps its data in one folder and is reached over a Unix socket there: no port to clash, no
password to keep. :class:`Home` is the folder that both live in by default.
"""

from __future__ import annotations

from gala.embedded_servers.home import Home
from gala.embedded_servers.postgres import Postgres
from gala.embedded_servers.valkey import Valkey

__all__ = ["Home", "Postgres", "Valkey"]
