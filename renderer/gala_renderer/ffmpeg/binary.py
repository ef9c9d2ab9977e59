"""Which FFmpeg is used, and what it can do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import Unavailable
from gala_renderer.ffmpeg.runner import FFmpeg

_ASK_SECONDS: Final = 15.0
NEEDED_ENCODERS: Final = ("libx264", "aac", "mjpeg", "png")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an FFmpeg says of itself."""

    version: str
    encoders: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Encoders that GALA needs and this FFmpeg lacks."""
        return tuple(name for name in NEEDED_ENCODERS if name not in self.encoders)


def find_ffmpeg(chosen: Path | None) -> Path:
    """The operator's FFmpeg, or the one from the wheel; raises ``Unavailable`` if not there."""
    if chosen is None:
        import imageio_ffmpeg  # noqa: PLC0415 - only needed without an FFmpeg of the operator's

        chosen = Path(imageio_ffmpeg.get_ffmpeg_exe())
    if not chosen.is_file():
        raise Unavailable(f"There is no FFmpeg at {chosen}; see FFMPEG_PATH.")
    return chosen.resolve()


async def ask_abilities(ffmpeg: FFmpeg) -> Abilities:
    """Ask this FFmpeg for its version and encoders; raises ``Unavailable`` if it does not run."""
    version, encoders = await asyncio.gather(_ask(ffmpeg, "-version"), _ask(ffmpeg, "-encoders"))
    # The legend before them looks the same, but for a "=" where a name would be.
    names = (line.split()[1] for line in encoders if line.startswith((" V", " A")))
    return Abilities(version=version[0].split()[2], encoders=frozenset(names) - {"="})


async def _ask(ffmpeg: FFmpeg, question: str) -> list[str]:
    lines: list[str] = []
    try:
        finished = await ffmpeg.sandbox.run(
            [str(ffmpeg.executable), "-hide_banner", question],
            cwd=Path("/"),
            seconds=_ASK_SECONDS,
            on_line=lines.append,
        )
    except (OSError, TimeoutError) as error:
        raise Unavailable(f"FFmpeg does not run: {error}") from error
    if not finished.ok or not lines:
        raise Unavailable(f"FFmpeg does not run: {finished.stderr.strip()[-300:]}")
    return lines
