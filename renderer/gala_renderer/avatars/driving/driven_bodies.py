"""Replaces the bodies of presenters that a service is to animate, where it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg

from gala.errors import GalaError, OutOfDisk
from gala.render_types.params.presenters import Driver, PresenterBackground
from gala.render_types.presenter import Presenter
from gala_renderer.avatars.bodies import BodySpec, ClipSpec, PortraitSpec
from gala_renderer.avatars.driving.clip_check import checked_clip
from gala_renderer.avatars.driving.service import AnimationRequest, AvatarService
from gala_renderer.avatars.performance import speaker_sound
from gala_renderer.avatars.preparation import Pictures, face_of, portrait_of
from gala_renderer.avatars.stage import Stage
from gala_renderer.avatars.voicing import PresenterVoices
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.color import opaque
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.ffmpeg.video_source import even
from gala_renderer.probe.media import Media

_LARGEST_SIDE: Final = 1920
_SECONDS: Final = 120.0
_SENDING_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class DrivenBodies:
    """The bodies of all presenters, and lines for the job's log."""

    bodies: tuple[BodySpec, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


async def drive_bodies(
    context: RenderContext,
    stage: Stage,
    voices: PresenterVoices,
    *,
    bodies: Sequence[BodySpec],
    portraits: Pictures,
    report: Report,
) -> DrivenBodies:
    """Return the bodies; where the service cannot be used or fails, they stay as they are."""
    driven, warnings, notes = list(bodies), [], []
    for number, presenter in enumerate(stage.params.presenters):
        if presenter.driver is not Driver.SERVICE:
            continue
        drive = _Drive(context, stage, number, presenter, voices)
        field = f"params.presenters.{number}.driver"
        unsuited = _unsuited(bodies[number], stage)
        if unsuited is not None:
            warnings.append(f"{field}: {unsuited}; GALA moves the presenter itself")
            continue
        index = portrait_of(presenter, number, len(portraits.media)) or 0
        try:
            driven[number] = await drive.body(bodies[number], portraits.media[index], report)
            notes.append(f"presenter {number + 1} was animated by the operator's service")
        except OutOfDisk:
            raise
        except GalaError as error:
            reason = error.message.rstrip(".")
            warnings.append(f"{field}: {reason}; GALA moves the portrait itself")
    return DrivenBodies(tuple(driven), tuple(warnings), tuple(notes))


def _unsuited(body: BodySpec, stage: Stage) -> str | None:
    """Return why the service cannot be used for a body, or None if it can."""
    if not isinstance(body, PortraitSpec):
        return "the service animates portraits only"
    if stage.behind is not PresenterBackground.KEEP:
        return "the service shows portraits only before their own background (background: keep)"
    return None


@dataclass(frozen=True, slots=True)
class _Drive:
    """One presenter that the service is to animate."""

    context: RenderContext
    stage: Stage
    number: int
    presenter: Presenter
    voices: PresenterVoices

    async def body(self, portrait: BodySpec, media: Media, report: Report) -> ClipSpec:
        """Send the portrait and the voice; return the checked video."""
        assert isinstance(portrait, PortraitSpec)  # noqa: S101 - see `_unsuited`
        context, canvas = self.context, self.stage.canvas
        width, height = _size(media)
        request = AnimationRequest(
            portrait=await self._picture(media, width, height),
            audio=await speaker_sound(context, self.voices, self.number, canvas.seconds),
            width=width,
            height=height,
            fps=canvas.fps,
        )
        service = AvatarService(context.services.settings)
        name = f"animated-{self.number}"
        sent = await service.animate(
            request, name, context.scratch, lambda part: report(part * _SENDING_SHARE)
        )
        face = face_of(portrait, self.presenter.face).placed(width, height)
        return await checked_clip(context, sent, request, canvas, face)

    async def _picture(self, media: Media, width: int, height: int) -> Path:
        target = self.context.scratch / f"portrait-{self.number}.png"
        found = media.require_picture("inputs.portrait_asset_ids")
        shown = opaque(user_input(media, an=None).video, found, self.stage.params.background_color)
        scaled = shown.filter("scale", w=width, h=height, flags="area+accurate_rnd")
        options = {"f": "image2", "update": 1, "c:v": "png", "pix_fmt": "rgb24", "frames:v": 1}
        await self.context.ffmpeg.run(
            tuple(ffmpeg.output(scaled, str(target), **options, **REPRODUCIBLE).get_args()),
            cwd=self.context.scratch,
            limit_seconds=_SECONDS,
            media_seconds=1.0,
            report=lambda _: None,
        )
        return target


def _size(media: Media) -> tuple[int, int]:
    """Return the picture's size in square pixels, even, and smaller if it is very large."""
    picture = media.require_picture("inputs.portrait_asset_ids")
    width, height = picture.width * float(picture.sample_aspect or 1), float(picture.height)
    shrink = min(1.0, _LARGEST_SIDE / max(width, height))
    return even(width * shrink), even(height * shrink)
