"""How far the renderer confines its programs, as it says itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Final

import httpx
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

UNKNOWN: Final = "unknown"
LEVELS: Final = ("namespaces", "landlock", "limits", UNKNOWN)
_ASK_SECONDS: Final = 0.5
_KEPT_SECONDS: Final = 10.0


class SandboxLevel(Collector):
    """The renderer's level, asked at most every ten seconds; a collector for the metrics, too.

    Where several renderers stand behind one address, it is that of whichever answered.
    """

    def __init__(self, base_url: str):
        self._url = f"{base_url}/readyz"
        self._asking = threading.Lock()
        self._level = UNKNOWN
        self._asked_at = -_KEPT_SECONDS

    def now(self) -> str:
        """One of ``LEVELS``; ``unknown`` if the renderer does not answer in half a second."""
        with self._asking:
            if time.monotonic() - self._asked_at >= _KEPT_SECONDS:
                self._level = self._ask()
                self._asked_at = time.monotonic()
            return self._level

    def _ask(self) -> str:
        try:
            answer = httpx.get(self._url, timeout=_ASK_SECONDS, trust_env=False)
            told = answer.raise_for_status().json()["sandbox"]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return UNKNOWN
        return told if told in LEVELS else UNKNOWN

    def describe(self) -> list[Metric]:
        """Nothing in advance: registering must not ask the renderer."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One for the level in force, nought for the others."""
        gauge = GaugeMetricFamily(
            "gala_sandbox_level", "How far the renderer confines programs.", labels=["level"]
        )
        level = self.now()
        for one in LEVELS:
            gauge.add_metric([one], float(one == level))
        yield gauge
