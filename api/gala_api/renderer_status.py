"""What the renderer reports about itself: its sandbox level and its disk space."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gala.disk_space import DiskSpace
from gala.net.tls import tls_context

UNKNOWN: Final = "unknown"
LEVELS: Final = ("namespaces", "landlock", "limits", UNKNOWN)
_TIMEOUT_SECONDS: Final = 0.5
_CACHE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    level: str = UNKNOWN
    disk: DiskSpace | None = None
    received: bool = False


class RendererStatus(Collector):
    """The renderer's readiness report, cached for five seconds; also a collector of metrics.

    With several renderers behind one address, it is the report of the one that responded.
    """

    def __init__(self, base_url: str):
        self._url = f"{base_url}/readyz"
        self._lock = threading.Lock()
        self._report = _Report()
        self._fetched_at = -_CACHE_SECONDS

    def sandbox_level(self) -> str:
        """Return one of ``LEVELS``; ``unknown`` if the renderer does not respond in 0.5 s."""
        return self._current().level

    def disk(self) -> DiskSpace | None:
        """Return the renderer's disk space; None if it does not respond in 0.5 s."""
        return self._current().disk

    def responds(self) -> bool:
        """Return True if the renderer responds; a failure is not taken from the cache."""
        return self._current().received or self._current(max_age=0).received

    def _current(self, max_age: float = _CACHE_SECONDS) -> _Report:
        with self._lock:
            if time.monotonic() - self._fetched_at >= max_age:
                self._report = self._fetch()
                self._fetched_at = time.monotonic()
            return self._report

    def _fetch(self) -> _Report:
        import httpx  # noqa: PLC0415 - takes 0.1 s

        try:
            response = httpx.get(
                self._url, timeout=_TIMEOUT_SECONDS, trust_env=False, verify=tls_context()
            )
            body = response.raise_for_status().json()
            level = body["sandbox"]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return _Report()
        return _Report(
            level=level if level in LEVELS else UNKNOWN, disk=_disk(body.get("disk")), received=True
        )

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not query the renderer."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield 1 for the current level and 0 for the others."""
        gauge = GaugeMetricFamily(
            "gala_sandbox_level", "The sandbox level of the renderer.", labels=["level"]
        )
        level = self.sandbox_level()
        for one in LEVELS:
            gauge.add_metric([one], float(one == level))
        yield gauge


def _disk(reported: Any) -> DiskSpace | None:
    """Return the disk space in a report; None if there is none, as from earlier releases."""
    try:
        return DiskSpace(
            variable=str(reported["variable"]),
            free_bytes=int(reported["free_bytes"]),
            needed_bytes=int(reported["needed_bytes"]),
        )
    except (LookupError, TypeError, ValueError):
        return None
