"""Requests to servers that users name. All of them go through this package's address checks."""

from __future__ import annotations

from gala.net.ssrf_guard import Guard
from gala_worker.http_fetch.content_description import describe_content
from gala_worker.http_fetch.etag_cache import Cache
from gala_worker.http_fetch.fetcher import Fetched, Fetcher, FetchLimits
from gala_worker.settings import WorkerSettings

__all__ = ["Fetched", "Fetcher", "create_cache", "create_fetcher", "describe_content"]


def create_cache(settings: WorkerSettings) -> Cache:
    """Return the cache of fetched files, shared by all workers of this machine."""
    return Cache(settings.data_root / "fetched", settings.fetch_cache_bytes)


def create_fetcher(settings: WorkerSettings) -> Fetcher:
    """Return a fetcher with the operator's limits."""
    limits = FetchLimits(max_bytes=settings.fetch_max_bytes, seconds=settings.fetch_seconds)
    return Fetcher(Guard(settings.fetch_allowed_hosts), limits, create_cache(settings))
