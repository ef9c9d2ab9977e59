"""The FFmpeg executable: where it is, and its version and encoders."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import Unavailable
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.program_end import ProgramKilled

_QUERY_SECONDS: Final = 15.0
REQUIRED_ENCODERS: Final = ("libx264", "aac", "mjpeg", "png")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an FFmpeg executable reports about itself."""

    version: str
    encoders: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Encoders that GALA requires and this FFmpeg lacks."""
        return tuple(name for name in REQUIRED_ENCODERS if name not in self.encoders)


def find_ffmpeg(chosen: Path | None) -> Path:
    """Return the operator's FFmpeg, else the wheel's, else the system's, without running it.

    Whether it runs is the question of :func:`query_capabilities`, which knows why it does not.

    Raises:
        Unavailable: it is missing.
    """
    if chosen is not None:
        if not chosen.is_file():
            raise Unavailable(f"There is no FFmpeg at {chosen}; check FFMPEG_PATH.")
        return chosen.resolve()
    found = _wheels_ffmpeg() or shutil.which("ffmpeg")
    if found is None:
        raise Unavailable(
            "The package imageio-ffmpeg has no FFmpeg for this machine, and none is in PATH;"
            " set FFMPEG_PATH."
        )
    return Path(found).resolve()


def _wheels_ffmpeg() -> Path | None:
    # Not its get_ffmpeg_exe(): that runs the program, and takes another one if it was killed.
    wheel = importlib.util.find_spec("imageio_ffmpeg")
    if wheel is None or wheel.origin is None:
        return None
    binaries = sorted((Path(wheel.origin).parent / "binaries").glob("ffmpeg-*"))
    return next((one for one in binaries if os.access(one, os.X_OK)), None)


async def query_capabilities(ffmpeg: FFmpeg) -> Capabilities:
    """Query the version and the encoders; raise ``Unavailable`` if FFmpeg does not run."""
    version, encoders = await asyncio.gather(
        _query(ffmpeg, "-version"), _query(ffmpeg, "-encoders")
    )
    # The legend above the list has the same form, with "=" in place of a name.
    names = (line.split()[1] for line in encoders if line.startswith((" V", " A")))
    return Capabilities(version=version[0].split()[2], encoders=frozenset(names) - {"="})


async def _query(ffmpeg: FFmpeg, option: str) -> list[str]:
    lines: list[str] = []
    try:
        result = await ffmpeg.sandbox.run(
            [str(ffmpeg.executable), "-hide_banner", option],
            cwd=Path("/"),
            seconds=_QUERY_SECONDS,
            on_line=lines.append,
        )
    except (OSError, TimeoutError, ProgramKilled) as error:
        raise Unavailable(f"FFmpeg does not run: {error}") from error
    if not result.ok or not lines:
        raise Unavailable(f"FFmpeg does not run: {result.stderr.strip()[-300:]}")
    return lines
