"""The elements of a composition in their scopes: scenes, tracks and groups.

Here scenes become what tracks are: elements with places in the document, of which the voice and the
captions of a scene are two more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from gala.media import MAX_FPS
from gala.name_suggestions import suggestion
from gala.render_types.params.voice import VoiceParams
from gala.timeline.document.elements import (
    AnyElement,
    AudioElement,
    CaptionElement,
    GroupElement,
    NarrationParams,
    VideoElement,
    VoiceElement,
)
from gala.timeline.document.movement import ClipTransition
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.document.timeline import Scene, TimelineParams
from gala.timeline.document.timing import Follow, Until
from gala.timeline.document.waveforms import WaveformElement
from gala.timeline.problems import Problem, pointer

MAX_ELEMENTS: Final = 2000
MAX_DEPTH: Final = 4
"""Of groups in groups."""
_FLOAT_ERROR: Final = Fraction(1, 10**10)
"""By which numbers of seconds, up to 12 hours, may differ from the fraction that they stand for."""

Path = tuple[str | int, ...]


@dataclass(eq=False, slots=True)
class Scope:
    """What times count from and ``"end"`` refers to: the whole, a scene, or a group."""

    path: Path
    parent: Scope | None = None
    name: str | None = None
    scene: Scene | None = None
    number: int | None = None
    """Of the scene, from 0."""
    before: Scope | None = None
    """The scene before this one."""
    after: Scope | None = None
    group: Slot | None = None
    slots: list[Slot] = field(default_factory=list)
    depth: int = 0

    @property
    def lead(self) -> Fraction:
        """Seconds of the transition from the scene before."""
        return transition_seconds(self.scene.transition if self.scene else None)

    @property
    def tail(self) -> Fraction:
        """Seconds of the transition to the next scene."""
        return self.after.lead if self.after else Fraction(0)


@dataclass(eq=False, slots=True)
class Slot:
    """An element in its scope."""

    element: AnyElement
    path: Path
    scope: Scope
    is_narration: bool = False
    """Whether it is the voice of its scene."""
    in_track: bool = False
    before: Slot | None = None
    """The clip before this one in its track."""
    after: Slot | None = None
    inside: Scope | None = None
    """What it holds, if it is a group."""
    of: Slot | None = None
    """The element whose words it shows or speaks."""

    @property
    def name(self) -> str | None:
        """The element's name."""
        return self.element.name

    @property
    def transition(self) -> ClipTransition | None:
        """How it takes the place of the clip before it."""
        return getattr(self.element, "transition", None)

    @property
    def scene(self) -> Scope | None:
        """The scene that it is in, if any."""
        scope: Scope | None = self.scope
        while scope is not None and scope.scene is None:
            scope = scope.parent
        return scope


Node = Slot | Scope


def transition_seconds(transition: ClipTransition | None) -> Fraction:
    """Return the length of a transition, 0 without one."""
    return Fraction(0) if transition is None else exact(transition.duration)


def exact(seconds: float) -> Fraction:
    """Return seconds as a fraction: parts of a frame's rate as they are, others in microseconds.

    Ten frames at 30 per second are a third of a second, which has no decimals that are exact.
    """
    microseconds = round(seconds * 1_000_000)
    if microseconds / 1_000_000 != seconds:
        frames = Fraction(seconds).limit_denominator(MAX_FPS)
        if abs(frames - Fraction(seconds)) < _FLOAT_ERROR:
            return frames
    return Fraction(microseconds, 1_000_000)


@dataclass(eq=False, slots=True)
class Tree:
    """All elements of a composition, in the order in which they are drawn."""

    timeline: TimelineParams
    root: Scope
    scenes: list[Scope]
    slots: list[Slot]
    names: Mapping[str, Node]
    problems: list[Problem]


def build(timeline: TimelineParams) -> Tree:
    """Return the elements in their scopes, with all that is wrong with names and places."""
    return _Builder(timeline).build()


