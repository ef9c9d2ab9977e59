"""``python -m gala_renderer``: the renderer's composition root."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from importlib import import_module

from gala.installation import importing

with importing("renderer"):
    from granian.constants import Interfaces
    from granian.server.embed import Server
    from pydantic import ValidationError

    from gala import log
    from gala.errors import GalaError
    from gala.settings import report_settings_errors
    from gala_renderer.http.app import create_app
    from gala_renderer.settings import RendererSettings
    from gala_renderer.speech.espeak.engine import EspeakEngine
    from gala_renderer.temporary_files import temporary_folder


async def serve(settings: RendererSettings) -> None:
    """Serve requests until SIGTERM or SIGINT, which stops renders in progress at once.

    There is only one process, so that the kernel ends all programs with it.
    """
    app = create_app(settings)
    server = Server(
        app,
        address=settings.renderer_host,
        port=settings.renderer_port,
        interface=Interfaces.ASGI,
        log_dictconfig={"handlers": {}, "formatters": {}, "loggers": {}},
    )

    def stop() -> None:
        app.state.engine.close()
        server.stop()  # type: ignore[no-untyped-call]

    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop)
    services = app.state.engine.services
    loading = asyncio.create_task(_preload_speech(services.espeak))
    try:
        await server.serve()
    finally:
        loading.cancel()
        await services.close()


async def _preload_speech(espeak: EspeakEngine) -> None:
    """Load what speech requests need at start-up, so that the first one does not wait for it."""
    await asyncio.to_thread(import_module, "gala_renderer.speech.streaming")
    with contextlib.suppress(GalaError, OSError):
        # The first speech request reports the error.
        await espeak.catalogue()


def main() -> None:
    """Read the settings and serve; exit with an error message if the settings are invalid."""
    try:
        settings = RendererSettings()
    except ValidationError as error:
        report_settings_errors("renderer", error)
        sys.exit(1)
    log.configure(service="renderer", level=settings.log_level, log_format=settings.log_format)
    try:
        with temporary_folder():
            asyncio.run(serve(settings))
    except (GalaError, OSError) as error:
        logging.getLogger("gala_renderer").critical("%s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
