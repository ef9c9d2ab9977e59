"""Presenters, who are drawn frame by frame by a program beside FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, cast

import numpy as np

from gala.render_types.params.presenters import PresenterBackground
from gala.timeline.compilation.layers import Layer
from gala.timeline.document.presenters import PresenterElement
from gala_renderer.avatars.bodies import ClipSpec
from gala_renderer.avatars.frame_job import BackgroundKind, FrameJob, PresenterJob
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.ffmpeg.video_source import even, rate_text
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.elements.moved import Rest, clip_file, material_size, raw_file
from gala_renderer.timeline.elements.stationary import Stationary
from gala_renderer.timeline.graph import Branch, Span, raw_frames
from gala_renderer.timeline.studio import Person, Shown, Studio

_TO_RGB: Final = "bicubic+accurate_rnd+full_chroma_int"
_MOST_ZOOM: Final = 2.0
_DRAWING: Final = 0.5
"""Weight of drawing a second."""
_KINDS: Final = {
    PresenterBackground.KEEP: BackgroundKind.OWN,
    PresenterBackground.BLUR: BackgroundKind.BLUR,
    PresenterBackground.REPLACE: BackgroundKind.COLOR,
    PresenterBackground.NONE: BackgroundKind.NONE,
}


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a presenter in its box; parts beside the frame are drawn, too, but not seen."""
    placement = layer.placement
    if placement is None or Area.of(placement.box, studio.size) is None:
        return None
    box = placement.box
    x, y = 2 * round(box.left / 2), 2 * round(box.top / 2)
    area = Area(x, y, even(box.width), even(box.height), Area.whole(2, 2).part)
    person = studio.people[layer.number]
    return DrawnPerson(layer=layer, area=area, studio=studio, person=person)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPerson(Stationary):
    """A presenter who is cut out, or has its own background."""

    person: Person

    @property
    def _has_alpha(self) -> bool:
        return _is_cut_out(self.layer)

    def _picture(self, span: Span) -> Branch:
        number, size = self.studio.number(), (self.area.width, self.area.height)
        pipe = self.studio.path(self.layer, f"-{number}.pipe")
        job = _frame_job(self.layer, self.person, span, (pipe, size))
        self.studio.presenters.append(job)
        return Branch(raw_frames(pipe, size, span.rate, alpha=job.alpha))


def _frame_job(
    layer: Layer, person: Person, span: Span, target: tuple[Path, tuple[int, int]]
) -> FrameJob:
    """Return what the program draws for frames of a layer: to a pipe, at a size in pixels."""
    element, (pipe, size) = cast(PresenterElement, layer.element), target
    first = span.first - layer.first_frame
    body = person.body
    if isinstance(body, ClipSpec):
        body = replace(body, first=first)
    motion = pipe.with_suffix(".npy")
    curves = np.load(person.motion, allow_pickle=False)[first : first + span.frames]
    np.save(motion, curves[np.newaxis], allow_pickle=False)
    return FrameJob(
        pipe=pipe,
        width=size[0],
        height=size[1],
        alpha=_is_cut_out(layer),
        fps=str(span.rate),
        frames=span.frames,
        motion=motion,
        presenters=(
            PresenterJob(
                body=body,
                region=(0, 0, *size),
                framing=element.framing,
                background=_KINDS[element.background],
                color=element.background_color,
            ),
        ),
    )


def _is_cut_out(layer: Layer) -> bool:
    return cast(PresenterElement, layer.element).background is PresenterBackground.NONE


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return a presenter as a video that is made before the film, for a layer that moves."""
    placement = layer.placement
    if placement is None:
        return None
    size, _ = material_size(placement.box, min(zoom, _MOST_ZOOM))
    span = studio.wanted(layer.first_frame, layer.end_frame)
    kind: Literal["picture", "video"] = "picture" if span.frames == 1 else "video"
    path = studio.path(layer, ".rgba" if kind == "picture" else ".mp4")
    pipe = studio.path(layer, "-whole.pipe")
    job = _frame_job(layer, studio.people[layer.number], span, (pipe, size))
    frames = raw_frames(pipe, size, span.rate, alpha=job.alpha)
    rgb = frames.filter("scale", in_color_matrix="bt709", in_range="tv", flags=_TO_RGB)
    rgba = rgb.filter("format", "rgba").filter("fps", rate_text(span.rate))
    seconds = float(span.frames / span.rate)
    if kind == "picture":
        arguments = raw_file(rgba, path)
    else:
        arguments = clip_file(rgba, path, alpha=job.alpha)
    feeder = studio.feeder_of((), (job,), name=f"presenter-{layer.number}")
    studio.steps.append(FFmpegStep("drawing", arguments, seconds, _DRAWING * seconds, feeder))
    material = Material(kind=kind, path=path, width=size[0], height=size[1], alpha=job.alpha)
    return Rest(material, placement.box, is_opaque=not job.alpha, first=span.first)
