"""Presenters, who are drawn frame by frame by a program beside FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from gala.timeline.compilation.layers import Layer
from gala.timeline.document.elements import PresenterElement
from gala_renderer.avatars.frame_job import BackgroundKind, FrameJob, PresenterJob
from gala_renderer.ffmpeg.video_source import even
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.elements.stationary import Stationary
from gala_renderer.timeline.graph import Branch, Span, raw_frames
from gala_renderer.timeline.studio import Person, Shown, Studio

_BEHIND = "#808080"
"""Behind drawn presenters that keep a background, of which they have none."""


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
        return cast(PresenterElement, self.layer.element).background == "none"

    def _picture(self, span: Span) -> Branch:
        number, size = self.studio.number(), (self.area.width, self.area.height)
        element = cast(PresenterElement, self.layer.element)
        pipe = self.studio.path(self.layer, f"-{number}.pipe")
        motion = self.studio.path(self.layer, f"-{number}.npy")
        first = span.first - self.layer.first_frame
        curves = np.load(self.person.motion, allow_pickle=False)[first : first + span.frames]
        np.save(motion, curves[np.newaxis], allow_pickle=False)
        kind = BackgroundKind.NONE if self._has_alpha else BackgroundKind.OWN
        self.studio.presenters.append(
            FrameJob(
                pipe=pipe,
                width=size[0],
                height=size[1],
                alpha=self._has_alpha,
                fps=str(span.rate),
                frames=span.frames,
                motion=motion,
                presenters=(
                    PresenterJob(
                        body=self.person.body,
                        region=(0, 0, *size),
                        framing=element.framing,
                        background=kind,
                        color=_BEHIND,
                    ),
                ),
            )
        )
        return Branch(raw_frames(pipe, size, span.rate, alpha=self._has_alpha))
