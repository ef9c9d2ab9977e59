"""Converts pictures to sRGB once, before anything is rendered from them.

Every type then works from the converted file and needs to know nothing about colour profiles. A
picture whose profile cannot be used is taken as sRGB, with a warning.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.errors import RenderFailed
from gala_renderer.ffmpeg.color import picture_in_srgb
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.probe.media import ColourSpace, Media, VideoStream

_PROGRAM: Final = str(Path(__file__).with_name("program.py"))
_SECONDS: Final = 120.0
"""Time limit for one picture, or one animation."""


def damaged_profile(field: str) -> str:
    """Return the warning about a profile that cannot be used."""
    return f"{field}: the colour profile is damaged and was ignored; the colours are taken as sRGB"


def not_converted(field: str) -> str:
    """Return the warning about a picture that could not be converted."""
    return f"{field}: the colours of this picture could not be converted and are taken as sRGB"


class PictureConverter:
    """Converts pictures into files in ``folder``, in the sandbox of ``ffmpeg``."""

    def __init__(self, ffmpeg: FFmpeg, folder: Path):
        self._ffmpeg = ffmpeg
        self._folder = folder

    async def convert(self, media: Media) -> Media | None:
        """Return the picture in sRGB, as a file that was written; ``None`` if that failed."""
        picture = media.picture
        if picture is None:
            return media
        target = self._folder / f"{media.path.name}.srgb"
        if picture.to_srgb == "light":
            return await self._from_light(media, picture, target)
        return await self._by_profile(media, picture, target)

    async def _by_profile(self, media: Media, picture: VideoStream, target: Path) -> Media | None:
        lines: list[str] = []
        colour = picture.colour
        command = [
            sys.executable, "-I", _PROGRAM, str(media.path), str(target),
            colour.primaries or "", colour.transfer or "",
        ]  # fmt: skip
        try:
            result = await self._ffmpeg.sandbox.run(
                command, cwd=self._folder, seconds=_SECONDS, on_line=lines.append
            )
        except (TimeoutError, RenderFailed):
            return None
        if not result.ok or not lines:
            return None
        return converted(media, picture, target, json.loads(lines[0]))

    async def _from_light(self, media: Media, picture: VideoStream, target: Path) -> Media | None:
        try:
            await self._ffmpeg.run(
                _in_sdr(media, picture, target),
                cwd=self._folder,
                limit_seconds=_SECONDS,
                media_seconds=1.0,
                report=lambda _: None,
            )
        except RenderFailed:
            return None
        found = {"width": picture.width, "height": picture.height, "alpha": picture.alpha}
        return converted(media, picture, target, found)


def _in_sdr(media: Media, picture: VideoStream, target: Path) -> tuple[str, ...]:
    shown = picture_in_srgb(user_input(media, an=None).video, picture)
    options = {"f": "image2", "update": 1, "c:v": "png", "frames:v": 1, **REPRODUCIBLE}
    return tuple(ffmpeg.output(shown, str(target), **options).get_args())


def converted(media: Media, picture: VideoStream, target: Path, found: dict[str, Any]) -> Media:
    """Return the description of the converted file."""
    if found.get("animated"):
        shown = replace(
            picture,
            codec="ffv1",
            pixel_format="bgra",
            colour=ColourSpace(matrix="gbr", full_range=True),
            digest=None,
            to_srgb=None,
        )
        return replace(media, path=target, demuxer="matroska", picture=shown, start=0.0)
    shown = VideoStream(
        **found,
        still=True,
        codec="png",
        pixel_format="rgba" if found["alpha"] else "rgb24",
        sample_aspect=picture.sample_aspect,
        colour_profile=picture.colour_profile,
    )
    return Media(path=target, demuxer="png_pipe", picture=shown)
