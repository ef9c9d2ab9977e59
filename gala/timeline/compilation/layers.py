"""The result of a compilation: layers, scenes and warnings.

Seconds are exact fractions, frames whole numbers, places pixels of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from gala.media import Format
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.voice import VoiceParams
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.elements import AnyElement
from gala.timeline.document.movement import ClipTransition


class Box(NamedTuple):
    """A rectangle in pixels of the frame."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Bottom edge."""
        return self.top + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Center."""
        return self.left + self.width / 2, self.top + self.height / 2


WHOLE_PICTURE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an element is when nothing moves it."""

    box: Box
    """What it covers, before scale and rotation."""
    anchor: tuple[float, float]
    """The point of the box that ``x`` and ``y`` place and scale and rotation leave where it is:
    0, 0 is top left, 1, 1 bottom right."""
    within: Box
    """The frame, or the box of the group, that ``x`` and ``y`` are parts of."""
    crop: Box = WHOLE_PICTURE
    """The part of the picture that is shown, in parts of its sides."""
    backdrop: Box | None = None
    """What a blurred copy of the picture covers, behind it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A time in which a picture stands still before it goes on."""

    start: Fraction
    """Seconds after the layer's start, with the holds before it."""
    length: Fraction

    @property
    def end(self) -> Fraction:
        """Seconds after the layer's start at which it goes on."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """The part of a file that is played, in seconds of the file."""

    start: Fraction
    end: Fraction | None
    """``None``: to the end of the file."""
    speed: float = 1.0
    reverse: bool = False
    loop: bool = False
    freeze: bool = False
    """Whether only the frame at ``start`` is shown."""
    holds_from: Fraction | None = None
    """Seconds after the layer's start from which its last frame is held; None if it is not."""
    holds: tuple[Hold, ...] = ()
    """Where it stands still and goes on, in order."""


@dataclass(frozen=True, slots=True)
class TransitionSpan:
    """A transition into a layer or a scene."""

    transition: ClipTransition
    before: int
    """Number of the layer or scene whose place is taken."""
    first_frame: int
    end_frame: int


@dataclass(frozen=True, slots=True)
class Speech:
    """What is spoken."""

    voice: VoiceParams
    text: str | None
    source: str | None
    """A recording, instead of a voice."""
    line: SpokenLine | None = None
    """What has to be spoken; None for a recording."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """An element or a group with its time and place; base of layers."""

    element: AnyElement
    pointer: str
    start: Fraction
    end: Fraction
    placement: Placement | None
    frame: Format
    group: Layer | None = None
    """The group that it is in, which moves it, too."""

    @property
    def length(self) -> Fraction:
        """Seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Layer(Part):
    """An element as it is seen or heard; layers with higher numbers are in front.

    Groups, which are not among the layers of a film, have negative numbers.
    """

    number: int = 0
    first_frame: int = 0
    end_frame: int = 0
    """The frame after the last one."""
    scene: int | None = None
    """Number of the scene that it is in."""
    source: SourceSpan | None = None
    speech: Speech | None = None
    words_of: str | None = None
    """Pointer of the element whose words it shows or speaks."""
    captions: CaptionParams | None = None
    transition: TransitionSpan | None = None

    @property
    def name(self) -> str | None:
        """The element's name."""
        return self.element.name

    @property
    def groups(self) -> tuple[Layer, ...]:
        """The groups that it is in, the innermost first."""
        return () if self.group is None else (self.group, *self.group.groups)

    @property
    def is_visible(self) -> bool:
        """Return True if it can be seen."""
        return self.element.type not in {"audio", "voice"}

    @property
    def is_audible(self) -> bool:
        """Return True if it may be heard."""
        if self.source is not None and self.source.freeze:
            return False
        return self.speech is not None or self.element.type in {"audio", "video"}


@dataclass(frozen=True, slots=True)
class CompiledScene:
    """A scene with its time."""

    number: int
    name: str | None
    start: Fraction
    end: Fraction
    first_frame: int
    end_frame: int
    background: str
    transition: TransitionSpan | None = None


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """Something that works but is perhaps not wanted."""

    code: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class CompiledTimeline:
    """A composition with all times and places."""

    frame: Format
    length: Fraction
    frames: int
    background: str
    layers: tuple[Layer, ...]
    scenes: tuple[CompiledScene, ...]
    warnings: tuple[PlanWarning, ...]
    is_estimate: bool
    """Whether times depend on lengths that are not known yet."""

    def layer(self, name: str) -> Layer:
        """Return the layer of the element with this name. Raise KeyError."""
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise KeyError(name)
        return found
