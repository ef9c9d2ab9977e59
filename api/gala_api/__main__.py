"""The composition root of the API process: ``python -m gala_api``."""

from __future__ import annotations

import sys

from gala.installation import importing

with importing("api"):
    from gala import log
    from gala.db.migrate import upgrade
    from gala.service_main import start
    from gala.settings import refuse_overlap
    from gala_api.auth.checks import check
    from gala_api.granian_server import serve
    from gala_api.settings import ApiSettings
    from gala_storage import StorageError, StorageRegistry, StorageSettings


def run(settings: ApiSettings, storage_settings: StorageSettings) -> None:
    """Migrate the database, then serve until stopped."""
    check(settings)
    refuse_overlap(settings.data_root, storage_settings.storage_local_root)
    _ = StorageRegistry(storage_settings).current
    upgrade(str(settings.database_url))
    config = log.dict_config(
        service="api", level=settings.log_level, log_format=settings.log_format
    )
    serve("gala_api.asgi:app", host=settings.api_host, port=settings.api_port, log_config=config)


def main() -> int:
    """Read the environment and run; report what is missing."""

    def read() -> tuple[ApiSettings, StorageSettings]:
        return ApiSettings(), StorageSettings()

    return start("api", read, run, refusals=(StorageError,))


if __name__ == "__main__":
    sys.exit(main())
