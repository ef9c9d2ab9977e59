"""Layers laid over one another on a canvas: the film, or a group that is drawn as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gala.timeline.compilation.layers import WHOLE_PICTURE, TransitionSpan
from gala.timeline.document.looks import BlendMode
from gala.timeline.document.placement import VisibleParams
from gala_renderer.ffmpeg.inputs import Stream, own_input
from gala_renderer.ffmpeg.video_source import rate_text
from gala_renderer.timeline.blending import BLENDS, Window, blended, blended_where_seen
from gala_renderer.timeline.drawn import Area, paint_clear, paint_color
from gala_renderer.timeline.graph import Branch, Span, over
from gala_renderer.timeline.studio import Shown, Studio
from gala_renderer.timeline.transitions import BY_OPACITY, FADES, alone, between


@dataclass(frozen=True, slots=True)
class Canvas:
    """Frames on which layers are laid."""

    studio: Studio
    corner: tuple[int, int]
    """Where it is on the film; even."""
    size: tuple[int, int]
    span: Span
    is_clear: bool
    """Whether it is transparent where nothing is laid on it."""

    def laid_over(self, base: Stream, layers: Sequence[Shown], span: Span, whole: Span) -> Stream:
        """Lay layers over the frames of a span; ``whole`` is that of ``base``."""
        for piece in _pieces(layers, span, self.studio):
            if not self.is_clear and piece.is_all and piece.span == span == self.span:
                # Nothing below it is seen, so that nothing below it has to be drawn.
                shown = piece.branch.moving(span).filter("format", "yuv420p")
                base = shown.filter("fps", rate_text(span.rate))
            elif piece.blend is BlendMode.NORMAL:
                base = over(base, piece.branch, self._here(piece), piece.span)
            else:
                base = self._blended(base, piece, whole)
        return base

    def _here(self, piece: Piece) -> tuple[int, int]:
        return piece.corner[0] - self.corner[0], piece.corner[1] - self.corner[1]

    def _blended(self, base: Stream, piece: Piece, whole: Span) -> Stream:
        corner = self._here(piece)
        window = Window.of(corner, piece.size, self.size)
        path = self.studio.folder / f"neutral-{self.studio.number()}.png"
        size = (window.width, window.height)
        if self.is_clear:
            paint_clear(path, size)
        else:
            paint_color(path, BLENDS[piece.blend].neutral, size)
        mixed = blended_where_seen if self.is_clear else blended
        return mixed(
            base, piece.branch, corner, window, mode=piece.blend,
            spans=(piece.span, whole), neutral=own_input(path),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames that are laid over others."""

    branch: Branch
    corner: tuple[int, int]
    span: Span
    is_all: bool = False
    """Whether nothing but it is seen in its frames."""
    blend: BlendMode = BlendMode.NORMAL
    size: tuple[int, int] = (0, 0)


def span_of(transition: TransitionSpan, studio: Studio) -> Span:
    """Return the frames of a transition."""
    return Span(transition.first_frame, transition.end_frame, studio.rate)


def _pieces(layers: Sequence[Shown], span: Span, studio: Studio) -> Iterator[Piece]:
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
            yield Piece(one.branch(seen, **fades), corner, seen, is_all, _blend_of(one), size)


def _is_all(one: Shown, studio: Studio) -> bool:
    """Return True if a layer hides the whole film as long as it is seen."""
    element, area = one.layer.element, one.area
    fades = getattr(element, "fade_in", 0.0) or getattr(element, "fade_out", 0.0)
    hides = one.is_opaque and not fades and _blend_of(one) is BlendMode.NORMAL
    return hides and (area.x, area.y, area.width, area.height) == (0, 0, *studio.size)


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
) -> Iterator[Piece]:
    """Yield the frames in which one clip takes the place of another by moving."""
    span = span_of(into, studio)
    part = span.within(within.first, within.end)
    if not part.frames:
        return
    both = union(old.area, new.area)
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
    blend = _blend_of(new) if _blend_of(new) is _blend_of(old) else BlendMode.NORMAL
    yield Piece(Branch(mixed), (both.x, both.y), part, blend=blend, size=size)


def union(one: Area, other: Area) -> Area:
    """Return the smallest area around both."""
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
) -> Iterator[Piece]:
    """Yield one clip as it fades out, and the other as it fades in."""
    for one, leaves in ((old, True), (new, False)):
        size, corner = (one.area.width, one.area.height), (one.area.x, one.area.y)
        frames = one.branch(part).moving(part)
        shown = alone(frames, into.transition.type, span, size, part=part, leaves=leaves)
        yield Piece(Branch(shown), corner, part, blend=_blend_of(one), size=size)
