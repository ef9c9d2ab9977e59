"""The API inside the test process, for tests that need no API process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from gala_api.app import create_app
from gala_api.settings import ApiSettings
from gala_storage import StorageSettings


def app_on(
    database_url: str, redis_url: str, root: Path, storage: Path | None = None, **settings: Any
) -> FastAPI:
    """Return the API on that database, with its files under ``root`` and objects in ``storage``."""
    told = {
        "database_url": database_url,
        "redis_url": redis_url,
        "data_root": root,
        # As for the processes of a stack: tests send many requests.
        "rate_limit": "off",
        "rate_limit_unauthenticated": "off",
        **settings,
    }
    kept = StorageSettings(storage_local_root=storage or root / "storage")
    return create_app(ApiSettings.model_validate(told), kept)
