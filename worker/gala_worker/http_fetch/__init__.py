"""Talks to servers that users name: only here, and only the guarded way."""

from __future__ import annotations

from gala.net.ssrf_guard import Guard
from gala_worker.http_fetch.content_description import described
from gala_worker.http_fetch.etag_cache import Cache
from gala_worker.http_fetch.fetcher import Fetched, Fetcher, Limits
from gala_worker.settings import WorkerSettings

__all__ = ["Fetched", "Fetcher", "cache_of", "described", "fetcher_of"]


def cache_of(settings: WorkerSettings) -> Cache:
    """What this machine's workers keep of what they fetched."""
    return Cache(settings.data_root / "fetched", settings.fetch_cache_bytes)


def fetcher_of(settings: WorkerSettings) -> Fetcher:
    """A fetcher within the operator's limits."""
    limits = Limits(max_bytes=settings.fetch_max_bytes, seconds=settings.fetch_seconds)
    return Fetcher(Guard(settings.fetch_allowed_hosts), limits, cache_of(settings))
