"""The fonts of the renderer, its pace, and whether it draws pages in HTML, as it reports them."""

from __future__ import annotations

import threading
import time
from typing import Final

from gala.net.tls import tls_context
from gala.renderer_features import RendererFeatures

_CACHE_SECONDS: Final = 10.0
_TIMEOUT_SECONDS: Final = 0.5


class RendererFeatureCache:
    """The renderer's report, cached for ten seconds. Safe to use in several threads."""

    def __init__(self, base_url: str):
        self._url = f"{base_url}/fonts"
        self._lock = threading.Lock()
        self._features: RendererFeatures | None = None
        self._fetched_at = float("-inf")

    def current(self) -> RendererFeatures | None:
        """Return the report; None if the renderer does not answer in half a second."""
        with self._lock:
            if time.monotonic() - self._fetched_at >= _CACHE_SECONDS:
                self._features = self._fetch()
                self._fetched_at = time.monotonic()
            return self._features

    def _fetch(self) -> RendererFeatures | None:
        import httpx  # noqa: PLC0415 - takes 0.1 s

        try:
            response = httpx.get(
                self._url, timeout=_TIMEOUT_SECONDS, trust_env=False, verify=tls_context()
            )
            body = response.raise_for_status().json()
            problem = body.get("html_problem")
            return RendererFeatures(
                fonts=tuple(map(str, body["fonts"])),
                html_problem=None if problem is None else str(problem),
                characters=tuple(map(int, body.get("characters", ()))),
                film_pace=float(body.get("film_pace", 1.0)),
            )
        except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError):
            return None
