"""The pictures of a composition: each layer a branch of the graph, laid over those below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from gala.timeline.compilation.layers import WHOLE_PICTURE, CompiledScene, TransitionSpan
from gala.timeline.document.looks import BlendMode
from gala.timeline.document.placement import VisibleParams
from gala_renderer.ffmpeg.inputs import Stream, own_input
from gala_renderer.ffmpeg.video_source import rate_text
from gala_renderer.timeline.blending import BLENDS, Window, blended
from gala_renderer.timeline.drawn import Area, paint_color
from gala_renderer.timeline.elements import shown_layer
from gala_renderer.timeline.graph import Branch, Span, over, png
from gala_renderer.timeline.studio import Shown, Studio
from gala_renderer.timeline.transitions import BY_OPACITY, FADES, alone, between

_SWATCH: Final = (16, 16)
"""Pixels of a picture of one color that FFmpeg enlarges, in little time."""


def shown_layers(studio: Studio, span: Span) -> list[Shown]:
    """Return the layers that are seen in a span, drawn where they have to be, the lowest first."""
    seen = [
        layer
        for layer in studio.compiled.layers
        if layer.is_visible and span.within(layer.first_frame, layer.end_frame).frames
    ]
    found = [shown_layer(layer, studio) for layer in seen]
    return [shown for shown in found if shown is not None]


def picture_stream(studio: Studio, span: Span) -> Stream:
    """Return the film's pictures in a span, 8-bit 4:2:0 in BT.709; time stamps begin at 0.

    They have transparency if the film's background is transparent.
    """
    shown = _Film(studio, shown_layers(studio, span), span).stream()
    if not span.first:
        return shown
    return shown.filter("setpts", "PTS-STARTPTS").filter("fps", rate_text(span.rate))


@dataclass(slots=True)
class _Film:
    studio: Studio
    layers: Sequence[Shown]
    span: Span
    colors: dict[str, None] = field(default_factory=dict)

    def stream(self) -> Stream:
        """Return the whole film: its scenes, and the tracks over them."""
        compiled, whole = self.studio.compiled, self.span
        shown = self._plain(compiled.background, whole)
        for scene in compiled.scenes:
            shown = self._scene(shown, scene)
        free = [one for one in self.layers if one.layer.scene is None]
        return self._laid_over(shown, free, whole, whole)

    def _scene(self, base: Stream, scene: CompiledScene) -> Stream:
        """Lay a scene over the film so far, with the transition to it."""
        span = self._alone(scene).within(self.span.first, self.span.end)
        if span.frames:
            base = self._scene_alone(base, scene, span)
        if scene.transition is None:
            return base
        span = _span_of(scene.transition, self.studio)
        part = span.within(self.span.first, self.span.end)
        if not part.frames:
            return base
        old, new = (
            self._whole_scene(self.studio.compiled.scenes[number], part)
            for number in (scene.transition.before, scene.number)
        )
        kind, size = scene.transition.transition.type, self.studio.size
        mixed = between(old, new, kind, span, size, part=part)
        if part == self.span and not self.studio.transparent:
            # Nothing below it is seen, so that nothing below it has to be drawn.
            return mixed
        return over(base, Branch(mixed), (0, 0), part)

    def _scene_alone(self, base: Stream, scene: CompiledScene, span: Span) -> Stream:
        if scene.background != self.studio.compiled.background:
            base = over(base, Branch(self._color(scene.background), is_still=True), (0, 0), span)
        return self._laid_over(base, self._of_scene(scene.number), span, self.span)

    def _alone(self, scene: CompiledScene) -> Span:
        """Return the frames of a scene without its transitions."""
        scenes = self.studio.compiled.scenes
        after = scenes[scene.number + 1] if scene.number + 1 < len(scenes) else None
        span = Span(scene.first_frame, scene.end_frame, self.studio.rate)
        if scene.transition is not None:
            span = span.within(scene.transition.end_frame, scene.end_frame)
        if after is not None and after.transition is not None:
            span = span.within(span.first, after.transition.first_frame)
        return span

    def _whole_scene(self, scene: CompiledScene, span: Span) -> Stream:
        """Return some frames of a scene without anything else."""
        return self._laid_over(
            self._plain(scene.background, span), self._of_scene(scene.number), span, span
        )

    def _of_scene(self, number: int) -> list[Shown]:
        return [one for one in self.layers if one.layer.scene == number]

    def _laid_over(self, base: Stream, layers: Sequence[Shown], span: Span, whole: Span) -> Stream:
        """Lay layers over the frames of a span; ``whole`` is that of ``base``."""
        for piece in _pieces(layers, span, self.studio):
            if piece.is_all and piece.span == span == self.span:
                # Nothing below it is seen, so that nothing below it has to be drawn.
                shown = piece.branch.moving(span).filter("format", "yuv420p")
                base = shown.filter("fps", rate_text(span.rate))
            elif piece.blend is BlendMode.NORMAL or self.studio.transparent:
                base = over(base, piece.branch, piece.corner, piece.span)
            else:
                base = self._blended(base, piece, whole)
        return base

    def _blended(self, base: Stream, piece: _Piece, whole: Span) -> Stream:
        window = Window.of(piece.corner, piece.size, self.studio.size)
        path = self.studio.folder / f"neutral-{self.studio.number()}.png"
        paint_color(path, BLENDS[piece.blend].neutral, (window.width, window.height))
        return blended(
            base, piece.branch, piece.corner, window, mode=piece.blend,
            spans=(piece.span, whole), neutral=own_input(path),
        )  # fmt: skip

    def _plain(self, color: str, span: Span) -> Stream:
        studio = self.studio
        if studio.transparent and color == studio.compiled.background:
            return span.repeated(self._nothing())
        return span.repeated(self._color(color))

    def _nothing(self) -> Stream:
        path = self.studio.folder / "nothing.png"
        Image.new("RGBA", _SWATCH).save(path)
        return self._filling(png(path, "yuva420p", self.studio.number()))

    def _color(self, color: str) -> Stream:
        path = self.studio.folder / f"color-{color.lstrip('#')}.png"
        if color not in self.colors:
            paint_color(path, color, _SWATCH)
            self.colors[color] = None
        return self._filling(png(path, "yuv420p", self.studio.number()))

    def _filling(self, swatch: Stream) -> Stream:
        """Return pictures of one color in the size of the film."""
        width, height = self.studio.size
        return swatch.filter("scale", w=width, h=height, flags="neighbor").filter("setsar", 1)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Frames that are laid over others."""

    branch: Branch
    corner: tuple[int, int]
    span: Span
    is_all: bool = False
    """Whether nothing but it is seen in its frames."""
    blend: BlendMode = BlendMode.NORMAL
    size: tuple[int, int] = (0, 0)


