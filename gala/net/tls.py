"""The certificates that all HTTP clients of a process verify servers with."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the context for ``verify`` of httpx, made once per process.

    A client without it loads the certificates of all authorities, which takes 30 ms of CPU, also
    if it only ever connects to ``http://``.
    """
    import httpx  # noqa: PLC0415 - takes 0.1 s, and not every process has clients

    return httpx.create_ssl_context()
