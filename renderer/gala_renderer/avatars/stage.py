"""The composition of presenters: what the drawing program draws, and what FFmpeg adds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from gala.render_types.params.framing import Anchor, Fit
from gala.render_types.params.presenters import Inset, PresenterBackground
from gala.render_types.params.safe_margins import HALF_HEIGHT, SafeMargins
from gala.render_types.presenter import PresenterParams
from gala_renderer.avatars.bodies import BodySpec
from gala_renderer.avatars.frame_job import BackgroundKind, FrameJob, PresenterJob
from gala_renderer.avatars.layout import regions
from gala_renderer.engine.plan import Canvas, Feeder, FFmpegStep
from gala_renderer.ffmpeg.drawn_layer import DrawnLayer
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.ffmpeg.narration_graph import still_background
from gala_renderer.ffmpeg.overlay import (
    Edge,
    Rectangle,
    paint_border,
    paint_mask,
    paint_shadow,
    placed,
)
from gala_renderer.probe.media import Media
from gala_renderer.program_jobs import job_text

_PROGRAM: Final = ("-I", "-m", "gala_renderer.avatars.frame_program")
_KINDS: Final = {
    PresenterBackground.KEEP: BackgroundKind.OWN,
    PresenterBackground.BLUR: BackgroundKind.BLUR,
    PresenterBackground.NONE: BackgroundKind.NONE,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where presenters are drawn: the whole canvas, or an inset; and what is behind them."""

    params: PresenterParams
    canvas: Canvas
    background: Media | None
    folder: Path
    """The private folder, for files between steps."""

    @property
    def behind(self) -> PresenterBackground:
        """The background of the presenters, decided where the params leave it open."""
        if self.params.background is not None:
            return self.params.background
        replaced = self.background is not None and self.params.inset is None
        return PresenterBackground.REPLACE if replaced else PresenterBackground.KEEP

    @property
    def box(self) -> Rectangle:
        """The part of the canvas that is drawn."""
        inset, canvas = self.params.inset, self.canvas
        if inset is None:
            return Rectangle(0, 0, canvas.width, canvas.height)
        return inset_box(inset, canvas, self.params.safe_margins)

    @property
    def picture(self) -> Media | None:
        """The still background that the drawing program shows, if any."""
        replaced = self.behind is PresenterBackground.REPLACE and self.params.inset is None
        return self.background if replaced and self._still else None

    @property
    def below(self) -> Media | None:
        """The background that FFmpeg shows below the frames, if any."""
        return None if self.picture is not None else self.background

    @property
    def transparent(self) -> bool:
        """True if the video has no background at all."""
        return self.behind is PresenterBackground.NONE

    @property
    def alpha(self) -> bool:
        """True if the frames have transparency, for FFmpeg to lay them on a video."""
        replaced = self.behind is PresenterBackground.REPLACE and self.params.inset is None
        return (replaced and self.over_video) or self.transparent

    @property
    def over_video(self) -> bool:
        """True if a video is shown behind the presenters, or around their inset."""
        return self.background is not None and not self._still

    @property
    def filled(self) -> bool:
        """True if the presenters, with what is behind them, are all that the canvas shows."""
        return not self.alpha and self.params.inset is None

    @property
    def _still(self) -> bool:
        media = self.background
        return media is not None and media.require_picture("inputs.background_asset_id").still

    def preparation(self) -> tuple[FFmpegStep, ...]:
        """Return the steps that decode the background for the drawing program."""
        media = self.picture
        if media is None:
            return ()
        found = media.require_picture("inputs.background_asset_id")
        params, source = self.params, user_input(media, an=None).video
        fit, color = params.background_fit, params.background_color
        shown = still_background(source, found, self.canvas, fit, color)
        if fit is not Fit.COVER:
            shown = shown.filter("scale", in_color_matrix="bt709", in_range="tv")
        drawn = shown.filter("format", "rgb24")
        options = {"f": "rawvideo", "frames:v": 1, **REPRODUCIBLE}
        arguments = tuple(ffmpeg.output(drawn, str(self._raw), **options).get_args())
        return (FFmpegStep("preparing the background", arguments, 1.0, 0.1),)

    def feeder(
        self, bodies: Sequence[BodySpec], motion: NDArray[np.float32], *, sparse: bool = False
    ) -> Feeder:
        """Return the program that draws the bodies; its job's files are written to the folder.

        ``motion`` is float32 of shape [presenters, frames, curves]. ``sparse`` frames leave out
        those that repeat the one before; the layer must be sparse too.
        """
        job_path = self.folder / "presenters.json"
        job_path.write_text(job_text(self.job(bodies, self.saved(motion), sparse=sparse)))
        return Feeder((sys.executable, *_PROGRAM, str(job_path)), (self.pipe,))

    def saved(self, motion: NDArray[np.float32]) -> Path:
        """Write the motion of all presenters to a file of the folder, and return its path."""
        path = self.folder / "motion.npy"
        np.save(path, motion, allow_pickle=False)
        return path

    def job(self, bodies: Sequence[BodySpec], motion: Path, *, sparse: bool = False) -> FrameJob:
        """Return the job of the program that draws the bodies; see :meth:`feeder`."""
        return FrameJob(
            pipe=self.pipe,
            width=self.box.width,
            height=self.box.height,
            alpha=self.alpha,
            fps=str(self.canvas.fps),
            frames=self.canvas.frames,
            motion=motion,
            presenters=tuple(self._presenters(bodies)),
            sparse=sparse,
        )

    def layer(self, *, sparse: bool = False) -> DrawnLayer:
        """Return the layer for FFmpeg; the PNGs of an inset's edge are written to the folder."""
        box, inset = self.box, self.params.inset
        if inset is None:
            return DrawnLayer(pipe=self.pipe, box=box, alpha=self.alpha, sparse=sparse)
        size = (self.canvas.width, self.canvas.height)
        radius = round(inset.radius * min(box.width, box.height))
        edge = Edge(radius, inset.border_width, inset.border_color, inset.shadow)
        mask = self.folder / "inset-mask.png" if edge.radius else None
        border = self.folder / "inset-border.png" if edge.border else None
        shadow = self.folder / "inset-shadow.png" if edge.shadow else None
        if mask:
            paint_mask(mask, box, edge)
        if border:
            paint_border(border, box, edge)
        if shadow:
            paint_shadow(shadow, box, edge, size)
        return DrawnLayer(pipe=self.pipe, box=box, mask=mask, border=border, shadow=shadow)

    def _presenters(self, bodies: Sequence[BodySpec]) -> list[PresenterJob]:
        size = (self.box.width, self.box.height)
        kind = _KINDS.get(self.behind, BackgroundKind.COLOR)
        if self.alpha:
            kind = BackgroundKind.NONE
        elif self.picture is not None:
            kind = BackgroundKind.PICTURE
        return [
            PresenterJob(
                body=body,
                region=region,
                framing=self.params.framing,
                background=kind,
                color=self.params.background_color,
                picture=self._raw if kind is BackgroundKind.PICTURE else None,
                picture_size=size,
            )
            for body, region in zip(bodies, regions(size, len(bodies)), strict=True)
        ]

    @property
    def _raw(self) -> Path:
        return self.folder / "background.rgb"

    @property
    def pipe(self) -> Path:
        """The named pipe that the frames are written to."""
        return self.folder / "presenters.pipe"