def _span_of(transition: TransitionSpan, studio: Studio) -> Span:
    return Span(transition.first_frame, transition.end_frame, studio.rate)


def _pieces(layers: Sequence[Shown], span: Span, studio: Studio) -> Iterator[_Piece]:
    """Yield what is seen of layers in a span, with the transitions between them."""
    by_number = {one.layer.number: one for one in layers}
    followed: Mapping[int, TransitionSpan] = {
        one.layer.transition.before: one.layer.transition
        for one in layers
        if one.layer.transition is not None
    }
    for one in layers:
        into, out_of = one.layer.transition, followed.get(one.layer.number)
        old = None if into is None else by_number.get(into.before)
        seen = span.within(one.layer.first_frame, one.layer.end_frame)
        fades = {"fade_in": 0.0, "fade_out": 0.0}
        if into is not None:
            if into.transition.type in FADES or old is None:
                fades["fade_in"] = into.transition.duration
            else:
                seen = seen.within(into.end_frame, seen.end)
                yield from _transition(old, one, into, span, studio)
        if out_of is not None:
            if out_of.transition.type not in FADES:
                seen = seen.within(seen.first, out_of.first_frame)
            elif not _covers(_next(layers, one), one):
                fades["fade_out"] = out_of.transition.duration
        if seen.frames:
            is_all = not any(fades.values()) and _is_all(one, studio)
            corner, size = (one.area.x, one.area.y), (one.area.width, one.area.height)
            yield _Piece(one.branch(seen, **fades), corner, seen, is_all, _blend_of(one), size)


