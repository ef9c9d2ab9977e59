"""``gala demo``: starts a fresh GALA, makes videos with it, and removes everything else."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gala.cli import sample_media
from gala.cli.commands.smoke import run_smoke, run_spoken
from gala.cli.console import print_status
from gala.cli.default_voice import install_voice
from gala.cli.missing_packages import require_standalone
from gala.cli.progress import ShowProgress, no_progress, part_of, progress_bar
from gala.cli.rendering.options import frame
from gala.cli.settings import MachineSettings, environment, read_settings
from gala.cli.stack_log import ConsoleStackLog
from gala.client import GalaClient
from gala.errors import GalaError
from gala.media import Format
from gala.settings import weights_folder

if TYPE_CHECKING:
    from gala.cli.local_stack import LocalStack

SHOWN_LOG_LINES = 60
NO_AUTHENTICATION: Final = {"AUTH_MODE": "none"}
"""A fresh GALA has no API keys yet."""
SPOKEN: Final = {
    "hola": (
        "es",
        (
            "Hola, esto es GALA. Un texto y una imagen entran, y sale un vídeo hablado, con cada"
            " palabra en su momento. Todo en tu propio ordenador, sin nube."
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
"""Language and text of the spoken videos, by file name."""

STEPS: Final = 5
"""The start of GALA, and four videos."""

DemoSize = Annotated[
    str | None,
    typer.Option("--size", metavar="WIDTHxHEIGHT", hidden=True, help="Frame size, for tests."),
]
DemoFps = Annotated[
    int | None, typer.Option("--fps", hidden=True, help="Frames per second, for tests.")
]


def demo(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the videos.")] = Path(
        "demo"
    ),
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all logs.")] = False,
    size: DemoSize = None,
    fps: DemoFps = None,
) -> None:
    """Start a fresh GALA, make four videos with it (two of them spoken), and stop it.

    The first time, it downloads the voice Kokoro (120 MB); GALA_VOICE=espeak-ng leaves that out.
    """
    usual = read_settings()
    require_standalone("gala demo", usual)
    from gala.cli.local_stack import LocalStack  # noqa: PLC0415 - needs the extra `standalone`

    log: deque[tuple[str, str]] = deque(maxlen=SHOWN_LOG_LINES)
    printer = ConsoleStackLog()

    def show_or_keep(service: str, line: str) -> None:
        (printer if verbose else lambda *entry: log.append(entry))(service, line)

    frame_format = frame(None, size, fps)
    started = time.monotonic()
    install_voice(usual, say=print_status)
    # Kept between demos, unlike their homes.
    weights = weights_folder(usual.gala_weights_dir, usual.gala_home).absolute()
    try:
        with _private_home() as home:
            private = {"gala_home": home, "api_host": "127.0.0.1"}
            settings = _with_free_ports(usual.model_copy(update=private))
            print_status("starting GALA …")
            variables = {
                **environment(),
                **NO_AUTHENTICATION,
                "GALA_WEIGHTS_DIR": str(weights),
            }
            stack = LocalStack(settings, variables, throwaway=True, sink=show_or_keep)
            # The logs are printed to standard output, which would break the bar.
            with nullcontext(no_progress) if verbose else progress_bar() as show:
                show("starting", 0.0)
                with stack:
                    _make_videos(stack, home, out, frame_format, show)
                    show("stopping", None)
    except GalaError:
        for service, line in log:
            printer(service, line)
        raise
    print_status(f"four videos in {out}/, {time.monotonic() - started:.0f} s")
    typer.echo("Smoke test OK")


def _make_videos(
    stack: LocalStack, home: Path, out: Path, frame_format: Format | None, show: ShowProgress
) -> None:
    parts = [part_of(show, number, STEPS) for number in range(1, STEPS)]
    print_status(f"ready: API {stack.services.api_url}, Swagger {stack.services.swagger_url}")
    with GalaClient(stack.services.api_url) as client:
        print_status("a text on a black background:")
        run_smoke(client, out, frame=frame_format, show=parts[0])
        photo, song = home / "photo.jpg", home / "song.wav"
        sample_media.paint_photo(photo)
        sample_media.play_song(song)
        print_status("the same text on an uploaded photo, with an uploaded song:")
        run_smoke(
            client,
            out,
            stem="hello-photo",
            background=photo,
            music=song,
            frame=frame_format,
            show=parts[1],
        )
        picture = home / "portrait.jpg"
        sample_media.paint_photo(picture, width=1080, height=1920)
        for (stem, (language, text)), part in zip(SPOKEN.items(), parts[2:], strict=True):
            print_status(f"a spoken, captioned video ({language}):")
            run_spoken(
                client,
                out,
                stem=stem,
                text=text,
                language=language,
                picture=picture,
                frame=frame_format,
                show=part,
            )


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

    replaced = {}
    for name in PORT_VARIABLES:
        port = getattr(settings, name)
        if not is_free(port):
            replaced[name] = free_port()
            print_status(f"port {port} is in use; this demo uses {replaced[name]} ({name.upper()})")
    return settings.model_copy(update=replaced)
