"""What a planner returns: the steps of a render, decided before anything runs.

Plans are frozen and comparable, and hold no reference to the engine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from gala.media import MediaFacts, SpokenBy

Report: TypeAlias = Callable[[float], None]
"""Called with the fraction of a step that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The frame that is drawn on: sides in pixels, frames per second, and number of frames."""

    width: int
    height: int
    fps: int
    frames: int

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Feeder:
    """A program of GALA's own that runs beside FFmpeg and feeds it through named pipes.

    It treats a closed pipe as the end of its work; if it fails in any other way, the step fails.
    """

    command: tuple[str, ...]
    """Its argument list; the first item is an absolute path."""
    pipes: tuple[Path, ...]
    """Created before it starts; FFmpeg opens them as inputs."""


@dataclass(frozen=True, slots=True)
class FFmpegStep:
    """One run of FFmpeg; ``seconds`` is how much media it writes, for the progress."""

    name: str
    arguments: tuple[str, ...]
    seconds: float
    weight: float = 1.0
    feeder: Feeder | None = None


@dataclass(frozen=True, slots=True)
class PythonStep:
    """Work done in Python. It must await often, or run its work in a thread or the sandbox."""

    name: str
    work: Callable[[Report], Awaitable[None]]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class StepsAtOnce:
    """Steps that do not depend on each other; the first to fail ends the others."""

    name: str
    steps: tuple[FFmpegStep | PythonStep, ...]
    weight: float = 1.0


Step: TypeAlias = FFmpegStep | PythonStep | StepsAtOnce


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order, and the file that holds each output role once they are done.

    A file's name (in ``context.part(name)``) has the suffix of its MIME type. Weights are the
    durations of the steps relative to each other. Warnings go to the job's log.
    """

    steps: tuple[Step, ...]
    outputs: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    media: Mapping[str, MediaFacts] = field(default_factory=dict)
    """What outputs will contain, by role, where the plan decides it; others are inspected."""
    speech: tuple[SpokenBy, ...] = ()
    """Who speaks in the outputs; repeats are left out there."""
    notes: tuple[str, ...] = ()
    """Lines for the job's log that are no warnings."""
    then: Callable[[], Awaitable[Plan]] | None = None
    """Returns the next plan once the steps are done, where it depends on their results (the length
    of a voice, for example). The outputs and warnings of both plans count."""
    then_weight: float = 1.0
    """The duration of the next plan, relative to the weights of the steps."""
    afresh: bool = False
    """True if this plan replaces work that was discarded: it gets all of the remaining progress."""


@dataclass(slots=True)
class PlanResult:
    """What a plan and those that followed it have produced: file names and facts by role."""

    files: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    media: dict[str, MediaFacts] = field(default_factory=dict)
    speech: dict[SpokenBy, None] = field(default_factory=dict)

    def add(self, plan: Plan) -> None:
        """Add what a plan has produced."""
        self.files.update(plan.outputs)
        self.media.update(plan.media)
        self.speech.update(dict.fromkeys(plan.speech))