class _Builder:
    def __init__(self, timeline: TimelineParams):
        self._timeline = timeline
        self._root = Scope(path=())
        self._scenes: list[Scope] = []
        self._slots: list[Slot] = []
        self._names: dict[str, Node] = {}
        self._problems: list[Problem] = []

    def build(self) -> Tree:
        for number, scene in enumerate(self._timeline.scenes):
            self._add_scene(scene, number)
        for number, track in enumerate(self._timeline.tracks):
            self._add_clips(track.clips, ("tracks", number, "clips"))
        self._check_size()
        for slot in self._slots:
            self._check_references(slot)
        return Tree(
            self._timeline, self._root, self._scenes, self._slots, self._names, self._problems
        )

    def _problem(self, path: Path, rule: str, remedy: str) -> None:
        self._problems.append(Problem(pointer(path), rule, remedy))

    def _add_scene(self, scene: Scene, number: int) -> None:
        before = self._scenes[-1] if self._scenes else None
        scope = Scope(
            ("scenes", number), self._root, scene.name, scene=scene, number=number, before=before
        )
        self._scenes.append(scope)
        self._name(scope, (*scope.path, "name"))
        if before is not None:
            before.after = scope
        elif scene.transition is not None:
            self._no_predecessor((*scope.path, "transition"), "scene")
        self._add_elements(scene.elements, scope, (*scope.path, "elements"))
        if scene.voice is not None:
            self._add_narration(scene, scene.voice, scope)

    def _add_narration(self, scene: Scene, voice: NarrationParams, scope: Scope) -> None:
        given = {name: getattr(voice, name) for name in voice.model_fields_set}
        element = VoiceElement.model_construct({*given, "type"}, type="voice", **given)
        spoken = Slot(element, (*scope.path, "voice"), scope, is_narration=True)
        self._put(spoken)
        captions = self._timeline.captions if scene.captions is None else scene.captions
        if captions is False:
            return
        look = CaptionLook() if captions is True else captions
        given = {name: getattr(look, name) for name in look.model_fields_set}
        shown = CaptionElement.model_construct({*given, "type"}, type="caption", **given)
        self._put(Slot(shown, (*scope.path, "captions"), scope, of=spoken))

    def _add_elements(self, elements: Sequence[AnyElement], scope: Scope, path: Path) -> None:
        for number, element in enumerate(elements):
            at = (*path, number)
            if getattr(element, "transition", None) is not None:
                self._problem(
                    (*at, "transition"),
                    "Only scenes and the clips of tracks have transitions.",
                    "Use fade_in and fade_out, keyframes, or a track.",
                )
            self._put(Slot(element, at, scope))

    def _add_clips(self, clips: Sequence[AnyElement], path: Path) -> None:
        before: Slot | None = None
        for number, element in enumerate(clips):
            slot = Slot(element, (*path, number), self._root, in_track=True, before=before)
            if slot.transition is not None:
                self._check_transition(slot)
            if before is not None:
                before.after = slot
            before = slot
            self._put(slot)

    def _check_transition(self, slot: Slot) -> None:
        if slot.before is None:
            self._no_predecessor((*slot.path, "transition"), "clip")
        elif slot.element.start is not None:
            self._problem(
                (*slot.path, "start"),
                "A clip with a transition starts while the clip before it ends.",
                "Leave start out, or the transition.",
            )

    def _no_predecessor(self, path: Path, kind: str) -> None:
        self._problem(
            path,
            f"The first {kind} takes the place of none, so that it has no transition.",
            f"Move it to the second {kind}, or use fade_in.",
        )

    def _put(self, slot: Slot) -> None:
        self._slots.append(slot)
        slot.scope.slots.append(slot)
        self._name(slot, (*slot.path, "name"))
        if isinstance(slot.element, GroupElement):
            depth = slot.scope.depth + 1
            if depth > MAX_DEPTH:
                self._problem(
                    slot.path, f"Groups are nested more than {MAX_DEPTH} deep.", "Use fewer groups."
                )
                return
            inside = Scope(slot.path, slot.scope, group=slot, depth=depth)
            slot.inside = inside
            self._add_elements(slot.element.elements, inside, (*slot.path, "elements"))

    def _name(self, node: Node, path: Path) -> None:
        if node.name is None:
            return
        if node.name in self._names:
            self._problem(
                path,
                f"The name {node.name!r} is used twice.",
                f"Give it another name; the other is at {pointer(self._names[node.name].path)}.",
            )
            return
        self._names[node.name] = node

    def _check_size(self) -> None:
        if len(self._slots) > MAX_ELEMENTS:
            self._problem(
                (), f"There are more than {MAX_ELEMENTS} elements.", "Split the composition."
            )

    def _check_references(self, slot: Slot) -> None:
        for name, path in _references(slot):
            found = self._names.get(name)
            if found is None:
                self._problem(
                    path,
                    f"There is no element with the name {name!r}.",
                    _naming(name, self._names),
                )
            elif found is slot:
                self._problem(path, "An element cannot follow itself.", "Name another element.")
        self._check_words(slot)

    def _check_words(self, slot: Slot) -> None:
        """Set whose words an element shows or speaks."""
        name = getattr(slot.element, "of", None)
        found = self._names.get(name) if name is not None else None
        if isinstance(slot.element, WaveformElement) and name is None and not slot.element.src:
            found = slot.scene
            if found is None or _narration(found) is None:
                rule, remedy = (
                    "A waveform needs a sound.",
                    'Add "of" or "src"; in a scene, a voice.',
                )
                self._problem(slot.path, rule, remedy)
                return
        if isinstance(found, Scope):
            spoken = _narration(found)
            if spoken is None:
                rule = "This scene has no voice."
                self._problem((*slot.path, "of"), rule, _NAME_A_VOICE)
            slot.of = spoken
            return
        if found is None:
            return
        speaking: tuple[type[AnyElement], ...] = (VoiceElement,)
        if isinstance(slot.element, CaptionElement | WaveformElement):
            speaking = (VoiceElement, PresenterElement, VideoElement, AudioElement)
        if isinstance(found.element, speaking):
            slot.of = found
        else:
            what = "sound" if isinstance(slot.element, WaveformElement) else "words"
            rule = f"An element of type {found.element.type} has no {what}."
            self._problem((*slot.path, "of"), rule, _NAME_A_VOICE)


