"""Rules about resolved times, and what is probably not wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from gala.timeline.compilation.layers import Box, Layer, PlanWarning
from gala.timeline.compilation.schedule import Schedule, speaks
from gala.timeline.compilation.tree import Path, Scope, Slot, Tree, exact, transition_seconds
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import AudioElement, TextElement, VoiceElement
from gala.timeline.document.htmls import MAX_SECONDS, HtmlElement
from gala.timeline.document.movement import Timed
from gala.timeline.document.placement import MovedParams, VisibleParams
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.texts import TextFit
from gala.timeline.problems import Problem, pointer

_MUSIC_SECONDS: Final = 3
"""Shorter sounds are effects."""
_UNHEARD: Final = 0.5
"""Seconds at the end of a file that may be silent."""
_ROUNDING: Final = Fraction(1, 1_000_000)
"""Times are written in microseconds, in which the frames of most rates are no whole numbers."""


def time_problems(tree: Tree, schedule: Schedule, frame_seconds: Fraction) -> Iterator[Problem]:
    """Yield what is wrong with the times of elements and scenes; all of them are resolved."""
    for slot in tree.slots:
        yield from _order_problems(slot, schedule)
        yield from _limit_problems(slot, schedule, frame_seconds)
        yield from _movement_problems(slot, schedule.length(slot))
    for scene in tree.scenes:
        yield from _scene_problems(scene, schedule)


def _order_problems(slot: Slot, schedule: Schedule) -> Iterator[Problem]:
    before = slot.before
    if before is None:
        return
    if slot.transition is not None:
        longest = min(schedule.length(before), schedule.length(slot))
        # Between two transitions, a clip has to be seen alone.
        if exact(slot.transition.duration) >= longest:
            rule = f"The transition takes as long as a clip, {_seconds(longest)} s."
            remedy = f"Use a shorter one, such as {_seconds(longest / 4)} s, or a longer clip."
            yield Problem(pointer((*slot.path, "transition")), rule, remedy)
        return
    ended = schedule.end(before)
    if schedule.start(slot) < ended:
        yield Problem(
            pointer((*slot.path, "start")),
            f"It overlaps the clip before it, which ends at {_seconds(ended)} s.",
            f"Start at {_seconds(ended)} or later, or put it on another track; to blend the two,"
            " leave start out and add a transition.",
        )


def _limit_problems(slot: Slot, schedule: Schedule, frame_seconds: Fraction) -> Iterator[Problem]:
    start, limit = schedule.start(slot), schedule.end(slot.scope)
    what = "scene" if slot.scope.scene else "group" if slot.scope.group else "film"
    # Less than a frame may be lost to rounding, as files are measured to a millisecond.
    if start >= limit:
        where = "start" if slot.element.start is not None else ""
        yield Problem(
            pointer((*slot.path, where) if where else slot.path),
            f"It starts at {_seconds(start)} s, after its {what} has ended ({_seconds(limit)} s).",
            f"Start it earlier, or give the {what} a longer duration.",
        )
    elif start < schedule.start(slot.scope):
        yield Problem(
            pointer((*slot.path, "start")),
            f"It starts at {_seconds(start)} s, before its {what} does"
            f" ({_seconds(schedule.start(slot.scope))} s).",
            "Start it later.",
        )
    elif schedule.length(slot) < frame_seconds - _ROUNDING:
        yield Problem(
            pointer((*slot.path, "duration") if slot.element.duration is not None else slot.path),
            "It is shorter than a frame.",
            f"Make it at least {_seconds(frame_seconds)} s long.",
        )


def _movement_problems(slot: Slot, length: Fraction) -> Iterator[Problem]:
    element = slot.element
    if isinstance(element, HtmlElement) and length > MAX_SECONDS:
        yield Problem(
            pointer((*slot.path, "duration") if element.duration is not None else slot.path),
            f"An element of type html is seen for at most {MAX_SECONDS} s, not {_seconds(length)}.",
            f'Add "duration": {MAX_SECONDS}, or use several.',
        )
    if not isinstance(element, MovedParams):
        return
    if exact(element.fade_in) + exact(element.fade_out) > length:
        yield Problem(
            pointer((*slot.path, "fade_in" if element.fade_in else "fade_out")),
            f"The fades take longer than the element, {_seconds(length)} s.",
            f"Let both together take at most {_seconds(length)} s.",
        )
    yield from _late_keyframes(element.keyframes, (*slot.path, "keyframes"), length)
    mask = element.mask if isinstance(element, VisibleParams) else None
    if mask is not None:
        yield from _late_keyframes(mask.keyframes, (*slot.path, "mask", "keyframes"), length)


def _late_keyframes(frames: Sequence[Timed], path: Path, length: Fraction) -> Iterator[Problem]:
    for number, frame in enumerate(frames):
        if not frame.time.is_fraction and exact(frame.time.value) > length:
            yield Problem(
                pointer((*path, number, "time")),
                f"It is after the element's end, {_seconds(length)} s; keyframes count from its"
                " start.",
                f'Write at most {_seconds(length)}, or "100%" for the end.',
            )


def _scene_problems(scene: Scope, schedule: Schedule) -> Iterator[Problem]:
    if scene.scene is None or scene.scene.transition is None or scene.before is None:
        return
    longest = min(schedule.length(scene), schedule.length(scene.before))
    if transition_seconds(scene.scene.transition) >= longest:
        rule = f"The transition takes as long as a scene, {_seconds(longest)} s."
        remedy = f"Use a shorter one, such as {_seconds(longest / 4)} s."
        yield Problem(pointer((*scene.path, "transition")), rule, remedy)


def _seconds(value: Fraction) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


def gaps(layers: Sequence[Layer], frames: int, fps: int) -> Iterator[PlanWarning]:
    """Yield the times at which only the background is seen."""
    seen = sorted((one.first_frame, one.end_frame) for one in layers if one.is_visible)
    at = 0
    for first, end in [*seen, (frames, frames)]:
        if first > at:
            times = f"{_seconds(Fraction(at, fps))} to {_seconds(Fraction(first, fps))} s"
            message = f"Only the background is seen from {times}."
            yield PlanWarning("gap", "", message)
        at = max(at, end)


def unsafe_texts(layers: Sequence[Layer], safe_area: float) -> Iterator[PlanWarning]:
    """Yield the texts that reach out of the safe area; ``safe_area`` is its margin in pixels."""
    for layer in layers:
        placement = layer.placement
        is_text = isinstance(layer.element, TextElement | CountdownElement)
        if not is_text or placement is None or layer.group:
            continue
        frame = Box(0, 0, layer.frame.width, layer.frame.height)
        box = placement.box
        over = max(
            safe_area - box.left,
            safe_area - box.top,
            box.right - (frame.right - safe_area),
            box.bottom - (frame.bottom - safe_area),
        )
        if over > 1:
            message = (
                f"The text reaches {over:.0f} pixels out of the safe area of"
                f" {layer.frame.width}×{layer.frame.height}; use a smaller font_size, a narrower"  # noqa: RUF001
                " width, or another position."
            )
            yield PlanWarning("outside_safe_area", layer.pointer, message)


def high_texts(
    layers: Sequence[Layer], height_of: Callable[[TextElement, float], tuple[float, float]]
) -> Iterator[PlanWarning]:
    """Yield the texts that are higher than their boxes, which do not cut them off.

    ``height_of`` returns the height of a text in lines of a width, in pixels, and by which part of
    it that may be wrong.
    """
    for layer in layers:
        element, placement = layer.element, layer.placement
        if not isinstance(element, TextElement) or placement is None or element.height is None:
            continue
        if element.fit is not TextFit.WRAP:
            continue
        box = placement.box
        height, error = height_of(element, box.width)
        over = height * (1 - error) - box.height
        if over > 1:
            message = (
                f"The text is {over:.0f} pixels higher than its height of {box.height:.0f} pixels,"
                " and covers what is above and below it; use fit shrink, a smaller font_size, or a"
                " larger height."
            )
            yield PlanWarning("text_overflows", layer.pointer, message)


def held_frames(layers: Sequence[Layer]) -> Iterator[PlanWarning]:
    """Yield the videos whose last frame is held because they are too short."""
    for layer in layers:
        source = layer.source
        if source is None or source.holds_from is None:
            continue
        message = (
            f"The video lasts {_seconds(source.holds_from)} s and is shown for"
            f" {_seconds(layer.length)} s: its last frame is held. Set loop to repeat it, or a"
            " lower speed."
        )
        yield PlanWarning("held_frame", layer.pointer, message)


def hard_ends(
    layers: Sequence[Layer], heard_length: Callable[[AudioElement], float | None]
) -> Iterator[PlanWarning]:
    """Yield music that stops at full volume before its file ends.

    ``heard_length`` returns how long the whole sound would be heard, None if that is not known.
    """
    followed = {one.transition.before for one in layers if one.transition is not None}
    begun = {
        (one.first_frame, one.element.src)
        for one in layers
        if isinstance(one.element, AudioElement)
    }
    for layer in layers:
        element = layer.element
        if not isinstance(element, AudioElement) or layer.length < _MUSIC_SECONDS:
            continue
        goes_on = layer.number in followed or (layer.end_frame, element.src) in begun
        if goes_on or element.fade_out or not _last_volume(element):
            continue
        whole = heard_length(element)
        if element.loop or (whole is not None and whole - float(layer.length) > _UNHEARD):
            message = (
                "The sound stops at full volume, as its file goes on. Set fade_out, such as 1.5."
            )
            yield PlanWarning("hard_end", layer.pointer, message)


def _last_volume(element: AudioElement) -> float:
    """Return the volume at the end."""
    set_ = [one.volume for one in element.keyframes if one.volume is not None]
    return set_[-1] if set_ else element.volume


def shared_voices(layers: Sequence[Layer]) -> Iterator[PlanWarning]:
    """Yield the spoken texts that presenters with different bodies say, in one voice."""
    for layer in layers:
        voice = layer.element
        if not isinstance(voice, VoiceElement) or voice.src is not None:
            continue
        speakers = [
            one.element
            for one in layers
            if one.words_of == layer.pointer and isinstance(one.element, PresenterElement)
        ]
        bodies = [(one.model, one.src, one.face, one.sprites, one.character) for one in speakers]
        if any(body != bodies[0] for body in bodies):
            message = (
                f"{len(bodies)} presenters say this text, in one voice: that of the first, unless"
                " voice or gender is set. For a choir, give each a text of its own at the same"
                " start."
            )
            yield PlanWarning("one_voice", layer.pointer, message)


def estimates(unknown: Sequence[Slot]) -> Iterator[PlanWarning]:
    """Yield the elements whose length is estimated."""
    for slot in unknown:
        message = "Its length is not known yet; times that depend on it are estimates."
        yield PlanWarning("unknown_length", pointer(slot.path), message)


def cuts(tree: Tree, schedule: Schedule, frame_seconds: Fraction) -> Iterator[PlanWarning]:
    """Yield what ends too early with its scene, group or film: speech, and given lengths."""
    for slot in tree.slots:
        lost = schedule.end(slot) - schedule.end(slot.scope)
        is_given = isinstance(slot.element.duration, float)
        if lost >= frame_seconds and (is_given or speaks(slot)):
            what = "scene" if slot.scope.scene else "group" if slot.scope.group else "film"
            message = f"Its last {_seconds(lost)} s are cut, because its {what} ends before."
            yield PlanWarning("cut", pointer(slot.path), message)
