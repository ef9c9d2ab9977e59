"""Groups that are drawn as a whole: their elements on a canvas of their own, which is then faded,
masked, and blended with what is below it.

Other groups are only moved: each of their elements is laid over the film by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, Layer, Placement
from gala.timeline.document.elements import AnyElement, ShapeElement
from gala.timeline.document.looks import BlendMode
from gala.timeline.document.placement import VisibleParams
from gala_renderer.ffmpeg import transparency
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.timeline.compositing import Canvas, union
from gala_renderer.timeline.drawn import SWATCH, Area, paint_clear
from gala_renderer.timeline.elements import shown_layer
from gala_renderer.timeline.elements.moved import faded
from gala_renderer.timeline.graph import Branch, Span, filling, png
from gala_renderer.timeline.looks import has_look, looked
from gala_renderer.timeline.studio import Shown, Studio

_UNFADED = {"opacity": 1.0, "fade_in": 0.0, "fade_out": 0.0}
_AT_REST = {"scale": 1.0, "rotation": 0.0}


def shown_layers(studio: Studio, span: Span) -> list[Shown]:
    """Return what is seen in a span, drawn where it has to be, the lowest first.

    It is layers, and groups that are drawn as a whole.
    """
    # What replaces a group later decides, too, so that a frame by itself is that of the film.
    wholes = _drawn_whole([one for one in studio.film.layers if one.is_visible])
    visible = [one for one in studio.compiled.layers if one.is_visible]
    seen = [one for one in visible if span.within(one.first_frame, one.end_frame).frames]
    return list(_shown(seen, wholes, studio))


def _drawn_whole(layers: Sequence[Layer]) -> frozenset[str]:
    """Return the JSON pointers of the groups that are drawn as a whole."""
    members: dict[str, list[Layer]] = {}
    groups: dict[str, Layer] = {}
    for layer in layers:
        for group in layer.groups:
            members.setdefault(group.pointer, []).append(layer)
            groups[group.pointer] = group
    changed = [*layers, *groups.values()]
    replaced = {one.transition.before for one in changed if one.transition is not None}
    return frozenset(
        pointer
        for pointer, group in groups.items()
        if _is_whole(group) or group.number in replaced or _fades(group, members[pointer])
    )


def _is_whole(group: Layer) -> bool:
    element = group.element
    if not isinstance(element, VisibleParams):
        return False
    is_blended = element.blend is not BlendMode.NORMAL
    has_own = element.mask is not None or group.transition is not None
    return is_blended or has_own or has_look(group)


def _fades(group: Layer, members: Sequence[Layer]) -> bool:
    """Return True if a group is half transparent at some time, and its elements do not do that
    one by one: they would be seen through one another, and captions do not fade."""
    element = group.element
    if not isinstance(element, VisibleParams):
        return False
    changes = element.opacity < 1 or element.fade_in or element.fade_out
    keyed = any("opacity" in frame.values for frame in element.keyframes)
    many = len(members) > 1 or members[0].element.type == "caption"
    return many and bool(changes or keyed)


def _shown(layers: Iterable[Layer], wholes: frozenset[str], studio: Studio) -> Iterator[Shown]:
    def outermost(layer: Layer) -> str | None:
        found = (group.pointer for group in reversed(layer.groups) if group.pointer in wholes)
        return next(found, None)

    for pointer, some in groupby(layers, outermost):
        members = list(some)
        if pointer is None:
            alone = (shown_layer(layer, studio) for layer in members)
            yield from (one for one in alone if one is not None)
            continue
        group = next(one for one in members[0].groups if one.pointer == pointer)
        inside = list(_shown([_within(one, group) for one in members], wholes - {pointer}, studio))
        made = _composed(group, members, inside, studio)
        if made is not None:
            yield made


def _within(layer: Layer, group: Layer) -> Layer:
    """Return a layer as it is on the canvas of its group, which fades and masks it."""
    return replace(layer, group=_unfaded(layer.group, group.pointer))


def _unfaded(part: Layer | None, pointer: str | None = None) -> Layer | None:
    """Return a group with its groups; the one at the pointer, or all of them, only moves."""
    if part is None:
        return None
    element = part.element
    if pointer in {part.pointer, None}:
        element = element.model_copy(
            update={
                **_UNFADED,
                "mask": None,
                "blend": BlendMode.NORMAL,
                "keyframes": _keyframes(element, {"x", "y", "scale", "rotation", "blur"}),
            }
        )
    return replace(part, element=element, group=_unfaded(part.group, pointer))


def _keyframes(element: AnyElement, names: set[str]) -> tuple[object, ...]:
    """Return the keyframes of an element with only these values."""
    frames = element.keyframes if isinstance(element, VisibleParams) else ()
    kept = [(frame, names & set(frame.values)) for frame in frames]
    return tuple(
        frame.model_copy(update=dict.fromkeys(set(frame.values) - some))
        for frame, some in kept
        if some
    )


def _composed(
    group: Layer, members: Sequence[Layer], inside: Sequence[Shown], studio: Studio
) -> Shown | None:
    """Return a group with what is seen of it; None if that is nothing."""
    if not inside:
        return None
    area = _on_film(inside, studio)
    veil = None
    if area is not None and _needs_veil(group):
        veil = shown_layer(_veil(group, area, studio), studio)
        area = None if veil is None else _common(area, veil.area)
    if area is None:
        return None
    layer = replace(
        group,
        scene=members[0].scene,
        first_frame=min(one.first_frame for one in members),
        end_frame=max(one.end_frame for one in members),
    )
    return ComposedGroup(layer, area, studio, tuple(inside), veil)


def _on_film(inside: Sequence[Shown], studio: Studio) -> Area | None:
    area = inside[0].area
    for one in inside[1:]:
        area = union(area, one.area)
    return _common(area, Area.whole(*studio.size))


def _common(one: Area, other: Area) -> Area | None:
    """Return what two areas of the film share; None if that is nothing."""
    x, y = max(one.x, other.x), max(one.y, other.y)
    right = min(one.x + one.width, other.x + other.width)
    bottom = min(one.y + one.height, other.y + other.height)
    return None if right <= x or bottom <= y else Area(x, y, right - x, bottom - y, WHOLE_PICTURE)


def _needs_veil(group: Layer) -> bool:
    element = group.element
    if not isinstance(element, VisibleParams):
        return False
    if element.mask is not None or element.opacity < 1 or element.fade_in or element.fade_out:
        return True
    return any("opacity" in frame.values for frame in element.keyframes)


def _veil(group: Layer, area: Area, studio: Studio) -> Layer:
    """Return a white layer that is as opaque in each place and frame as the group shall be.

    With a mask, it is the box of the group, and moves with it; else all of the area.
    """
    element = group.element
    if not isinstance(element, VisibleParams):
        raise TypeError("only what is seen has a veil")
    moving = {"x", "y", "scale", "rotation", "opacity"} if element.mask else {"opacity"}
    fields = {name: getattr(element, name) for name in (*_UNFADED, *_AT_REST, "mask")}
    white = ShapeElement(type="shape", color="#ffffff").model_copy(
        update={
            **fields,
            **({} if element.mask else _AT_REST),
            "keyframes": _keyframes(element, moving),
        }
    )
    number = len(studio.film.layers) + studio.number()
    if element.mask is not None:
        return replace(group, element=white, number=number, group=_unfaded(group.group))
    frame = Box(0.0, 0.0, float(studio.size[0]), float(studio.size[1]))
    box = Box(float(area.x), float(area.y), float(area.width), float(area.height))
    placement = Placement(box, (0.5, 0.5), frame)
    return replace(group, element=white, number=number, group=None, placement=placement)


@dataclass(frozen=True, slots=True)
class ComposedGroup:
    """A group that is drawn as a whole."""

    layer: Layer
    area: Area
    studio: Studio
    inside: tuple[Shown, ...]
    veil: Shown | None

    @property
    def is_opaque(self) -> bool:
        """Return True if one of its elements hides all below it as long as the group is seen."""
        return self.veil is None and any(map(self._hides_all, self.inside))

    def _hides_all(self, one: Shown) -> bool:
        element, area, own = one.layer.element, one.area, self.area
        fades = getattr(element, "fade_in", 0.0) or getattr(element, "fade_out", 0.0)
        is_first = one.layer.first_frame <= self.layer.first_frame
        always = is_first and one.layer.end_frame >= self.layer.end_frame
        blend = getattr(element, "blend", BlendMode.NORMAL)
        covers = (area.x, area.y, area.width, area.height) == (own.x, own.y, own.width, own.height)
        plain = not fades and one.layer.transition is None and blend is BlendMode.NORMAL
        return one.is_opaque and always and covers and plain

    def branch(self, span: Span, *, fade_in: float = 0.0, fade_out: float = 0.0) -> Branch:
        """Return its frames of the span."""
        area, studio = self.area, self.studio
        corner, size = (area.x, area.y), (area.width, area.height)
        canvas = Canvas(studio, corner, size, span, is_clear=True)
        shown = canvas.laid_over(span.repeated(self._nothing()), self.inside, span, span)
        shown = looked(shown, self.layer, studio, alpha=True)
        if self.veil is not None:
            shown = transparency.masked(shown.filter("format", "yuva420p"), self._seen(span))
        return Branch(faded(shown, self.layer, fade_in, fade_out))

    def _nothing(self) -> Stream:
        number = self.studio.number()
        path = self.studio.folder / f"canvas-{number}.png"
        paint_clear(path, SWATCH)
        return filling(png(path, "yuva420p", number), (self.area.width, self.area.height))

    def _seen(self, span: Span) -> Stream:
        """Return in grey how much of the group is seen."""
        veil = self.veil
        if veil is None:
            raise TypeError("the whole group is seen")
        frames = veil.branch(span).moving(span).filter("format", "yuva420p")
        grey = frames.filter("alphaextract").filter("format", "gray")
        x, y = self.area.x - veil.area.x, self.area.y - veil.area.y
        return grey.filter("crop", w=self.area.width, h=self.area.height, x=x, y=y, exact=1)
