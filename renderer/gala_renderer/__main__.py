"""``python -m gala_renderer``: the renderer's composition root."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys

from granian.constants import Interfaces
from granian.server.embed import Server
from pydantic import ValidationError

from gala import log
from gala.errors import GalaError
from gala.settings import settings_errors
from gala_renderer.http.app import create_app
from gala_renderer.settings import RendererSettings
from gala_renderer.speech.espeak.engine import EspeakEngine


async def serve(settings: RendererSettings) -> None:
    """Answer until SIGTERM or SIGINT; renders under way are stopped at once.

    One process, so that whatever ends it ends the programs that it runs.
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
    asking = asyncio.create_task(_ask_for_voices(services.espeak))
    try:
        await server.serve()
    finally:
        asking.cancel()
        await services.close()


async def _ask_for_voices(espeak: EspeakEngine) -> None:
    """Once, while nobody waits for it: whoever speaks first is heard as soon as the others."""
    with contextlib.suppress(GalaError, OSError):
        # What is wrong is told to whoever wants to speak.
        await espeak.catalogue()


def main() -> None:
    """Read the settings and serve; exits with status 2 if they make no sense."""
    try:
        settings = RendererSettings()
    except ValidationError as error:
        sys.exit(settings_errors(error))
    log.configure(service="renderer", level=settings.log_level, log_format=settings.log_format)
    try:
        asyncio.run(serve(settings))
    except (GalaError, OSError) as error:
        sys.exit(f"gala-renderer: {error}")


if __name__ == "__main__":
    main()
