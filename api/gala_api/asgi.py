"""The composition root of the process that answers: what granian's worker loads.

Apart from `gala_api.__main__`, so that the process that only watches over it stays small.
"""

from __future__ import annotations

from fastapi import FastAPI

from gala import log
from gala_api.app import create_app
from gala_api.settings import ApiSettings
from gala_storage import StorageSettings


def app() -> FastAPI:
    """The API with the environment's settings."""
    settings = ApiSettings()
    log.configure(service="api", level=settings.log_level, log_format=settings.log_format)
    return create_app(settings, StorageSettings())
