"""One frame of a composition, without a job: only what is seen at its time is decoded and drawn.

Times, words and pictures are those of the film.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

from gala.errors import InvalidRequest
from gala.frame_protocol import FRAME_SECONDS, FrameFormat
from gala.media import Format, MediaFacts
from gala.render_types.timeline import MEDIA, TYPE
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.elements import TextElement
from gala.timeline.document.lotties import source_of
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.measurements import Media as KnownMedia
from gala.timeline.measurements import Size
from gala.timeline.sources import LUT
from gala_renderer.captions.subtitle_files import Subtitle, read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import parse_params
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.engine.steps import run_step
from gala_renderer.engine.together import together
from gala_renderer.probe.media import Media
from gala_renderer.timeline.conversation import speakers_heard
from gala_renderer.timeline.cubes import Cube, read_look
from gala_renderer.timeline.decoded_runs import DecodedRuns
from gala_renderer.timeline.drawing.files import draw_to_files
from gala_renderer.timeline.elements.htmls import draw_pages
from gala_renderer.timeline.elements.lotties import try_lotties
from gala_renderer.timeline.elements.svgs import draw_svgs
from gala_renderer.timeline.elements.waveforms import Sounds, analyse_sounds
from gala_renderer.timeline.frame_material import (
    UNMEASURED,
    FrameInput,
    FrameMaterial,
    FrameMemory,
    Remembered,
    ignored,
)
from gala_renderer.timeline.frame_picture import FramePicture
from gala_renderer.timeline.graph import Span, frame_at
from gala_renderer.timeline.kept_frames import FrameStore, KeptFrames
from gala_renderer.timeline.kept_materials import run_once
from gala_renderer.timeline.masks import decode_masks, masks_over
from gala_renderer.timeline.measured import Measured, check_fonts
from gala_renderer.timeline.people import Pictures, prepare_people
from gala_renderer.timeline.pictures import picture_stream
from gala_renderer.timeline.studio import Studio
from gala_renderer.timeline.writing import frame_of

_CONFINED: Final = frozenset({"video", "lottie", "pages"})
"""Kinds of materials that programs in the sandbox decode."""


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
    sizes: Remembered[Hashable, Size]
    files: dict[str, None] = field(default_factory=dict)
    lines: dict[SpokenLine, None] = field(default_factory=dict)

    def media(self, source: str) -> KnownMedia | None:
        """Return length and size of a file, measured here if it was, else as recorded."""
        found, file = self.exact.media(source), source_of(source)
        if found is None and source in self.facts:
            return KnownMedia.of(self.facts[source])
        if found is None and file not in self.unmeasured:
            self.files[file] = None
        return found

    def speech(self, line: SpokenLine) -> Fraction | None:
        """Return the length of a spoken line."""
        found = self.exact.speech(line)
        if found is None:
            self.lines[line] = None
        return found

    def text(
        self, element: TextElement, width: float, height: float | None, short_side: int
    ) -> Size | None:
        """Return the size of the text with its box."""
        fonts = self.exact.fonts.version
        key = (element.model_dump_json(), width, height, short_side, fonts)
        found = self.sizes.get(key)
        if found is None:
            found = self.exact.text(element, width, height, short_side)
            if found is not None:
                self.sizes.put(key, found)
        return found


class FrameDrawing:
    """Draws one frame in the folder of a context; the files are staged in ``inputs``."""

    def __init__(
        self, order: FrameOrder, context: RenderContext, memory: FrameMemory, *, inputs: Path
    ):
        self._order = order
        self._params = order.params
        self._context = context
        self._memory = memory
        self._material = FrameMaterial(order.params, order.files, context, memory, inputs=inputs)
        self._subtitles: dict[str, tuple[Subtitle, ...]] = {}
        self._cubes: dict[str, Cube] = {}

    async def draw(self) -> bytes:
        """Return the picture.

        Raise Conflict with the detail ``missing`` if files have to be sent first, InvalidRequest
        for a time after the end, UnprocessableMedia, EngineMissing or RenderFailed.
        """
        self._check_format()
        await self._material.open_fonts()
        check_fonts(self._params, self._context.fonts)
        compiled, number = await self._compiled()
        span = Span(number, number + 1, Fraction(compiled.frame.fps))
        seen = _seen(compiled, number)
        await self._material.find_words(compiled, seen)
        studio = self._studio(compiled, seen, span)
        await self._prepare(studio, seen)
        store = self._store(studio)
        kept, runs = studio.kept, studio.runs = KeptFrames(store), DecodedRuns(store)
        picture = self._picture(compiled)
        arguments = await asyncio.to_thread(self._arguments, studio, span, picture)
        await together(
            run_once(self._context, step, runs, limit_seconds=FRAME_SECONDS)
            for step in studio.steps
        )
        # What moves is drawn here, so that no program has to be started for it; but no file of a
        # user is decoded in this process.
        drawn = [one for one in studio.moving if one.material.kind not in _CONFINED]
        studio.moving = [one for one in studio.moving if one.material.kind in _CONFINED]
        await asyncio.to_thread(draw_to_files, drawn)
        await runs.provide(arguments, self._context)
        await self._run(FFmpegStep("frame", arguments, float(1 / span.rate), 1.0, studio.feeder()))
        await asyncio.to_thread(kept.keep)
        return await asyncio.to_thread(picture.read)

    def _store(self, studio: Studio) -> FrameStore:
        """Return where earlier pictures have left frames of the files, and this one leaves some."""
        context, files = self._context, self._order.files
        return FrameStore(
            cache=context.services.frame_files,
            contents={one.path: files[name].key for name, one in self._material.media.items()},
            decoder=str(context.ffmpeg.executable),
            folder=studio.folder,
        )

    def _picture(self, compiled: CompiledTimeline) -> FramePicture:
        order = self._order
        path = self._context.scratch / f"frame.{order.format}"
        return FramePicture(
            path, order.format, compiled.frame, order.width, self._params.transparent
        )

    def _arguments(self, studio: Studio, span: Span, picture: FramePicture) -> tuple[str, ...]:
        frames = picture_stream(studio, span)
        return picture.arguments(frames, beside=() if studio.kept is None else studio.kept.beside)

    async def _run(self, step: FFmpegStep) -> None:
        context = self._context
        await run_step(
            step,
            context.ffmpeg,
            cwd=context.scratch,
            limit_seconds=FRAME_SECONDS,
            report=ignored,
        )

    def _check_format(self) -> None:
        if self._params.transparent and self._order.format is FrameFormat.JPEG:
            raise InvalidRequest(
                "format: jpeg has no transparency, but the film's background is transparent. Use"
                " png or webp.",
                field="format",
            )

    async def _compiled(self) -> tuple[CompiledTimeline, int]:
        """Return the compiled film, with the sizes of all that is seen, and the frame's number."""
        self._material.recall()
        while True:
            known = self._known()
            compiled = await asyncio.to_thread(
                compile_timeline, self._params, frame_of(self._params, self._order.frame), known
            )
            if known.files or known.lines:
                await self._material.inspect(known.files)
                await self._material.speak(known.lines)
                continue
            number = self._number(compiled)
            sources = dict.fromkeys(_sources(_seen(compiled, number), compiled))
            if not await self._material.inspect(sources):
                return compiled, number

    def _known(self) -> _Known:
        files, material = self._order.files, self._material
        return _Known(
            Measured(
                material.media,
                material.voices,
                self._context.fonts,
                material.animations,
            ),
            {name: one.facts for name, one in files.items() if one.facts is not None},
            frozenset(name for name, one in material.named.items() if one.type in UNMEASURED),
            self._memory.text_sizes,
        )

    def _number(self, compiled: CompiledTimeline) -> int:
        number = frame_at(self._order.at, Fraction(compiled.frame.fps))
        if number < compiled.frames:
            return number
        end = float(compiled.length)
        raise InvalidRequest(
            f"at: The film ends at {end:g} s, so that nothing is seen at {self._order.at:g} s."
            f" Use less than {end:g}.",
            field="at",
        )

    def _studio(self, compiled: CompiledTimeline, seen: Sequence[Layer], span: Span) -> Studio:
        folder = self._context.scratch / "pictures"
        folder.mkdir()
        return Studio(
            compiled=_only(compiled, seen),
            whole_film=compiled,
            files=self._material.media,
            fonts=self._context.fonts,
            folder=folder,
            words=self._material.words,
            subtitles=self._subtitles,
            cubes=self._cubes,
            transparent=self._params.transparent,
            seen=span,
        )

    async def _prepare(self, studio: Studio, seen: Sequence[Layer]) -> None:
        """Prepare presenters, drawings, masks and waveforms, and read subtitles and tables."""
        material = self._material
        for source in dict.fromkeys(_sources(seen, studio.compiled)):
            file = material.named[source]
            if file.type == "caption":
                read = await read_subtitles(
                    material.staged[source], self._context, rate=studio.rate
                )
                self._subtitles[source] = read.subtitles
            elif file.type == LUT:
                path = material.staged[source].path
                self._cubes[source] = await asyncio.to_thread(read_look, file, path)
        pictures = Pictures(material.staged, material.media)
        await prepare_people(self._context, studio, pictures, await self._sounds(studio))
        drawings = {name: one.path for name, one in material.staged.items()}
        await draw_svgs(self._context, studio, drawings)
        await try_lotties(self._context, studio, material.animations)
        await draw_pages(self._context, studio)
        await decode_masks(self._context, studio)
        await analyse_sounds(self._context, studio, Sounds(material.media, material.voices))

    async def _sounds(self, studio: Studio) -> dict[str, Media]:
        """Return the voices that presenters speak with, by the JSON pointer of what speaks.

        Those of presenters that they listen to are among them.
        """
        speakers = speakers_heard(studio.compiled.layers, studio.film)
        found = {}
        for layer in studio.film.layers:
            speech = layer.speech
            if layer.pointer not in speakers or speech is None:
                continue
            if speech.source is not None:
                await self._material.inspect([speech.source])
                found[layer.pointer] = self._material.media[speech.source]
            elif speech.line is not None:
                found[layer.pointer] = self._material.voices[speech.line].track.media
        return found


def checked_composition(params: Mapping[str, Any], frame: Format) -> TimelineParams:
    """Return a composition that can be drawn. Raise InvalidTimeline with all that is wrong."""
    found = cast(TimelineParams, parse_params(TYPE, params, frame))
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
    """Yield the files of layers that are seen: their own, those of their looks, masks and sprites,
    and the sounds that waveforms show."""
    for layer in seen:
        others = [one.src for one in masks_over(layer)]
        if layer.element.type == "waveform" and layer.words_of is not None:
            others += [
                getattr(one.element, "src", None)
                for one in compiled.layers
                if one.pointer == layer.words_of
            ]
        if isinstance(layer.element, PresenterElement):
            others += [source for _, source in layer.element.sprite_files()]
        others += [getattr(group.element, "lut", None) for group in layer.groups]
        own = (getattr(layer.element, name, None) for name in ("src", "lut"))
        yield from (one for one in (*own, *others) if one is not None)
