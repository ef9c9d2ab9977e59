"""How a film is encoded: in one pass, scene by scene, or once for all that repeats."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from pathlib import Path
from typing import Final

from gala.render_types.timeline import MEDIA
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.output import (
    ANIMATIONS,
    CONTAINERS,
    SOUNDS,
    STILLS,
    FileFormat,
    VideoCodec,
)
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.sources import sources_of
from gala_renderer.avatars.bodies import BodySpec, ClipSpec
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, PythonStep, Report, Step, StepsAtOnce
from gala_renderer.engine.result_cache import code_digest, digests_of
from gala_renderer.engine.steps import run_step
from gala_renderer.ffmpeg.encoder_options import AAC
from gala_renderer.ffmpeg.film_formats import sound_options
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.narration.sound import TimedVoice
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.timeline.elements.htmls import draw_pages
from gala_renderer.timeline.elements.lotties import try_lotties
from gala_renderer.timeline.elements.svgs import draw_svgs
from gala_renderer.timeline.elements.waveforms import Sounds, analyse_sounds
from gala_renderer.timeline.film_files import FilmFiles
from gala_renderer.timeline.film_parts import (
    FILE,
    Identities,
    film_parts,
    keeping,
    part_spans,
)
from gala_renderer.timeline.graph import Span
from gala_renderer.timeline.kept_sound import KeptSound
from gala_renderer.timeline.masks import decode_masks
from gala_renderer.timeline.people import Pictures, Portraits, prepare_people
from gala_renderer.timeline.pictures import picture_stream
from gala_renderer.timeline.repetition import (
    Repetition,
    cut_to,
    parts,
    repeated,
    repetition_of,
)
from gala_renderer.timeline.studio import Studio
from gala_renderer.timeline.writing import ENCODING, FilmWriter

_PREPARATION_SECONDS: Final = 600.0
_SOUND: Final = 0.5
"""Weights of the steps."""


class _Way(Enum):
    """How a film is encoded."""

    SOUND_ALONE = auto()
    REPEATED = auto()
    PARTS = auto()
    ONE_PASS = auto()


@dataclass(slots=True)
class FilmPasses:
    """Plans the passes over the pictures of a compiled film."""

    order: RenderOrder
    context: RenderContext
    params: TimelineParams
    files: FilmFiles
    voices: Mapping[SpokenLine, TimedVoice]
    recorded: Mapping[str, Sequence[Word]]
    """Words of recordings by the JSON pointer of the element."""
    compiled: CompiledTimeline
    portraits: Portraits
    kept_sound: KeptSound | None = None
    """Set if the film goes in parts and has sound."""
    warnings: Sequence[str] = ()
    """About the sound."""
    bodies: list[BodySpec] = field(default_factory=list)
    """Of the presenters that are drawn."""
    notes: list[str] = field(default_factory=list)
    kept_parts: int = 0
    """Parts of the film that were not rendered again."""
    _numbers: count[int] = field(default_factory=count)
    _begun: tuple[Studio, Stream] | None = None
    _shared: Studio | None = None
    """What the parts of a film share: its presenters, and what its waveforms show."""

    async def begin(self, report: Report) -> None:
        """Prepare what can be prepared of the pictures before the sound is known."""
        match self._way:
            case _Way.PARTS:
                self._shared = await self._shared_studio()
            case _Way.ONE_PASS:
                self._begun = await self._begin_pass()
        report(1.0)

    async def _begin_pass(self) -> tuple[Studio, Stream]:
        studio = self.studio(self.compiled)
        frames = await self._frames(studio)
        for step in studio.steps:
            await run_step(
                step,
                self.context.ffmpeg,
                cwd=self.context.scratch,
                limit_seconds=_PREPARATION_SECONDS,
                report=lambda _: None,
            )
        studio.steps.clear()
        return studio, frames

    async def steps(self, writer: FilmWriter, sound: Stream | None) -> tuple[Studio, list[Step]]:
        """Return the steps that write the film, and what makes its pictures."""
        if self._begun is not None:
            studio, frames = self._begun
            return studio, writer.film(studio, frames, sound)
        if self._way is _Way.PARTS:
            return await self._parts(writer, sound)
        studio = self.studio(self.compiled)
        return studio, await self._steps(writer, studio, sound)

    async def _steps(self, writer: FilmWriter, studio: Studio, sound: Stream | None) -> list[Step]:
        if self._way is _Way.SOUND_ALONE:
            return writer.sound_alone(sound, float(self.compiled.length))
        repetition = self._repetition()
        if repetition is not None:
            return await self._repeated(writer, studio, repetition, sound)
        frames = await self._frames(studio)
        return [*studio.steps, *writer.film(studio, frames, sound)]

    @property
    def _way(self) -> _Way:
        if self.params.file_format in SOUNDS:
            return _Way.SOUND_ALONE
        if self._repetition() is not None:
            return _Way.REPEATED
        in_parts = goes_in_parts(self.params, self.compiled)
        return _Way.PARTS if in_parts else _Way.ONE_PASS

    def _repetition(self) -> Repetition | None:
        """Return how the pictures repeat, if they can be copied."""
        return repetition_of(self.compiled, self.files.media) if _is_usual(self.params) else None

    async def _parts(self, writer: FilmWriter, sound: Stream | None) -> tuple[Studio, list[Step]]:
        """Return the steps that encode the scenes that are not kept, and join all."""
        scratch, cache = self.context.scratch, self.context.services.film_parts
        studio = self._shared or await self._shared_studio()
        known = await asyncio.to_thread(self._identities, writer, studio)
        steps: list[Step] = []
        missing: dict[str, None] = {}
        known_keys: set[str] = set()
        names = []
        parts = film_parts(studio.compiled, known)
        lengths = [part.span.frames / studio.rate for part in parts]
        for number, one in enumerate(parts):
            folder = f"part-{one.key}"
            names.append(f"{folder}/{FILE}")
            if one.key in known_keys:  # of a scene that looks the same
                continue
            known_keys.add(one.key)
            if await asyncio.to_thread(cache.fetch, one.key, scratch / folder):
                continue
            if not missing:
                await self._draw_files(studio)
            missing[one.key] = None
            (scratch / folder).mkdir()
            steps += await self._part(writer, studio, scratch / folder / FILE, one.span)
            if self.params.file_format not in ANIMATIONS:  # whose parts are large
                steps.append(keeping(cache, one.key, scratch / folder, number))
        self.kept_parts = len(names) - len(missing)
        self.notes.append(f"parts of the film: {len(missing)} rendered, {self.kept_parts}"
                          " as rendered before")  # fmt: skip
        kept = self.kept_sound
        if kept is None:
            return studio, [*steps, *writer.joined(names, sound, studio, lengths=lengths)]
        if kept.path.exists():
            self.notes.append("sound of the film: as rendered before")
        elif sound is not None:
            steps = self._with_sound(steps, kept, sound)
        joined = writer.joined(names, kept.stream, studio, lengths=lengths, is_encoded=True)
        return studio, [*steps, *joined]

    async def _part(self, writer: FilmWriter, shared: Studio, path: Path, span: Span) -> list[Step]:
        """Return the steps that encode a part, in a studio of its own."""
        part = self.studio(shared.compiled)
        part.seen = span
        part.people, part.levels, part.drawings = shared.people, shared.levels, shared.drawings
        part.lotties, part.mask_pictures = shared.lotties, shared.mask_pictures
        # The first part that shows one has it encoded, for all.
        part.rounds = shared.rounds
        made = await asyncio.to_thread(writer.part, part, path, span)
        shared.missing |= part.missing
        shared.warnings |= part.warnings
        return [*part.steps, *made]

    def _with_sound(self, steps: list[Step], kept: KeptSound, sound: Stream) -> list[Step]:
        """Return the steps, the last part without drawings beside the encoding of the sound."""

        async def keep(report: Report) -> None:
            await asyncio.to_thread(kept.store, list(self.warnings))
            report(1.0)

        seconds = float(self.compiled.length)
        arguments = kept.encoded(sound, seconds=seconds)
        encoding = FFmpegStep("encoding the sound", arguments, seconds, _SOUND)
        keeping_it = PythonStep("keeping the sound", keep, 0.01)
        # The sound takes one core, and about as much memory as a program that draws.
        for number, part in reversed([*enumerate(steps)]):
            if isinstance(part, FFmpegStep) and part.name == ENCODING and part.feeder is None:
                both = StepsAtOnce(ENCODING, (part, encoding), part.weight + _SOUND)
                return [*steps[:number], both, *steps[number + 1 :], keeping_it]
        return [*steps, encoding, keeping_it]

    def _identities(self, writer: FilmWriter, studio: Studio) -> Identities:
        found = digests_of(self.order).get(MEDIA, [])
        digests = dict(zip(sources_of(self.params), found, strict=True))
        making = f"{code_digest()} {writer.format(studio.rate)} {self.context.fonts.version}"
        people = studio.people.items()
        motions = {number: person.motion for number, person in people}
        clips = {
            number: person.body.path
            for number, person in people
            if isinstance(person.body, ClipSpec)
        }
        return Identities(
            files=digests,
            words=studio.words,
            motions=motions,
            clips=clips,
            levels=studio.levels,
            making=f"{making} {self.context.ffmpeg.executable}",
        )

    async def _frames(self, studio: Studio) -> Stream:
        """Return the frames of a film that goes in one pass."""
        await self._prepare(studio)
        return await asyncio.to_thread(picture_stream, studio, studio.whole)

    async def _prepare(self, studio: Studio) -> None:
        """Prepare what is seen, but for pictures and videos."""
        await self._prepare_moved_by_sound(studio)
        await self._draw_files(studio)
        await draw_pages(self.context, studio)

    async def _shared_studio(self) -> Studio:
        """Return what the parts of a film share, with its presenters and waveforms."""
        studio = self.studio(self.compiled)
        await self._prepare_moved_by_sound(studio)
        return studio

    async def _prepare_moved_by_sound(self, studio: Studio) -> None:
        """Prepare presenters and waveforms."""
        pictures = Pictures(self.files.given, self.files.media)
        self.bodies += await prepare_people(
            self.context, studio, pictures, self._sounds(), self.portraits
        )
        self.notes += studio.notes
        await analyse_sounds(self.context, studio, Sounds(self.files.media, self.voices))

    async def _draw_files(self, studio: Studio) -> None:
        """Draw SVG, read animations, and decode masks."""
        await draw_svgs(self.context, studio, self.files.drawings)
        await try_lotties(self.context, studio, self.files.animations)
        await decode_masks(self.context, studio)

    async def _repeated(
        self,
        writer: FilmWriter,
        studio: Studio,
        repetition: Repetition,
        sound: Stream | None,
    ) -> list[Step]:
        """Return the steps that encode what repeats, and copy it as often as needed."""
        scratch = self.context.scratch
        steps: list[Step] = []
        for name, frames in parts(repetition):
            part = self.studio(cut_to(studio.compiled, frames))
            await self._prepare(part)
            made = await asyncio.to_thread(writer.part, part, scratch / name)
            steps += [*part.steps, *made]
            studio.missing |= part.missing
            studio.warnings |= part.warnings
        return [*steps, *writer.joined(repeated(repetition), sound, studio, step="repeating")]

    def _sounds(self) -> dict[str, Media]:
        """Return the voices by the JSON pointer of what speaks."""
        found = {}
        for layer in self.compiled.layers:
            speech = layer.speech
            if speech is None:
                continue
            if speech.source is not None:
                found[layer.pointer] = self.files.media[speech.source]
            elif speech.line is not None:
                found[layer.pointer] = self.voices[speech.line].track.media
        return found

    def studio(self, compiled: CompiledTimeline) -> Studio:
        """Return the maker of a film's pictures, with a folder of its own."""
        # Each has a folder of its own, because layers of several films have the same numbers.
        folder = self.context.scratch / f"pictures-{next(self._numbers)}"
        folder.mkdir()
        return Studio(
            compiled=compiled,
            files=self.files.media,
            fonts=self.context.fonts,
            folder=folder,
            words=words_by_pointer(compiled, self.voices, self.recorded),
            subtitles=self.files.subtitles,
            cubes=self.files.cubes,
            # Each decodes as many frames ahead as it has threads.
            decoder_threads=max(1, self.context.threads // 2),
            transparent=self.params.transparent,
        )


def goes_in_parts(params: TimelineParams, compiled: CompiledTimeline) -> bool:
    """Return True if the parts of a film are encoded and kept one by one."""
    is_film = params.file_format not in STILLS | SOUNDS
    return is_film and len(part_spans(compiled)) > 1


def keeps_sound(params: TimelineParams, compiled: CompiledTimeline) -> bool:
    """Return True if the sound of a film that goes in parts is kept, too, in its codec."""
    codec = sound_options(params.file_format, params.video_codec).get("c:a")
    is_kept = params.file_format in CONTAINERS and codec == AAC["c:a"]
    return is_kept and goes_in_parts(params, compiled)


def _is_usual(params: TimelineParams) -> bool:
    """Return True if a film is of a format whose frames are copied."""
    return params.file_format is FileFormat.MP4 and params.video_codec is VideoCodec.H264


def words_by_pointer(
    compiled: CompiledTimeline,
    voices: Mapping[SpokenLine, TimedVoice],
    recorded: Mapping[str, Sequence[Word]],
) -> dict[str, Sequence[Word]]:
    """Return the words of what speaks, from its start on, by the element's JSON pointer."""
    found: dict[str, Sequence[Word]] = dict(recorded)
    for layer in compiled.layers:
        speech = layer.speech
        if speech is not None and speech.line is not None:
            found[layer.pointer] = voices[speech.line].words
    return found
