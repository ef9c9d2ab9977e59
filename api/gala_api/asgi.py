"""The composition root of granian's worker process, which serves the API.

Separate from `gala_api.__main__`, so that granian's supervising process stays small.
"""

from __future__ import annotations

from gala.installation import importing

with importing("api"):
    from fastapi import FastAPI

    from gala import log
    from gala_api.app import create_app
    from gala_api.settings import ApiSettings
    from gala_storage import StorageSettings


def app() -> FastAPI:
    """Return the API, configured by the environment."""
    settings = ApiSettings()
    log.configure(service="api", level=settings.log_level, log_format=settings.log_format)
    return create_app(settings, StorageSettings())