def inset_box(inset: Inset, canvas: Canvas, safe: SafeMargins) -> Rectangle:
    """Return the square of an inset on the canvas, within the margins that are kept free."""
    shorter = min(canvas.width, canvas.height)
    side = max(16, 2 * round(inset.size * shorter / 2))
    most = (shorter - side) // 2
    margin = min(round(inset.margin * shorter), most)
    return placed_within(safe, inset.position, (side, side), canvas, margin)


def placed_within(
    safe: SafeMargins, anchor: Anchor, size: tuple[int, int], canvas: Canvas, margin: int
) -> Rectangle:
    """Return the rectangle of that size at an anchor of what the margins leave of the canvas."""
    left, top = round(safe.left * canvas.width), round(safe.top * canvas.height)
    right, bottom = round(safe.right * canvas.width), round(safe.bottom * canvas.height)
    free = (canvas.width - left - right, canvas.height - top - bottom)
    box = placed(
        anchor, size, free, min(margin, (free[0] - size[0]) // 2, (free[1] - size[1]) // 2)
    )
    x = max(0, min(2 * round((left + box.x) / 2), canvas.width - box.width))
    y = max(0, min(2 * round((top + box.y) / 2), canvas.height - box.height))
    return Rectangle(x, y, *size)


def beside_inset(height: float, box: Rectangle, canvas: Canvas) -> float:
    """Return the center of captions that is nearest to ``height`` and not over an inset."""
    top, bottom = box.y / canvas.height, (box.y + box.height) / canvas.height
    if height + HALF_HEIGHT <= top or height - HALF_HEIGHT >= bottom:
        return height
    return top - HALF_HEIGHT if top >= 1 - bottom else bottom + HALF_HEIGHT
