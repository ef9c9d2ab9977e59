"""One frame of a composition, without a job: only what is seen at its time is decoded and drawn.

Times, words and pictures are those of the film. What takes long is kept for the next frame: speech
and prepared portraits in caches of the renderer, what files contain in :class:`FrameMemory`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from gala.errors import Conflict, InvalidRequest
from gala.frame_protocol import FRAME_SECONDS, FrameFormat
from gala.media import Format, MediaFacts
from gala.render_types.params.voice import VoiceParams
from gala.render_types.timeline import MEDIA, TYPE
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.document.elements import TextElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.measurements import Media as KnownMedia
from gala.timeline.measurements import Size
from gala.timeline.problems import parts
from gala.timeline.sources import LUT, NamedFile, named_files
from gala_renderer.captions.subtitle_files import Subtitle, read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, parse_params
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.engine.steps import run_step
from gala_renderer.ffmpeg.single_frame import single_frame
from gala_renderer.narration.sound import TimedVoice, spoken_voice
from gala_renderer.probe.media import Media
from gala_renderer.speech.kept_speech import speak_once
from gala_renderer.speech.turns import Turn
from gala_renderer.speech.words import Word
from gala_renderer.timeline.cubes import Cube, read_look
from gala_renderer.timeline.drawing.files import draw_to_files, read_file
from gala_renderer.timeline.elements.lotties import try_lotties
from gala_renderer.timeline.elements.svgs import draw_svgs
from gala_renderer.timeline.elements.waveforms import Sounds, analyse_sounds
from gala_renderer.timeline.graph import Span
from gala_renderer.timeline.kept_materials import run_once
from gala_renderer.timeline.listening import Recording, heard_words, recordings
from gala_renderer.timeline.lottie_files import LottieFile, read_animation
from gala_renderer.timeline.masks import decode_masks, masks_over
from gala_renderer.timeline.measured import Measured, SpokenKey
from gala_renderer.timeline.people import Portraits, prepare_people
from gala_renderer.timeline.pictures import picture_stream
from gala_renderer.timeline.studio import Studio
from gala_renderer.timeline.writing import frame_of

_EARLY: Final = Fraction(1, 1_000_000)
"""Seconds by which a time may be before that of its frame: people and plans round times."""
_REMEMBERED: Final = 500
_UNMEASURED: Final = frozenset({"svg", "caption", LUT})
"""Types of elements whose files have no length or size that a compilation needs."""
_CONFINED: Final = frozenset({"video", "lottie"})
"""Kinds of materials that programs in the sandbox decode."""
_K = TypeVar("_K")
_V = TypeVar("_V")


class FrameInput(Protocol):
    """A file that a composition names."""

    @property
    def key(self) -> str:
        """Identifies its content."""

    @property
    def mime(self) -> str:
        """Its MIME type."""

    @property
    def facts(self) -> MediaFacts | None:
        """What is known of it."""

    def stage(self, target: Path) -> bool:
        """Put the file at a path; return False if it has to be sent first."""


class Remembered(Generic[_K, _V]):
    """Values by key; those that were not used for longest are forgotten."""

    def __init__(self, most: int = _REMEMBERED):
        self._most = most
        self._values: OrderedDict[_K, _V] = OrderedDict()

    def get(self, key: _K) -> _V | None:
        """Return the value of a key, None if it is not known."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: _K, value: _V) -> None:
        """Remember a value."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """What was found out about files while earlier frames were drawn, by the keys of the files."""

    media: Remembered[str, Media] = field(default_factory=Remembered)
    words: Remembered[tuple[str, Recording], Sequence[Word]] = field(default_factory=Remembered)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameOrder:
    """A frame that is wanted; ``at`` is in seconds of the film."""

    params: TimelineParams
    frame: Format
    at: float
    format: FrameFormat = FrameFormat.PNG
    width: int | None = None
    files: Mapping[str, FrameInput] = field(default_factory=dict)
    """By their names in the composition."""


@dataclass(slots=True)
class _Known:
    """Measurements that note what is asked for and not known."""

    exact: Measured
    facts: Mapping[str, MediaFacts]
    unmeasured: frozenset[str]
    files: dict[str, None] = field(default_factory=dict)
    texts: dict[SpokenKey, None] = field(default_factory=dict)

    def media(self, source: str) -> KnownMedia | None:
        """Return length and size of a file, measured here if it was, else as recorded."""
        found = self.exact.media(source)
        if found is None and source in self.facts:
            return KnownMedia.of(self.facts[source])
        if found is None and source not in self.unmeasured:
            self.files[source] = None
        return found

    def speech(self, text: str, voice: VoiceParams) -> Fraction | None:
        """Return the length of a spoken voice."""
        found = self.exact.speech(text, voice)
        if found is None:
            self.texts[text, voice] = None
        return found

    def text(
        self, element: TextElement, width: float, height: float | None, short_side: int
    ) -> Size | None:
        """Return the size of the text with its box."""
        return self.exact.text(element, width, height, short_side)


class FrameDrawing:
    """Draws one frame in the folder of a context; the files are staged in ``inputs``."""

    def __init__(
        self, order: FrameOrder, context: RenderContext, memory: FrameMemory, *, inputs: Path
    ):
        self._order = order
        self._params = order.params
        self._context = context
        self._memory = memory
        self._inputs = inputs
        self._named = {one.source: one for one in reversed(list(named_files(order.params)))}
        self._staged: dict[str, InputFile] = {}
        self._media: dict[str, Media] = {}
        self._voices: dict[SpokenKey, TimedVoice] = {}
        self._words: dict[str, Sequence[Word]] = {}
        self._subtitles: dict[str, tuple[Subtitle, ...]] = {}
        self._cubes: dict[str, Cube] = {}
        self._animations: dict[str, LottieFile] = {}

    async def draw(self) -> bytes:
        """Return the picture.

        Raise Conflict with the detail ``missing`` if files have to be sent first, InvalidRequest
        for a time after the end, UnprocessableMedia, EngineMissing or RenderFailed.
        """
        self._check_format()
        compiled, number = await self._compiled()
        span = Span(number, number + 1, Fraction(compiled.frame.fps))
        seen = _seen(compiled, number)
        await self._find_words(compiled, seen)
        studio = self._studio(_only(compiled, seen), span)
        await self._prepare(studio, seen)
        path = self._context.scratch / f"frame.{self._order.format}"
        arguments = await asyncio.to_thread(self._arguments, studio, span, path)
        keys = {one.path: self._order.files[name].key for name, one in self._media.items()}
        decoding = (
            run_once(self._context, step, keys, limit_seconds=FRAME_SECONDS)
            for step in studio.steps
        )
        await asyncio.gather(*decoding)
        # What moves is drawn here, so that no program has to be started for it; but no file of a
        # user is decoded in this process.
        drawn = [one for one in studio.moving if one.material.kind not in _CONFINED]
        studio.moving = [one for one in studio.moving if one.material.kind in _CONFINED]
        await asyncio.to_thread(draw_to_files, drawn)
        await self._run(FFmpegStep("frame", arguments, float(1 / span.rate), 1.0, studio.feeder()))
        return await asyncio.to_thread(read_file, path)

    def _arguments(self, studio: Studio, span: Span, path: Path) -> tuple[str, ...]:
        return single_frame(
            picture_stream(studio, span),
            path,
            self._order.format,
            width=self._order.width,
            transparent=self._params.transparent,
        )

    async def _run(self, step: FFmpegStep) -> None:
        context = self._context
        await run_step(
            step,
            context.ffmpeg,
            cwd=context.scratch,
            limit_seconds=FRAME_SECONDS,
            report=_ignore,
        )

    def _check_format(self) -> None:
        if self._params.transparent and self._order.format is FrameFormat.JPEG:
            raise InvalidRequest(
                "format: jpeg has no transparency, but the film's background is transparent. Use"
                " png or webp.",
                field="format",
            )

    # --- times ---------------------------------------------------------------------------------

    async def _compiled(self) -> tuple[CompiledTimeline, int]:
        """Return the compiled film, with the sizes of all that is seen, and the frame's number."""
        while True:
            known = self._known()
            compiled = await asyncio.to_thread(
                compile_timeline, self._params, frame_of(self._params, self._order.frame), known
            )
            if known.files or known.texts:
                await self._inspect(known.files)
                await self._speak(known.texts)
                continue
            number = self._number(compiled)
            sources = dict.fromkeys(_sources(_seen(compiled, number), compiled))
            if not [one for one in sources if one not in self._staged]:
                return compiled, number
            await self._inspect(sources)

    def _known(self) -> _Known:
        files = self._order.files
        return _Known(
            Measured(self._media, self._voices, self._context.services.fonts, self._animations),
            {name: one.facts for name, one in files.items() if one.facts is not None},
            frozenset(name for name, one in self._named.items() if one.type in _UNMEASURED),
        )

    def _number(self, compiled: CompiledTimeline) -> int:
        at = Fraction(str(self._order.at))
        number = floor((at + _EARLY) * compiled.frame.fps)
        if number < compiled.frames:
            return number
        end = float(compiled.length)
        raise InvalidRequest(
            f"at: The film ends at {end:g} s, so that nothing is seen at {self._order.at:g} s."
            f" Use less than {end:g}.",
            field="at",
        )

    # --- files ---------------------------------------------------------------------------------

    async def _inspect(self, sources: Iterable[str]) -> None:
        """Stage files and find out what they contain. Raise Conflict if some have to be sent."""
        wanted = [one for one in sources if one not in self._staged]
        await asyncio.to_thread(self._stage, wanted)
        unknown = []
        for source in wanted:
            file = self._named[source]
            if file.type == "lottie":
                path = self._staged[source].path
                self._animations[source] = await asyncio.to_thread(read_animation, file, path)
            if file.type in _UNMEASURED or file.type == "lottie":
                continue
            known = self._memory.media.get(self._order.files[source].key)
            if known is None:
                unknown.append(source)
            else:
                self._media[source] = replace(known, path=self._staged[source].path)
        found = await self._context.inspect_all([self._staged[one] for one in unknown])
        for source, media in zip(unknown, found, strict=True):
            self._media[source] = media
            # A converted copy is only there for this frame.
            if media.path == self._staged[source].path:
                self._memory.media.put(self._order.files[source].key, media)

    def _stage(self, sources: Sequence[str]) -> None:
        missing = []
        for source in sources:
            given = self._order.files.get(source)
            if given is None:
                raise self._not_given(self._named[source])
            target = self._inputs / f"file-{len(self._staged)}"
            if given.stage(target):
                field_name = _field(self._named[source])
                self._staged[source] = InputFile(target, given.mime, field_name)
            else:
                missing.append(given.key)
        if missing:
            raise Conflict("Some files have to be sent first.", missing=missing)

    @staticmethod
    def _not_given(file: NamedFile) -> InvalidRequest:
        name = _field(file)
        return InvalidRequest(f"{name}: The file {file.source[:80]!r} is not there.", field=name)

    # --- words ---------------------------------------------------------------------------------

    async def _speak(self, texts: Iterable[SpokenKey]) -> None:
        for text, voice in texts:
            said = await speak_once(
                self._context,
                Turn(text=text, voice=voice),
                target=self._context.scratch / f"voice-{len(self._voices)}.wav",
                lufs=self._params.loudness_lufs,
                report=_ignore,
            )
            self._voices[text, voice] = spoken_voice(said)

    async def _find_words(self, compiled: CompiledTimeline, seen: Sequence[Layer]) -> None:
        """Find the words that are shown or spoken in the frame."""
        speaking = {one.words_of or one.pointer for one in seen}
        speeches = [one.speech for one in compiled.layers if one.pointer in speaking and one.speech]
        texts = {(one.text, one.voice) for one in speeches if one.text and one.source is None}
        await self._speak([one for one in texts if one not in self._voices])
        for layer in compiled.layers:
            speech = layer.speech
            if layer.pointer in speaking and speech and speech.text and speech.source is None:
                self._words[layer.pointer] = self._voices[speech.text, speech.voice].words
        for one in recordings(self._params):
            if one.pointer in speaking:
                self._words[one.pointer] = await self._heard(one)

    async def _heard(self, recording: Recording) -> Sequence[Word]:
        await self._inspect([recording.source])
        key = self._order.files[recording.source].key, recording
        known = self._memory.words.get(key)
        if known is None:
            found = await heard_words(self._context, [recording], self._media, _ignore)
            known = found[recording.pointer]
            self._memory.words.put(key, known)
        return known

    # --- pictures ------------------------------------------------------------------------------

    def _studio(self, compiled: CompiledTimeline, span: Span) -> Studio:
        folder = self._context.scratch / "pictures"
        folder.mkdir()
        return Studio(
            compiled=compiled,
            files=self._media,
            fonts=self._context.services.fonts,
            folder=folder,
            words=self._words,
            subtitles=self._subtitles,
            cubes=self._cubes,
            transparent=self._params.transparent,
            seen=span,
        )

    async def _prepare(self, studio: Studio, seen: Sequence[Layer]) -> None:
        """Prepare presenters, drawings, masks and waveforms, and read subtitles and tables."""
        for source in dict.fromkeys(_sources(seen, studio.compiled)):
            file = self._named[source]
            if file.type == "caption":
                read = await read_subtitles(self._staged[source], self._context, rate=studio.rate)
                self._subtitles[source] = read.subtitles
            elif file.type == LUT:
                path = self._staged[source].path
                self._cubes[source] = await asyncio.to_thread(read_look, file, path)
        portraits = Portraits(self._staged, self._media)
        await prepare_people(self._context, studio, portraits, await self._sounds(studio))
        drawings = {name: one.path for name, one in self._staged.items()}
        await draw_svgs(self._context, studio, drawings)
        await try_lotties(self._context, studio, self._animations)
        await decode_masks(self._context, studio)
        await analyse_sounds(self._context, studio, Sounds(self._media, self._voices))

    async def _sounds(self, studio: Studio) -> dict[str, Media]:
        """Return the voices that presenters speak with, by the JSON pointer of what speaks."""
        speakers = {
            one.words_of or one.pointer
            for one in studio.compiled.layers
            if one.element.type == "presenter"
        }
        found = {}
        for layer in studio.compiled.layers:
            speech = layer.speech
            if layer.pointer not in speakers or speech is None:
                continue
            if speech.source is not None:
                await self._inspect([speech.source])
                found[layer.pointer] = self._media[speech.source]
            elif speech.text is not None:
                found[layer.pointer] = self._voices[speech.text, speech.voice].track.media
        return found


