"""``gala demo``: starts a fresh GALA, makes videos with it, and removes everything else."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.console import print_status
from gala.cli.default_voice import install_voice
from gala.cli.demo_videos import DemoStudio, DemoVideo
from gala.cli.face_models import install_face_models
from gala.cli.missing_packages import require_standalone
from gala.cli.progress import ShowProgress, no_progress, part_of, progress_bar
from gala.cli.rendering.options import frame
from gala.cli.settings import MachineSettings, environment, read_settings
from gala.cli.stack_log import ConsoleStackLog
from gala.client import GalaClient
from gala.errors import GalaError
from gala.settings import weights_folder

SHOWN_LOG_LINES = 60
NO_AUTHENTICATION: Final = {"AUTH_MODE": "none"}
"""A fresh GALA has no API keys yet."""
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
    """Start a fresh GALA, make six videos with it, two of them with presenters, and stop it.

    The first time, it downloads the voice Kokoro (120 MB; GALA_VOICE=espeak-ng leaves that out) and
    the models that find faces (4 MB; GALA_FACES=false leaves these and the portrait out).
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
    faces = install_face_models(usual, say=print_status)
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
                with stack, GalaClient(stack.services.api_url) as client:
                    print_status(
                        f"ready: API {stack.services.api_url}, Swagger {stack.services.swagger_url}"
                    )
                    videos = list(DemoStudio(client, home, out, frame_format).videos(faces=faces))
                    _make_videos(videos, show)
                    show("stopping", None)
    except GalaError:
        for service, line in log:
            printer(service, line)
        raise
    print_status(f"{len(videos)} videos in {out}/, {time.monotonic() - started:.0f} s")
    typer.echo("Smoke test OK")


def _make_videos(videos: Sequence[DemoVideo], show: ShowProgress) -> None:
    # The first part is the start of GALA.
    for number, video in enumerate(videos, start=1):
        print_status(f"{video.title}:")
        video.make(part_of(show, number, 1 + len(videos)))


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
