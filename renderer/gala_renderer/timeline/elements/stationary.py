"""Elements that stay where they are: their opacity, fades, and masks, as filters of FFmpeg."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gala.timeline.compilation.layers import Layer
from gala.timeline.compilation.tree import exact
from gala_renderer.ffmpeg import transparency
from gala_renderer.ffmpeg.inputs import Stream, own_input, seconds_text
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.graph import Branch, Span, png
from gala_renderer.timeline.studio import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationary(ABC):
    """A layer that does not move."""

    layer: Layer
    area: Area
    studio: Studio
    mask: Path | None = None
    """A grey picture of the area, white where it is seen."""

    @property
    def is_opaque(self) -> bool:
        """Return True if nothing below it can be seen in its area, apart from its fades."""
        return self.mask is None and self._opacity >= 1 and not self._has_alpha

    @property
    def _opacity(self) -> float:
        return float(getattr(self.layer.element, "opacity", 1.0))

    @property
    @abstractmethod
    def _has_alpha(self) -> bool:
        """Return True if its pictures are transparent anywhere."""

    @abstractmethod
    def _picture(self, span: Span) -> Branch:
        """Return its frames of the span, from time 0 on."""

    def branch(self, span: Span, *, fade_in: float = 0.0, fade_out: float = 0.0) -> Branch:
        """Return its frames of the span with its opacity and fades."""
        picture = self._picture(span)
        fades = self._fades(span, fade_in, fade_out)
        if picture.is_still and not fades and self.mask is None:
            return Branch(self._dimmed(picture.stream), is_still=True)
        shown = picture.moving(span) if picture.is_still else span.on_time(picture.stream)
        if self.mask is not None:
            tag = self.studio.number()
            grey = own_input(self.mask).filter("setpts", f"PTS+{tag}-{tag}")
            mask = span.repeated(grey.filter("format", "gray"))
            shown = transparency.masked(shown.filter("format", "yuva420p"), mask)
        shown = self._dimmed(shown)
        if fades:
            shown = shown.filter("format", "yuva420p")
        for options in fades:
            shown = shown.filter("fade", alpha=1, **options)
        return Branch(shown)

    def _dimmed(self, stream: Stream) -> Stream:
        if self._opacity >= 1:
            return stream
        return stream.filter("format", "yuva420p").filter("lut", a=f"val*{self._opacity:.4f}")

    def _fades(self, span: Span, fade_in: float, fade_out: float) -> list[dict[str, Any]]:
        """Return the options of the filters for the fades that the span has a part of."""
        layer, element = self.layer, self.layer.element
        start, end = float(layer.start), float(layer.end)
        fade_in = max(fade_in, float(getattr(element, "fade_in", 0.0)))
        fade_out = max(fade_out, float(getattr(element, "fade_out", 0.0)))
        found: list[dict[str, Any]] = []
        if fade_in and span.first < (layer.start + exact(fade_in)) * span.rate:
            found.append({"t": "in", "st": seconds_text(start), "d": seconds_text(fade_in)})
        if fade_out and span.end > (layer.end - exact(fade_out)) * span.rate:
            begin = seconds_text(end - fade_out)
            found.append({"t": "out", "st": begin, "d": seconds_text(fade_out)})
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPicture(Stationary):
    """A layer that was drawn as a PNG of its area."""

    path: Path
    opaque: bool = False

    @property
    def _has_alpha(self) -> bool:
        return not self.opaque

    def _picture(self, span: Span) -> Branch:
        del span
        return Branch(png(self.path, "yuva420p", self.studio.number()), is_still=True)