def checked_composition(params: Mapping[str, Any]) -> TimelineParams:
    """Return a composition that can be drawn. Raise InvalidTimeline with all that is wrong."""
    found = cast(TimelineParams, parse_params(TYPE, params))
    if TYPE.check is not None:
        TYPE.check(found, frozenset({MEDIA}))
    return found


def _seen(compiled: CompiledTimeline, number: int) -> list[Layer]:
    """Return the layers that are seen in a frame."""
    return [
        layer
        for layer in compiled.layers
        if layer.is_visible and layer.first_frame <= number < layer.end_frame
    ]


def _only(compiled: CompiledTimeline, seen: Sequence[Layer]) -> CompiledTimeline:
    """Return the film with what is seen, and what says the words that are."""
    speakers = {one.words_of for one in seen}
    kept = (one for one in compiled.layers if one in seen or one.pointer in speakers)
    return replace(compiled, layers=tuple(kept))


def _sources(seen: Iterable[Layer], compiled: CompiledTimeline) -> Iterator[str]:
    """Yield the files of layers that are seen: their own, those of their looks and masks, and the
    sounds that waveforms show."""
    for layer in seen:
        others = [one.src for one in masks_over(layer)]
        if layer.element.type == "waveform" and layer.words_of is not None:
            others += [
                getattr(one.element, "src", None)
                for one in compiled.layers
                if one.pointer == layer.words_of
            ]
        own = (getattr(layer.element, name, None) for name in ("src", "lut"))
        yield from (one for one in (*own, *others) if one is not None)


def _field(file: NamedFile) -> str:
    return ".".join(("params", *parts(file.pointer)))


def _ignore(_: Any) -> None:
    pass
