"""``gala demo``: all of GALA, once, from nothing and leaving nothing but its videos."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gala.cli import sample_media
from gala.cli.commands.smoke import run_smoke, run_spoken
from gala.cli.console import LogPrinter, print_status
from gala.cli.settings import MachineSettings, environment, read_settings
from gala.client import GalaClient
from gala.errors import GalaError

if TYPE_CHECKING:
    from gala.cli.local_stack import Machine

SHOWN_LINES = 60
NOBODY_ASKED: Final = {"AUTH_MODE": "none"}
"""A fresh GALA has given out no keys yet."""
SPOKEN: Final = {
    "hola": (
        "es",
        (
            "Hola, esto es GALA. Un texto y una imagen entran, y sale un vídeo hablado, con cada"
            " palabra a su tiempo. Todo en tu propio ordenador, sin nube."
        ),
    ),
    "hello-spoken": (
        "en",
        (
            "Hello, this is GALA. A text and a picture go in, and out comes a spoken video, every"
            " word right on time. All of it on your own computer, without a cloud."
        ),
    ),
}
"""The spoken videos by the name of their files: language and text."""


def demo(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the videos.")] = Path(
        "demo"
    ),
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all logs.")] = False,
) -> None:
    """Start a fresh GALA, make four videos with it, two of them spoken, and stop it."""
    from gala.cli.local_stack import Machine  # noqa: PLC0415 - needs the extra `standalone`

    log: deque[tuple[str, str]] = deque(maxlen=SHOWN_LINES)
    printer = LogPrinter()

    def keep(service: str, line: str) -> None:
        (printer if verbose else lambda *entry: log.append(entry))(service, line)

    started = time.monotonic()
    try:
        with _private_home() as home:
            private = {"gala_home": home, "api_host": "127.0.0.1"}
            settings = _with_free_ports(read_settings().model_copy(update=private))
            print_status("starting GALA …")
            alone = {**environment(), **NOBODY_ASKED}
            with Machine(settings, alone, throwaway=True, sink=keep) as machine:
                _make_videos(machine, home, out)
    except GalaError:
        for service, line in log:
            printer(service, line)
        raise
    print_status(f"four videos in {out}/, {time.monotonic() - started:.0f} s")
    typer.echo("Smoke test OK")


def _make_videos(machine: Machine, home: Path, out: Path) -> None:
    print_status(f"ready: API {machine.services.api_url}, Swagger {machine.services.swagger_url}")
    with GalaClient(machine.services.api_url) as client:
        print_status("a text on black:")
        run_smoke(client, out)
        photo, song = home / "photo.jpg", home / "song.wav"
        sample_media.paint_photo(photo)
        sample_media.play_song(song)
        print_status("the same over an uploaded photo, with an uploaded song:")
        run_smoke(client, out, stem="hello-photo", background=photo, music=song)
        picture = home / "portrait.jpg"
        sample_media.paint_photo(picture, width=1080, height=1920)
        for stem, (language, text) in SPOKEN.items():
            print_status(f"a spoken, captioned video ({language}):")
            run_spoken(client, out, stem=stem, text=text, language=language, picture=picture)


@contextmanager
def _private_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="gala-demo-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _with_free_ports(settings: MachineSettings) -> MachineSettings:
    from gala.cli.local_stack import PORT_VARIABLES  # noqa: PLC0415 - as above
    from gala.supervisor import free_port, is_free  # noqa: PLC0415

    chosen = {}
    for name in PORT_VARIABLES:
        port = getattr(settings, name)
        if not is_free(port):
            chosen[name] = free_port()
            print_status(f"port {port} is taken; {name.upper()} is {chosen[name]} for this demo")
    return settings.model_copy(update=chosen)
