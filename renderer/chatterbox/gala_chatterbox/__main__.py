"""``python -m gala_chatterbox`` serves; ``python -m gala_chatterbox pull <folder>`` downloads.

Settings from the environment: ``CHATTERBOX_HOST`` (127.0.0.1), ``CHATTERBOX_PORT`` (9010),
``CHATTERBOX_WEIGHTS`` (a folder; without it the Hugging Face cache, filled at the first request),
``CHATTERBOX_DEVICE`` (auto, cuda, mps or cpu), ``CHATTERBOX_ALLOWED_HOSTS`` (chatterbox: its host
names besides those of this machine, separated by commas; requests to others are rejected).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from gala_chatterbox.app import create_app
from gala_renderer.speech.chatterbox.weights import load, pull


def main(arguments: list[str]) -> None:
    """Serve, or download the weights."""
    if arguments[:1] == ["pull"] and len(arguments) == 2:
        pull(Path(arguments[1]))
        return
    if arguments:
        sys.exit("usage: python -m gala_chatterbox [pull FOLDER]")
    weights = os.environ.get("CHATTERBOX_WEIGHTS")
    device = os.environ.get("CHATTERBOX_DEVICE") or "auto"
    hosts = (os.environ.get("CHATTERBOX_ALLOWED_HOSTS") or "chatterbox").split(",")
    server = Server(
        create_app(
            partial(load, Path(weights) if weights else None, device),
            allowed_hosts=[name.strip() for name in hosts],
        ),
        address=os.environ.get("CHATTERBOX_HOST") or "127.0.0.1",
        port=int(os.environ.get("CHATTERBOX_PORT") or 9010),
        interface=Interfaces.ASGI,
    )
    asyncio.run(_serve(server))


async def _serve(server: Server) -> None:
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, server.stop)
    await server.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
