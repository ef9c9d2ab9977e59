"""The sandbox level of the renderer, as reported by its readiness check."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

UNKNOWN: Final = "unknown"
LEVELS: Final = ("namespaces", "landlock", "limits", UNKNOWN)
_TIMEOUT_SECONDS: Final = 0.5
_CACHE_SECONDS: Final = 10.0


class SandboxLevelMetric(Collector):
    """The renderer's sandbox level, cached for ten seconds; also a collector of metrics.

    With several renderers behind one address, it is the level of the one that responded.
    """

    def __init__(self, base_url: str):
        self._url = f"{base_url}/readyz"
        self._lock = threading.Lock()
        self._level = UNKNOWN
        self._fetched_at = -_CACHE_SECONDS

    def current(self) -> str:
        """Return one of ``LEVELS``; ``unknown`` if the renderer does not respond in 0.5 s."""
        with self._lock:
            if time.monotonic() - self._fetched_at >= _CACHE_SECONDS:
                self._level = self._fetch()
                self._fetched_at = time.monotonic()
            return self._level

    def _fetch(self) -> str:
        import httpx  # noqa: PLC0415 - takes 0.1 s

        try:
            response = httpx.get(self._url, timeout=_TIMEOUT_SECONDS, trust_env=False)
            level = response.raise_for_status().json()["sandbox"]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return UNKNOWN
        return level if level in LEVELS else UNKNOWN

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not query the renderer."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield 1 for the current level and 0 for the others."""
        gauge = GaugeMetricFamily(
            "gala_sandbox_level", "The sandbox level of the renderer.", labels=["level"]
        )
        level = self.current()
        for one in LEVELS:
            gauge.add_metric([one], float(one == level))
        yield gauge
