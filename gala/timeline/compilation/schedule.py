"""When every element and scene starts and ends, in exact seconds.

Times depend on each other in any direction: on the clip before, on an element that is followed, on
the length of the whole. Each is computed once, when it is asked for; one that needs itself on the
way is a cycle, and refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from typing import Final

from gala.timeline.compilation import countdowns, estimates
from gala.timeline.compilation.spoken_lines import SpokenLine, line_of
from gala.timeline.compilation.tree import Node, Scope, Slot, Tree, exact
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import (
    AudioElement,
    GroupElement,
    VideoElement,
    VoiceElement,
)
from gala.timeline.document.lotties import LottieElement
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timing import END, Follow, Until
from gala.timeline.document.waveforms import WaveformElement
from gala.timeline.measurements import Measurements
from gala.timeline.problems import Problem, pointer

STILL_SECONDS: Final = Fraction(5)
"""How long what has no length of its own is shown, where nothing else decides."""
_MAX_CHAIN: Final = 120
"""Of times that depend on one another, each on the next."""

_Key = tuple[str, int]
_TIME: Final = ("freeze", "time")


class Unresolved(Exception):
    """A time cannot be computed; the problem says why."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


class Schedule:
    """Start and length of every element and scene of a tree, computed when they are asked for."""

    def __init__(self, tree: Tree, measurements: Measurements, frame_seconds: Fraction):
        self._tree = tree
        self._frame_seconds = frame_seconds
        self._measurements = measurements
        self._known: dict[_Key, Fraction] = {}
        self._open: dict[_Key, Node] = {}
        self._failed: dict[_Key, Problem] = {}
        self._own: dict[int, Fraction | None] = {}
        self.unknown: dict[int, Slot] = {}
        """Elements whose length is estimated."""

    def start(self, node: Node) -> Fraction:
        """Return the second in which it starts. Raise Unresolved."""
        return self._once("start", node, self._start)

    def end(self, node: Node) -> Fraction:
        """Return the second in which it ends. Raise Unresolved."""
        return self.start(node) + self.length(node)

    def length(self, node: Node) -> Fraction:
        """Return its seconds. Raise Unresolved."""
        return self._once("length", node, self._length)

    def _once(self, what: str, node: Node, compute: Callable[[Node], Fraction]) -> Fraction:
        key = (what, id(node))
        if key in self._known:
            return self._known[key]
        if key in self._failed:
            raise Unresolved(self._failed[key])
        if key in self._open or len(self._open) > _MAX_CHAIN:
            raise Unresolved(self._cycle(key, node))
        self._open[key] = node
        try:
            found = compute(node)
        except Unresolved as error:
            self._failed[key] = error.problem
            raise
        finally:
            del self._open[key]
        self._known[key] = found
        return found

    def _cycle(self, key: _Key, node: Node) -> Problem:
        opened = list(self._open)
        chain = [self._open[one] for one in opened[opened.index(key) :]] if key in opened else []
        names = list(dict.fromkeys(_called(one) for one in [*chain, node]))
        at = next((one for one in chain if isinstance(one, Slot)), node)
        if not chain:
            rule = "Too many elements follow one another."
            return Problem(pointer(at.path), rule, "Give one of them a start in seconds.")
        return Problem(
            pointer(at.path),
            f"Its time depends on itself: {' → '.join([*names, names[0]])}.",
            "Give one of them a start and a duration in seconds.",
        )

    # --- starts ------------------------------------------------------------------------------

    def _start(self, node: Node) -> Fraction:
        found = self._scope_start(node) if isinstance(node, Scope) else self._slot_start(node)
        if found < 0:
            raise Unresolved(
                Problem(
                    pointer((*node.path, "start")),
                    f"It would start {float(-found):g} s before the whole.",
                    "Use a larger offset.",
                )
            )
        return found

    def _scope_start(self, scope: Scope) -> Fraction:
        if scope.group is not None:
            return self.start(scope.group)
        if scope.before is None:
            return Fraction(0)
        return self.end(scope.before) - scope.lead

    def _slot_start(self, slot: Slot) -> Fraction:
        start = slot.element.start
        if isinstance(start, Follow):
            target = self._tree.names[start.target]
            at = self.end(target) if start.after else self.start(target)
            return at + exact(start.offset)
        origin = self.start(slot.scope)
        if start is not None:
            return origin + exact(start)
        if slot.of is not None:
            return self.start(slot.of)
        if slot.before is not None:
            return self.end(slot.before) - self._overlap(slot)
        return origin + (slot.scope.lead if slot.is_narration else 0)

    def _overlap(self, slot: Slot) -> Fraction:
        return Fraction(0) if slot.transition is None else exact(slot.transition.duration)

    # --- lengths -----------------------------------------------------------------------------

    def _length(self, node: Node) -> Fraction:
        if isinstance(node, Slot):
            return self._slot_length(node)
        if node.group is not None:
            return self.length(node.group)
        return self._scene_length(node) if node.scene is not None else self._whole_length(node)

    def _slot_length(self, slot: Slot) -> Fraction:
        duration = slot.element.duration
        if duration == END:
            return self._to_the_end(slot)
        if isinstance(duration, Until):
            target = self._tree.names[duration.until]
            found = self.end(target) + exact(duration.offset) - self.start(slot)
            return self._positive(found, slot, "It would end before it starts.")
        if isinstance(duration, float):
            rule = "A length of zero shows nothing."
            return self._positive(exact(duration), slot, rule)
        own = self.own_length(slot)
        if own is not None:
            return own
        if isinstance(slot.element, GroupElement) and slot.inside is not None:
            inner = self._content_length(slot.inside)
            if inner is not None:
                return inner
        return self._still_length(slot)

    def _positive(self, found: Fraction, slot: Slot, rule: str) -> Fraction:
        if found <= 0:
            remedy = "Use a longer duration, or leave it out for the content's own length."
            raise Unresolved(Problem(pointer((*slot.path, "duration")), rule, remedy))
        return found

    def _to_the_end(self, slot: Slot) -> Fraction:
        found = self._limit(slot.scope) - self.start(slot)
        if found > 0:
            return found
        raise Unresolved(
            Problem(
                pointer((*slot.path, "duration")),
                f"It starts at {float(self.start(slot)):g} s, when all else has ended: nothing says"
                " how long it lasts.",
                "Give it a duration in seconds.",
            )
        )

    def _limit(self, scope: Scope) -> Fraction:
        """Return when the scene, the group or the whole ends."""
        return self.start(scope) + self.length(scope)

    def _still_length(self, slot: Slot) -> Fraction:
        """Return how long something without a length of its own lasts."""
        following = slot.after
        if following is not None and following.element.start is not None:
            found = self.start(following) - self.start(slot)
            return found if found > 0 else STILL_SECONDS
        if slot.in_track and not self._alone(slot):
            return STILL_SECONDS
        found = self._limit(slot.scope) - self.start(slot)
        return found if found > 0 else STILL_SECONDS

    @staticmethod
    def _alone(slot: Slot) -> bool:
        return slot.before is None and slot.after is None

    def lasts_to_the_end(self, slot: Slot) -> bool:
        """Return True if its length is that of its scope, so that it does not decide on that."""
        duration = slot.element.duration
        if duration is not None:
            return duration == END
        if slot.of is not None or self.own_length(slot) is not None:
            return False
        if slot.inside is not None and any(
            not self.lasts_to_the_end(inner) for inner in slot.inside.slots
        ):
            return False
        return self._alone(slot) if slot.in_track else True

    def _content_length(self, scope: Scope) -> Fraction | None:
        """Return the length of what has one in a scene or group; None if nothing has."""
        ends = [self.end(slot) for slot in scope.slots if not self.lasts_to_the_end(slot)]
        return max(ends) - self.start(scope) if ends else None

    def _scene_length(self, scope: Scope) -> Fraction:
        scene = scope.scene
        if scene is not None and scene.duration is not None:
            return exact(scene.duration)
        speech = [self.end(slot) for slot in scope.slots if speaks(slot)]
        if speech:
            return max(speech) - self.start(scope) + scope.tail
        found = self._content_length(scope)
        return STILL_SECONDS if found is None else max(found, scope.lead + scope.tail)

    def _whole_length(self, root: Scope) -> Fraction:
        if self._tree.timeline.duration is not None:
            return exact(self._tree.timeline.duration)
        if self._tree.scenes:
            return self.end(self._tree.scenes[-1])
        ends = [self.end(slot) for slot in root.slots if not self.lasts_to_the_end(slot)]
        if not ends:
            last = max((self.start(slot) for slot in root.slots), default=Fraction(0))
            return last + STILL_SECONDS
        return max([*ends, *self._ends_of_late_stills(root, max(ends))])

    def _ends_of_late_stills(self, root: Scope, ended: Fraction) -> Iterator[Fraction]:
        """Yield the ends of what starts when all else has ended, and has no length of its own."""
        for slot in root.slots:
            if slot.element.duration is not None or not self.lasts_to_the_end(slot):
                continue
            start = slot.element.start
            target = self._tree.names[start.target] if isinstance(start, Follow) else None
            # What follows one that lasts to the end needs the end that is computed here.
            if isinstance(target, Slot) and self.lasts_to_the_end(target):
                continue
            if self.start(slot) >= ended:
                yield self.start(slot) + STILL_SECONDS

    # --- what elements are made of -------------------------------------------------------------

    def own_length(self, slot: Slot) -> Fraction | None:
        """Return the length of its content, None if it has none. Raise Unresolved."""
        if id(slot) not in self._own:
            found = self._measure(slot) if slot.of is None else self.length(slot.of)
            self._own[id(slot)] = found
        return self._own[id(slot)]

    def _measure(self, slot: Slot) -> Fraction | None:
        match slot.element:
            case VideoElement(freeze=float()) | VideoElement(loop=True) | AudioElement(loop=True):
                return None
            case VideoElement() | AudioElement():
                return self.played_length(slot)
            case LottieElement() | CountdownElement() as drawn:
                return self._drawn_length(slot, drawn)
            case VoiceElement(src=str(source)) | WaveformElement(src=str(source)) as element:
                found = self._media_length(source, slot)
                return found if isinstance(element, WaveformElement) else self._whole_frames(found)
        line = line_of(slot, self._tree)
        return None if line is None else self._spoken_length(slot, line)

    def _drawn_length(
        self, slot: Slot, element: LottieElement | CountdownElement
    ) -> Fraction | None:
        if isinstance(element, CountdownElement):
            return countdowns.own_length(element)
        if element.loop:
            return None
        media = self._measurements.media(element.key)
        known = None if media is None else media.duration
        return self._or_estimate(known, STILL_SECONDS, slot) / exact(element.speed)

    def _media_length(self, source: str, slot: Slot) -> Fraction:
        media = self._measurements.media(source)
        known = None if media is None else media.duration
        return self._or_estimate(known, STILL_SECONDS, slot)

    def _whole_frames(self, seconds: Fraction) -> Fraction:
        """Return the length of speech, up to the end of a frame.

        So the scenes after one whose words were changed begin with a frame, too: their pictures
        are still the same.
        """
        return ceil(seconds / self._frame_seconds) * self._frame_seconds

    def _spoken_length(self, slot: Slot, line: SpokenLine) -> Fraction:
        known = self._measurements.speech(line)
        estimate = estimates.speech_seconds(line.text, line.voice.speed)
        return self._whole_frames(self._or_estimate(known, estimate, slot))

    def _or_estimate(self, known: Fraction | None, estimate: Fraction, slot: Slot) -> Fraction:
        if known is not None:
            return known
        self.unknown[id(slot)] = slot
        return estimate

    def check_file(self, slot: Slot) -> None:
        """Raise Unresolved if the part that an element plays is not in its file.

        Elements whose length is not that of their file have to be checked, too.
        """
        match slot.element:
            case VideoElement(freeze=float(at), src=source):
                media = self._measurements.media(source)
                if media is not None and media.duration is not None:
                    self._check_part(slot, ("freeze",), exact(at), media.duration)
            case VideoElement() | AudioElement():
                self.played_length(slot)
                self._check_freezes(slot)

    def _check_freezes(self, slot: Slot) -> None:
        element = slot.element
        media = self._measurements.media(element.src) if isinstance(element, VideoElement) else None
        if not isinstance(element, VideoElement) or media is None or media.duration is None:
            return
        given = element.freeze if isinstance(element.freeze, tuple) else element.freezes
        for number, one in enumerate(given):
            at = ("freeze", number, "time") if isinstance(element.freeze, tuple) else _TIME
            self._check_part(slot, at, exact(one.time), media.duration)

    def played_length(self, slot: Slot) -> Fraction:
        """Return how long one play of the trimmed file takes, with the times it stands still.

        Raise Unresolved.
        """
        element = slot.element
        stands = sum((exact(one.duration) for one in getattr(element, "freezes", ())), Fraction(0))
        return self._moving_length(slot) + stands

    def _moving_length(self, slot: Slot) -> Fraction:
        element = slot.element
        assert isinstance(element, VideoElement | AudioElement)  # noqa: S101 - for the type checker
        start = exact(element.trim.start)
        end = None if element.trim.end is None else exact(element.trim.end)
        media = self._measurements.media(element.src)
        whole = None if media is None else media.duration
        if whole is not None:
            self._check_trim(slot, start, end, whole)
            return ((end or whole) - start) / exact(element.speed)
        estimate = (end or start + STILL_SECONDS) - start
        if end is None and slot.element.duration is None and not element.loop:
            self.unknown[id(slot)] = slot
        return estimate / exact(element.speed)

    def _check_trim(
        self, slot: Slot, start: Fraction, end: Fraction | None, whole: Fraction
    ) -> None:
        self._check_part(slot, ("trim", "start"), start, whole)
        # Lengths of files are known to a millisecond, and people round them.
        if end is not None and end > whole + Fraction(1, 20):
            raise Unresolved(
                Problem(
                    pointer((*slot.path, "trim", "end")),
                    f"The file ends at {float(whole):g} s, before the part ends.",
                    f"Write at most {float(whole):g}.",
                )
            )

    def _check_part(
        self, slot: Slot, field: tuple[str | int, ...], start: Fraction, whole: Fraction
    ) -> None:
        """Raise Unresolved if the file has ended at ``start``, the value of the field."""
        if whole <= 0:
            rule, path = "This file has no length.", (*slot.path, "src")
            raise Unresolved(Problem(pointer(path), rule, "Use another file."))
        if start >= whole:
            rule = f"The file ends at {float(whole):g} s, before that."
            remedy = f"Write less than {float(whole):g}."
            raise Unresolved(Problem(pointer((*slot.path, *field)), rule, remedy))


def speaks(slot: Slot) -> bool:
    """Return True if a text is spoken in it, or a recording of one is played."""
    element = slot.element
    if isinstance(element, PresenterElement):
        return element.text is not None
    return isinstance(element, VoiceElement)


def _called(node: Node) -> str:
    return node.name or pointer(node.path) or "the whole"