def _is_all(one: Shown, studio: Studio) -> bool:
    """Return True if a layer hides the whole film as long as it is seen."""
    element, area = one.layer.element, one.area
    fades = getattr(element, "fade_in", 0.0) or getattr(element, "fade_out", 0.0)
    hides = one.is_opaque and not fades and _blend_of(one) is BlendMode.NORMAL
    return hides and (area.width, area.height) == studio.size


def _blend_of(one: Shown) -> BlendMode:
    element = one.layer.element
    return element.blend if isinstance(element, VisibleParams) else BlendMode.NORMAL


def _next(layers: Sequence[Shown], before: Shown) -> Shown:
    number = before.layer.number
    return next(
        one
        for one in layers
        if one.layer.transition is not None and one.layer.transition.before == number
    )


def _covers(new: Shown, old: Shown) -> bool:
    """Return True if nothing of the old clip is seen beside or through the new one."""
    outer, inner = new.area, old.area
    return (
        new.is_opaque
        and _blend_of(new) is BlendMode.NORMAL
        and outer.x <= inner.x
        and outer.y <= inner.y
        and outer.x + outer.width >= inner.x + inner.width
        and outer.y + outer.height >= inner.y + inner.height
    )


def _transition(
    old: Shown, new: Shown, into: TransitionSpan, within: Span, studio: Studio
) -> Iterator[_Piece]:
    """Yield the frames in which one clip takes the place of another by moving."""
    span = _span_of(into, studio)
    part = span.within(within.first, within.end)
    if not part.frames:
        return
    both = _union(old.area, new.area)
    opaque = old.area == new.area and old.is_opaque and new.is_opaque
    if not opaque and into.transition.type in BY_OPACITY:
        # A mixture of straight colours would show those of transparent pixels.
        yield from _crossed(old, new, into, span, part)
        return
    pixels = "yuv420p" if opaque else "yuva420p"
    before, after = (
        _padded(one.branch(part).moving(part).filter("format", pixels), one.area, both)
        for one in (old, new)
    )
    size = (both.width, both.height)
    mixed = between(before, after, into.transition.type, span, size, part=part)
    yield _Piece(Branch(mixed), (both.x, both.y), part)


def _union(one: Area, other: Area) -> Area:
    x, y = min(one.x, other.x), min(one.y, other.y)
    right = max(area.x + area.width for area in (one, other))
    bottom = max(area.y + area.height for area in (one, other))
    return Area(x, y, right - x, bottom - y, WHOLE_PICTURE)


def _padded(stream: Stream, area: Area, outer: Area) -> Stream:
    """Return frames of an area in a larger one, transparent around them."""
    if (area.width, area.height) == (outer.width, outer.height):
        return stream
    x, y = area.x - outer.x, area.y - outer.y
    return stream.filter("pad", w=outer.width, h=outer.height, x=x, y=y, color="black@0")


def _crossed(
    old: Shown, new: Shown, into: TransitionSpan, span: Span, part: Span
) -> Iterator[_Piece]:
    """Yield one clip as it fades out, and the other as it fades in."""
    for one, leaves in ((old, True), (new, False)):
        area = (one.area.width, one.area.height)
        frames = one.branch(part).moving(part)
        shown = alone(frames, into.transition.type, span, area, part=part, leaves=leaves)
        yield _Piece(Branch(shown), (one.area.x, one.area.y), part)
