"""Compile a composition: resolve its times, place its elements, and say what is unusual."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from gala.media import Format
from gala.timeline.compilation import checks, estimates
from gala.timeline.compilation.boxes import Surroundings, place
from gala.timeline.compilation.contrast import low_contrasts
from gala.timeline.compilation.countdowns import as_text, widest
from gala.timeline.compilation.hidden_texts import captions_over_texts
from gala.timeline.compilation.languages import localized
from gala.timeline.compilation.layers import (
    Box,
    CompiledScene,
    CompiledTimeline,
    Hold,
    Layer,
    Part,
    Placement,
    PlanWarning,
    SourceSpan,
    Speech,
    TransitionSpan,
)
from gala.timeline.compilation.oversights import oversights
from gala.timeline.compilation.schedule import Schedule, Unresolved
from gala.timeline.compilation.spoken_lines import line_of
from gala.timeline.compilation.tree import Node, Slot, Tree, build, exact, voice_of
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import (
    AudioElement,
    CaptionElement,
    ImageElement,
    SvgElement,
    TextElement,
    VideoElement,
    VoiceElement,
)
from gala.timeline.document.lotties import LottieElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.measurements import Measurements, Size
from gala.timeline.problems import InvalidTimeline, Problem, pointer
from gala.timeline.server_models import unknown_models

_MEASURED: Final = 0.02
_ESTIMATED: Final = 0.25
"""By which part heights of texts may be wrong."""


def compile_timeline(
    timeline: TimelineParams, frame: Format, measurements: Measurements
) -> CompiledTimeline:
    """Return all layers with their times and places on a frame of that size.

    Raise InvalidTimeline with what is wrong: names, cycles, overlaps, times outside of a scene.
    Such rules about times are warnings while lengths are estimates.
    """
    tree = build(timeline)
    _refuse(tree.problems)
    return _Compiler(tree, frame, measurements).compile()


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidTimeline(list(dict.fromkeys(problems)))


class _Compiler:
    def __init__(self, tree: Tree, frame: Format, measurements: Measurements):
        self._tree = tree
        self._frame = frame
        self._measurements = measurements
        self._schedule = Schedule(tree, measurements, Fraction(1, frame.fps))
        self._short_side = min(frame.width, frame.height)
        self._safe_area = tree.timeline.safe_area * self._short_side
        self._numbers: dict[int, int] = {}
        self._groups: dict[int, Layer] = {}

    def compile(self) -> CompiledTimeline:
        tree, schedule = self._tree, self._schedule
        self._resolve()
        frame_seconds = Fraction(1, self._frame.fps)
        problems = list(checks.time_problems(tree, schedule, frame_seconds))
        unknown = list(schedule.unknown.values())
        if not unknown:
            _refuse(problems)
        layers = tuple(self._layers())
        length = schedule.length(tree.root)
        scenes = tuple(self._scenes())
        return CompiledTimeline(
            frame=self._frame,
            length=length,
            frames=self._frame_of(length),
            background=tree.timeline.background,
            layers=layers,
            scenes=scenes,
            warnings=(
                *checks.estimates(unknown),
                *(PlanWarning("perhaps", one.pointer, f"{one.rule} {one.remedy}")
                  for one in problems),
                *checks.cuts(tree, schedule, frame_seconds),
                *checks.held_frames(layers),
                *checks.gaps(layers, self._frame_of(length), self._frame.fps),
                *checks.unsafe_texts(layers, self._safe_area),
                *checks.high_texts(layers, self._height_of),
                *captions_over_texts(layers, self._height_of),
                *checks.shared_voices(layers),
                *checks.hard_ends(layers, self._heard_length),
                *low_contrasts(
                    layers, scenes, None if tree.timeline.transparent else tree.timeline.background
                ),
                *oversights(tree.timeline),
                *(PlanWarning("not_rendered", one.pointer, one.rule)
                  for one in unknown_models(tree)),
            ),
            is_estimate=bool(unknown),
        )  # fmt: skip

    def _resolve(self) -> None:
        """Compute all times; raise InvalidTimeline with all that cannot be computed."""
        problems: list[Problem] = []
        nodes: list[Node] = [*self._tree.scenes, *self._tree.slots, self._tree.root]
        for node in nodes:
            try:
                self._schedule.end(node)
                if isinstance(node, Slot):
                    self._schedule.check_file(node)
            except Unresolved as error:
                problems.append(error.problem)
        _refuse(problems)

    def _frame_of(self, seconds: Fraction) -> int:
        """Return the frame that is nearest to a time."""
        return (seconds * self._frame.fps + Fraction(1, 2)).__floor__()

    # --- layers ------------------------------------------------------------------------------

    def _layers(self) -> Iterator[Layer]:
        number = 0
        for slot in self._tree.slots:
            part = self._part(slot)
            first, end = self._frame_of(part.start), self._frame_of(part.end)
            if slot.inside is not None:
                below = self._numbers[id(slot)] = -1 - len(self._groups)
                self._groups[id(slot)] = self._layer(slot, part, below, first, end)
                continue
            if end <= first:
                continue  # only while lengths are estimates
            self._numbers[id(slot)] = number
            yield self._layer(slot, part, number, first, end)
            number += 1

    def _part(self, slot: Slot) -> Part:
        schedule, scope = self._schedule, slot.scope
        group = None if scope.group is None else self._groups[id(scope.group)]
        limit = min(schedule.end(scope), schedule.end(self._tree.root))
        if group is not None:
            limit = min(limit, group.end)
        start = schedule.start(slot)
        end = schedule.end(slot)
        if self._is_held_to_the_end(slot):
            end = max(end, limit)
        within = Box(0.0, 0.0, float(self._frame.width), float(self._frame.height))
        if group is not None and group.placement is not None:
            within = group.placement.box
        around = Surroundings(within, self._short_side, self._safe_area)
        end = max(start, min(end, limit))
        return Part(
            element=localized(slot, self._tree.timeline),
            pointer=pointer(slot.path),
            start=start,
            end=end,
            placement=self._placement(slot, around, end - start),
            frame=self._frame,
            group=group,
        )

    def _placement(self, slot: Slot, around: Surroundings, length: Fraction) -> Placement | None:
        element = slot.element
        if isinstance(element, CountdownElement):
            return self._place_of_texts(element, around, length)
        return place(element, around, self._content_size(slot), self._text_size)

    def _place_of_texts(
        self, countdown: CountdownElement, around: Surroundings, length: Fraction
    ) -> Placement | None:
        """Return where a countdown is, as large as its largest text."""
        texts = [as_text(countdown, one) for one in widest(countdown, length)]

        def largest(element: TextElement, width: float, height: float | None) -> Size:
            del element
            sizes = [self._text_size(one, width, height) for one in texts]
            return Size(max(one.width for one in sizes), max(one.height for one in sizes))

        return place(texts[0], around, None, largest)

    @staticmethod
    def _is_held_to_the_end(slot: Slot) -> bool:
        """Return True for a video of a scene, which is seen as long as what is spoken there."""
        in_scene = slot.scope.scene is not None
        return in_scene and isinstance(slot.element, VideoElement) and not slot.element.duration

    def _content_size(self, slot: Slot) -> Size | None:
        element = slot.element
        sized = VideoElement | ImageElement | SvgElement | LottieElement
        if not isinstance(element, sized) or not element.src:
            return None
        name = element.key if isinstance(element, LottieElement) else element.src
        media = self._measurements.media(name)
        return None if media is None else media.size

    def _height_of(self, element: TextElement, width: float) -> tuple[float, float]:
        """Return the height of a text in lines of that width, and by how much it may be wrong.

        The second is a part of the height.
        """
        measured = self._measurements.text(element, width, None, self._short_side)
        if measured is not None:
            return measured.height, _MEASURED
        return estimates.text_size(element, width, self._short_side).height, _ESTIMATED

    def _heard_length(self, element: AudioElement) -> float | None:
        """Return how long the whole sound would be heard, in seconds; None if it is not known."""
        media = self._measurements.media(element.src)
        if media is None or not media.duration:
            return None
        return (float(media.duration) - float(element.trim.start)) / element.speed

    def _text_size(self, element: TextElement, width: float, height: float | None) -> Size:
        measured = self._measurements.text(element, width, height, self._short_side)
        return measured or estimates.text_size(element, width, self._short_side)

    def _layer(self, slot: Slot, part: Part, number: int, first: int, end: int) -> Layer:
        element, scene = part.element, slot.scene
        captions = element.params(self._short_side) if isinstance(element, CaptionElement) else None
        return Layer(
            element=element,
            pointer=part.pointer,
            start=part.start,
            end=part.end,
            placement=part.placement,
            frame=part.frame,
            group=part.group,
            number=number,
            first_frame=first,
            end_frame=end,
            scene=None if scene is None else scene.number,
            source=self._source(slot, part),
            speech=self._speech(slot),
            words_of=None if slot.of is None else pointer(slot.of.path),
            captions=captions,
            transition=self._transition(slot, part),
        )

    def _source(self, slot: Slot, part: Part) -> SourceSpan | None:
        element = slot.element
        if isinstance(element, VideoElement) and isinstance(element.freeze, float):
            at = exact(element.freeze)
            return SourceSpan(at, at, freeze=True)
        if not isinstance(element, VideoElement | AudioElement):
            return None
        media = self._measurements.media(element.src)
        is_measured = element.trim.end is not None or (media is not None and media.duration)
        played = self._schedule.played_length(slot)
        held = (
            isinstance(element, VideoElement)
            and not element.loop
            and is_measured
            and part.length - played >= Fraction(1, self._frame.fps)
        )
        return SourceSpan(
            start=exact(element.trim.start),
            end=None if element.trim.end is None else exact(element.trim.end),
            speed=element.speed,
            reverse=element.reverse,
            loop=element.loop,
            holds_from=played if held else None,
            holds=tuple(_holds(element)),
        )

    def _speech(self, slot: Slot) -> Speech | None:
        line, element = line_of(slot, self._tree), slot.element
        if line is not None:
            return Speech(line.voice, line.text, None, line)
        if isinstance(element, VoiceElement):
            return Speech(voice_of(self._tree.timeline, element), element.text, element.src)
        return None

    def _transition(self, slot: Slot, part: Part) -> TransitionSpan | None:
        if slot.transition is None or slot.before is None:
            return None
        before = self._numbers.get(id(slot.before))
        if before is None:
            return None
        return TransitionSpan(
            slot.transition,
            before,
            self._frame_of(part.start),
            self._frame_of(part.start + exact(slot.transition.duration)),
        )

    # --- scenes ------------------------------------------------------------------------------

    def _scenes(self) -> Iterator[CompiledScene]:
        for number, scope in enumerate(self._tree.scenes):
            scene = scope.scene
            if scene is None:
                continue
            start, end = self._schedule.start(scope), self._schedule.end(scope)
            first, last = self._frame_of(start), self._frame_of(end)
            background = scene.background or self._tree.timeline.background
            span = None
            if scene.transition is not None:
                span = TransitionSpan(
                    scene.transition, number - 1, first, self._frame_of(start + scope.lead)
                )
            yield CompiledScene(
                number=number,
                name=scene.name,
                start=start,
                end=end,
                first_frame=first,
                end_frame=last,
                background=background,
                transition=span,
            )


def _holds(element: VideoElement | AudioElement) -> Iterator[Hold]:
    """Yield when a video stands still."""
    earlier = Fraction(0)
    for one in element.freezes if isinstance(element, VideoElement) else ():
        played = (exact(one.time) - exact(element.trim.start)) / exact(element.speed)
        yield Hold(played + earlier, exact(one.duration))
        earlier += exact(one.duration)