_NAME_A_VOICE: Final = "Name an element of type voice."


def _narration(scene: Scope) -> Slot | None:
    """Return the voice of a scene."""
    return next((slot for slot in scene.slots if slot.is_narration), None)


def _references(slot: Slot) -> Iterator[tuple[str, Path]]:
    """Yield the names that an element refers to, with the place of each."""
    start, duration = slot.element.start, slot.element.duration
    if isinstance(start, Follow):
        yield start.target, (*slot.path, "start", "after" if start.after else "with")
    if isinstance(duration, Until):
        yield duration.until, (*slot.path, "duration", "until")
    of = getattr(slot.element, "of", None)
    if of is not None:
        yield of, (*slot.path, "of")


def _naming(name: str, names: Mapping[str, Node]) -> str:
    if not names:
        return f'Add "name": "{name[:40]}" to the element that is meant.'
    return suggestion(name, names)


def voice_of(timeline: TimelineParams, own: VoiceParams) -> VoiceParams:
    """Return the voice of an element: the composition's, overridden by what the element sets."""
    names = own.model_fields_set & VoiceParams.model_fields.keys()
    values = {name: getattr(own, name) for name in names}
    base = timeline.voice.model_dump(include=set(timeline.voice.model_fields_set))
    given = {name: getattr(timeline.voice, name) for name in base}
    given |= {name: value for name, value in values.items() if value is not None}
    return VoiceParams().model_copy(update=given)
