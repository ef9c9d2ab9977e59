"""What the elements of a film are made with, and what they ask to be done before or beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from math import ceil
from pathlib import Path
from typing import Final, Protocol

from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.lottie_files import LottieFile
from gala_renderer.avatars.bodies import BodySpec
from gala_renderer.avatars.frame_job import FrameJob
from gala_renderer.captions.subtitle_files import Subtitle
from gala_renderer.engine.plan import Feeder, FFmpegStep
from gala_renderer.ffmpeg.concat_demuxer import chained
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.probe.media import Media
from gala_renderer.program_jobs import job_text
from gala_renderer.speech.words import Word
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.timeline.cubes import Cube
from gala_renderer.timeline.decoded_runs import DecodedRuns
from gala_renderer.timeline.drawing.job import DrawingJob, Material, MovingJob
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.graph import TAGS, Branch, Span
from gala_renderer.timeline.kept_frames import KeptFrames

_PROGRAM: Final = "gala_renderer.timeline.drawing.program"


@dataclass(frozen=True, slots=True)
class Person:
    """A presenter: the body, and a file with the curves of each frame of the layer."""

    body: BodySpec
    motion: Path


@dataclass(frozen=True, slots=True)
class CleanLottie:
    """A Lottie animation, and the file that its cleaned JSON was written to."""

    file: LottieFile
    path: Path


@dataclass(frozen=True, slots=True)
class Round:
    """One play of the part of a file that a layer shows, as files of encoded frames."""

    folder: Path
    names: tuple[str, ...]
    frames: int
    alpha: bool = False
    """Whether they are transparent: then they have the colors of the file, else BT.709."""

    def stream(self, span: Span, first: int, number: int, *, loops: bool) -> Stream:
        """Return the frames of a span of the film, of a layer that begins at ``first``.

        ``number`` differs for each use in a span.
        """
        passed = span.first - first
        if loops:
            # Whole rounds before the span need not be decoded.
            passed %= self.frames
        rounds = ceil((passed + span.frames) / self.frames) if loops else 1
        playlist = self.folder / f"round-{span.first}-{number}.ffconcat"
        whole = chained(playlist, self.names * rounds).video.filter("settb", f"1/{span.rate}")
        whole = whole.filter("setpts", "N").filter("tpad", stop=-1, stop_mode="clone")
        part = whole.trim(start_frame=passed, end_frame=passed + span.frames)
        shown = part.filter("setpts", "PTS-STARTPTS")
        return shown if self.alpha else shown.filter("setparams", **TAGS)


@dataclass(slots=True)
class Studio:
    """The compiled film, its files, and a private folder for what is drawn."""

    compiled: CompiledTimeline
    files: Mapping[str, Media]
    """By source."""
    fonts: FontRegistry
    folder: Path
    whole_film: CompiledTimeline | None = None
    """If ``compiled`` has only what is seen: all of it."""
    words: Mapping[str, Sequence[Word]] = field(default_factory=dict)
    """Words of voices by JSON pointer of the element, from its start on."""
    subtitles: Mapping[str, Sequence[Subtitle]] = field(default_factory=dict)
    """Captions of files by source."""
    drawings: dict[int, Material] = field(default_factory=dict)
    """Drawings by the number of their layer."""
    rounds: dict[int, Round] = field(default_factory=dict)
    """Parts that play backwards or repeat, by the number of their layer."""
    people: dict[int, Person] = field(default_factory=dict)
    """Presenters by the number of their layer."""
    cubes: Mapping[str, Cube] = field(default_factory=dict)
    """Tables of colors by source."""
    mask_pictures: dict[str, Path] = field(default_factory=dict)
    """Pictures that are masks, as PNGs, by source."""
    lotties: dict[int, CleanLottie] = field(default_factory=dict)
    """Animations by the number of their layer."""
    levels: dict[int, Path] = field(default_factory=dict)
    """Files with the levels of waveforms by the number of their layer."""
    decoder_threads: int | None = None
    """Threads of the decoder of each clip; None for as many as it likes, which is fastest for a
    single frame."""
    transparent: bool = False
    """Whether the background of the film is transparent."""
    seen: Span | None = None
    """The only frames that are wanted; None for all."""
    kept: KeptFrames | None = None
    """Frames of files that earlier pictures of the same moment have left, if only one is drawn."""
    runs: DecodedRuns | None = None
    """Frames of videos, with neighbours of them; as ``kept``."""
    missing: dict[str, None] = field(default_factory=dict)
    """Characters that no font has."""
    warnings: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    """Lines for the job's log that are no warnings."""
    steps: list[FFmpegStep] = field(default_factory=list)
    """What has to run before the film is encoded."""
    moving: list[MovingJob] = field(default_factory=list)
    presenters: list[FrameJob] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    @property
    def film(self) -> CompiledTimeline:
        """The film with all of its layers."""
        return self.compiled if self.whole_film is None else self.whole_film

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the film."""
        return self.compiled.frame.width, self.compiled.frame.height

    @property
    def short_side(self) -> int:
        """The shorter side of the film."""
        return min(self.size)

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.compiled.frame.fps)

    @property
    def whole(self) -> Span:
        """All frames of the film."""
        return Span(0, self.compiled.frames, self.rate)

    def wanted(self, first: int, end: int) -> Span:
        """Return the frames from ``first`` to before ``end`` that are wanted."""
        span = Span(first, end, self.rate)
        return span if self.seen is None else span.within(self.seen.first, self.seen.end)

    def number(self) -> int:
        """Return another number each time: FFmpeg's graph needs names and equal inputs apart."""
        return next(self._numbers)

    def feeder(self) -> Feeder | None:
        """Return the program that draws what moves; its job file is written to the folder."""
        return self.feeder_of(self.moving, self.presenters, name="drawing")

    def feeder_of(
        self, moving: Sequence[MovingJob], presenters: Sequence[FrameJob], *, name: str
    ) -> Feeder | None:
        """Return the program that draws these; ``name`` is that of its job file."""
        pipes = (*(one.pipe for one in moving), *(one.pipe for one in presenters))
        if not pipes:
            return None
        files = tuple(self._presenter_files(presenters, name))
        path = self.folder / f"{name}.json"
        path.write_text(job_text(DrawingJob(layers=tuple(moving), presenters=files)))
        return Feeder((sys.executable, "-I", "-m", _PROGRAM, str(path)), pipes)

    def _presenter_files(self, presenters: Sequence[FrameJob], name: str) -> Iterator[Path]:
        for number, one in enumerate(presenters):
            path = self.folder / f"{name}-presenter-{number}.json"
            path.write_text(job_text(one))
            yield path

    def path(self, layer: Layer, suffix: str) -> Path:
        """Return a path for what is drawn of a layer."""
        return self.folder / f"layer-{layer.number}{suffix}"


class Shown(Protocol):
    """A layer that is ready to be laid over others."""

    @property
    def layer(self) -> Layer:
        """The layer."""

    @property
    def area(self) -> Area:
        """The part of the frame that its frames cover."""

    @property
    def is_opaque(self) -> bool:
        """Return True if nothing below it can be seen in its area, apart from its fades."""

    def branch(self, span: Span, *, fade_in: float = 0.0, fade_out: float = 0.0) -> Branch:
        """Return its frames of the span, which is within the layer's.

        ``fade_in`` and ``fade_out`` are the seconds of transitions at the layer's ends.
        """
