"""Has one portrait animated by the operator's service, and checks the video that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg

from gala.render_types.params.presenters import PresenterBackground
from gala_renderer.avatars.bodies import BodySpec, ClipSpec, PortraitSpec
from gala_renderer.avatars.driving.clip_check import checked_clip
from gala_renderer.avatars.driving.service import AnimationRequest, AvatarService
from gala_renderer.avatars.preparation import face_of
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Canvas, Report
from gala_renderer.ffmpeg.color import normalise_colour, opaque
from gala_renderer.ffmpeg.encoder_options import BT709, MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.ffmpeg.video_source import even
from gala_renderer.probe.media import Media

_LARGEST_SIDE: Final = 1920
_SECONDS: Final = 120.0
_SENDING_SHARE: Final = 0.9
_IDLE_SECONDS: Final = 20.0
"""The part of a video that the service gets, which it repeats as often as it needs."""
_PICTURE: Final = {"f": "image2", "update": 1, "c:v": "png", "pix_fmt": "rgb24", "frames:v": 1}
_IDLE: Final = {
    **MP4,
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": 16,
    "pix_fmt": "yuv420p",
    "t": _IDLE_SECONDS,
    **BT709,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """A portrait, or a person at rest in a video, that the service is to animate."""

    portrait: PortraitSpec
    face: int
    """The number of its face, counted from 1."""
    picture: Media
    color: str
    """Behind a picture that has transparent parts."""
    audio: Path
    """A WAV file, mono, 16 kHz, as long as the canvas."""
    canvas: Canvas
    name: str
    """Tells the files of this animation from those of others."""

    async def made(self, context: RenderContext, report: Report) -> ClipSpec:
        """Return the body that shows the service's video.

        Raise a ``GalaError`` that says why the service cannot be used, or what it sent.
        """
        width, height = _size(self.picture)
        is_idle = not self.picture.require_picture("inputs.portrait_asset_ids").still
        request = AnimationRequest(
            shown=await self._sent(context, width, height, is_idle=is_idle),
            is_idle=is_idle,
            audio=self.audio,
            width=width,
            height=height,
            fps=self.canvas.fps,
        )
        sent = await AvatarService(context.services.settings).animate(
            request,
            f"animated-{self.name}",
            context.scratch,
            lambda part: report(part * _SENDING_SHARE),
        )
        face = face_of(self.portrait, self.face).placed(width, height)
        return await checked_clip(context, sent, request, self.canvas, face)

    async def _sent(
        self, context: RenderContext, width: int, height: int, *, is_idle: bool
    ) -> Path:
        """Write what the service gets, at that size: a PNG, or the first seconds as a video."""
        suffix = "mp4" if is_idle else "png"
        target = context.scratch / f"portrait-{self.name}.{suffix}"
        found = self.picture.require_picture("inputs.portrait_asset_ids")
        given = user_input(self.picture, an=None).video
        shown = normalise_colour(given, found) if is_idle else opaque(given, found, self.color)
        scaled = shown.filter("scale", w=width, h=height, flags="area+accurate_rnd")
        if is_idle:
            scaled = scaled.filter("fps", self.canvas.fps)
        options = _IDLE if is_idle else _PICTURE
        await context.ffmpeg.run(
            tuple(ffmpeg.output(scaled, str(target), **options, **REPRODUCIBLE).get_args()),
            cwd=context.scratch,
            limit_seconds=_SECONDS,
            media_seconds=_IDLE_SECONDS if is_idle else 1.0,
            report=lambda _: None,
        )
        return target


def unsuited(body: BodySpec, background: PresenterBackground) -> str | None:
    """Return why the service cannot be used for a body, or None if it can."""
    if not isinstance(body, PortraitSpec):
        return "the service animates portraits only"
    if background is not PresenterBackground.KEEP:
        return "the service shows portraits only before their own background (background: keep)"
    return None


def _size(media: Media) -> tuple[int, int]:
    """Return the picture's size in square pixels, even, and smaller if it is very large."""
    picture = media.require_picture("inputs.portrait_asset_ids")
    width, height = picture.width * float(picture.sample_aspect or 1), float(picture.height)
    shrink = min(1.0, _LARGEST_SIDE / max(width, height))
    return even(width * shrink), even(height * shrink)
