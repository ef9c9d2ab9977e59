"""Plans ``timeline``: voices first, then the sound, then one pass for the video."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Self, cast

import ffmpeg

from gala.media import Format, SpokenBy
from gala.render_types.params.presenters import Driver
from gala.render_types.timeline import COMPILED, MEDIA
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.compilation.spoken_lines import SpokenLine, lines_of
from gala.timeline.compilation.tree import build
from gala.timeline.document.output import FileFormat
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.plan import TimelinePlan
from gala.timeline.render_time import render_seconds
from gala_renderer.avatars.bodies import BodySpec
from gala_renderer.avatars.marking import mark_for, marking_step, marking_version
from gala_renderer.avatars.preparation import PreparedPortrait
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report, StepsAtOnce
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.result_cache import digests_of
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE, capped, for_pictures
from gala_renderer.ffmpeg.loudness import gain_to, integrated_loudness
from gala_renderer.narration.sound import TimedVoice, spoken_voice
from gala_renderer.probe.media import AudioStream, Media
from gala_renderer.provenance.synthetic_mark import SyntheticMark
from gala_renderer.speech.kept_speech import speak_once
from gala_renderer.speech.synthesize import Turn, TurnsSpeech
from gala_renderer.speech.words import Word
from gala_renderer.timeline.casting import cast_of, turns_of
from gala_renderer.timeline.film_files import FilmFiles
from gala_renderer.timeline.film_passes import FilmPasses, keeps_sound
from gala_renderer.timeline.finished import film_file, looked_at, wanted_film
from gala_renderer.timeline.kept_sound import KeptSound
from gala_renderer.timeline.listening import Recording, by_loudness, heard_words, recordings
from gala_renderer.timeline.measured import Measured, check_fonts
from gala_renderer.timeline.people import Pictures, prepare_portraits
from gala_renderer.timeline.sounds import heard, mixed_to_file
from gala_renderer.timeline.thumbnails import NAME as THUMBNAIL
from gala_renderer.timeline.thumbnails import ROLE, has_thumbnail, make_thumbnail
from gala_renderer.timeline.writing import (
    FilmWriter,
    check_length,
    frame_of,
    quality_of,
    write_subtitles,
)

NAME: Final = "timeline"
_COMPILED: Final = "timeline.json"

_SPEAKING: Final = 1.0
_LISTENING: Final = 4.0
_MIXING: Final = 0.5
_ENCODING: Final = 8.0
_LOOKING: Final = 0.2
"""Weights of the steps."""


def depends_on(order: RenderOrder, services: EngineResources) -> str | None:
    """Return the speech engines that speak, each once with its version.

    ``None`` if a service animates: it may fail once, and answer otherwise the next time.
    """
    params = cast(TimelineParams, order.params)
    if is_driven(params):
        return None
    chosen = [turn.choose(services.speech).engine for turn in turns_of(lines_of(build(params)))]
    engines = sorted({f"{engine.name} {engine.version}" for engine in chosen})
    heard = any(one.text is None and not by_loudness(one, services) for one in recordings(params))
    whisper = services.whisper.version() if heard else ""
    return " ".join([*engines, whisper, marking_version(services)]).rstrip()


def is_driven(params: TimelineParams) -> bool:
    """Return True if a service is to animate a presenter."""
    return any(
        isinstance(slot.element, PresenterElement) and slot.element.driver is Driver.SERVICE
        for slot in build(params).slots
    )


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect all files; plan to speak, to mix, and to encode."""
    film = await Film.of(order, context, cast(TimelineParams, order.params))
    check_fonts(film.params, context.fonts)
    return Plan(
        (
            PythonStep("speaking", film.begin, _SPEAKING),
            *((PythonStep("listening", film.listen, _LISTENING),) if film.wanted else ()),
        ),
        then=film.mix,
        then_weight=_MIXING + _ENCODING,
    )


@dataclass(slots=True)
class Film:
    """One composition, with what was found out so far; :meth:`of` inspects its files."""

    order: RenderOrder
    context: RenderContext
    params: TimelineParams
    files: FilmFiles
    turns: dict[SpokenLine, Turn] = field(default_factory=dict)
    """With the voice of each presenter, where none is named."""
    voices: dict[SpokenLine, TimedVoice] = field(default_factory=dict)
    said: list[TurnsSpeech] = field(default_factory=list)
    portraits: dict[str, PreparedPortrait] = field(default_factory=dict)
    """By the JSON pointer of the presenter."""
    recorded: dict[str, Sequence[Word]] = field(default_factory=dict)
    """Words of recordings by the JSON pointer of the element."""
    warnings: list[str] = field(default_factory=list)
    compiled: CompiledTimeline | None = None
    kept_sound: KeptSound | None = None
    passes: FilmPasses | None = None
    """Set if the pictures were begun while the sound was mixed."""
    begun_at: float = field(default_factory=time.monotonic)

    @classmethod
    async def of(cls, order: RenderOrder, context: RenderContext, params: TimelineParams) -> Self:
        """Return the film of a composition whose files are inspected."""
        files = FilmFiles(context)
        await files.inspect(order, params)
        return cls(order, context, params, files)

    async def begin(self, report: Report) -> None:
        """Speak all texts, and find the faces of portraits meanwhile; refuse what has none."""
        await together((self.find_faces(), self.speak(report)))

    async def find_faces(self) -> None:
        """Prepare the portraits that speak."""
        pictures = Pictures(self.files.given, self.files.media)
        self.portraits |= await prepare_portraits(self.context, self.params, pictures)

    async def speak(self, report: Report) -> None:
        """Speak all texts, each to a file of its own."""
        turns = await cast_of(lines_of(build(self.params)), self.context.services.speech)
        self.turns = turns
        for number, (line, turn) in enumerate(turns.items()):
            said = await speak_once(
                self.context,
                turn,
                target=self.context.scratch / f"voice-{number}.wav",
                lufs=self.params.loudness_lufs,
                report=lambda part, done=number: report((done + part) / len(turns)),  # type: ignore[misc]
            )
            self.voices[line] = spoken_voice(said)
            self.said.append(said)
        report(1.0)

    @property
    def wanted(self) -> list[Recording]:
        """The recordings whose words are needed."""
        return recordings(self.params)

    async def listen(self, report: Report) -> None:
        """Find out the words of recordings."""
        self.recorded |= await heard_words(self.context, self.wanted, self.files.media, report)
        report(1.0)

    async def compile(self) -> CompiledTimeline:
        """Compile the composition; all lengths are known once the texts are spoken."""
        self.compiled = await asyncio.to_thread(
            compile_timeline, self.params, self._frame, self._measured
        )
        return self.compiled

    @property
    def _measured(self) -> Measured:
        return Measured(self.files.media, self.voices, self.context.fonts, self.files.animations)

    async def mix(self) -> Plan:
        """Compile with all lengths known, and plan to mix the sound."""
        compiled = await self.compile()
        check_length(self.params, compiled)
        sound = await asyncio.to_thread(
            heard, compiled, self.files.media, self.voices, self.context.scratch
        )
        if sound is None:
            return await self.encode_silent()
        arguments = mixed_to_file(sound, self.context.scratch / "sound.wav")
        if keeps_sound(self.params, compiled):
            kept = self.kept_sound = await asyncio.to_thread(self._sound_of, arguments)
            if await asyncio.to_thread(kept.fetch):
                self.warnings += kept.warnings
                return await self._encoding(kept.stream)
        self.passes = self._passes()
        mixing = FFmpegStep("mixing", arguments, float(compiled.length))
        pictures = PythonStep("preparing pictures", self.passes.begin)
        return Plan(
            (StepsAtOnce("mixing", (mixing, pictures), _MIXING),),
            then=self.encode,
            then_weight=_ENCODING,
        )

    def _sound_of(self, mixing: tuple[str, ...]) -> KeptSound:
        paths = [file.path for file in self.order.files(MEDIA)]
        digests = dict(zip(paths, digests_of(self.order).get(MEDIA, []), strict=True))
        return KeptSound.of(mixing, self.params.loudness_lufs, self.context, digests)

    async def encode_silent(self) -> Plan:
        """Plan the pass for the pictures of a film without sound."""
        return await self._encoding(None)

    async def encode(self) -> Plan:
        """Plan the pass for the pictures, with the sound at its loudness."""
        path = self.context.scratch / "sound.wav"
        stream = ffmpeg.input(str(path), f="wav").audio
        lufs = self.params.loudness_lufs
        if lufs is None:
            return await self._encoding(stream)
        seconds = float(self._compiled.length)
        media = Media(path=path, demuxer="wav", sound=AudioStream(rate=AUDIO_RATE, channels=2))
        loudness = await integrated_loudness(self.context, media, seconds=seconds)
        gain = gain_to(lufs, loudness)
        if loudness is not None and abs(loudness + gain - lufs) > 1:
            self.warnings.append(
                f"the sound is at {loudness + gain:.0f} LUFS instead of {lufs:.0f}: it is too quiet"
                " to be raised further"
            )
        louder = audio_filters.gained(stream, gain)
        limited = audio_filters.true_peak_limited(louder, peak_db=audio_filters.PEAK_DB)
        return await self._encoding(limited)

    @property
    def _compiled(self) -> CompiledTimeline:
        if self.compiled is None:
            raise RuntimeError("the composition was not compiled")
        return self.compiled

    @property
    def _frame(self) -> Format:
        return frame_of(self.params, self.order.canvas_format)

    def _passes(self) -> FilmPasses:
        return FilmPasses(
            self.order, self.context, self.params, self.files, self.voices, self.recorded,
            self._compiled, self.portraits, self.kept_sound, self.warnings,
        )  # fmt: skip

    async def _encoding(self, sound: audio_filters.Stream | None) -> Plan:
        context, compiled, params = self.context, self._compiled, self.params
        choice = await context.services.encoders.choose(params.encoder, quality_of(params))
        encoding = choice.encoding
        if not any(layer.is_visible and layer.element.type == "video" for layer in compiled.layers):
            encoding = for_pictures(encoding, quality_of(params))
        if params.file_format is not FileFormat.HLS:  # whose sizes have limits of their own
            encoding = capped(encoding, params.max_bit_rate_kbps)
        writer = FilmWriter(params, context, encoding)
        passes = self.passes or self._passes()
        studio, steps = await passes.steps(writer, sound)
        outputs = writer.outputs
        if params.subtitles:
            outputs |= write_subtitles(compiled, studio.words, context)
        outputs |= await asyncio.to_thread(self._written_plan)
        missing = " ".join(studio.missing)
        speakers = tuple(speaker for one in self.said for speaker in one.speakers)
        mark = self._mark(passes.bodies, speakers)
        if mark is not None:
            steps.append(marking_step(context, mark, [*outputs.values()]))
        return Plan(
            tuple(steps),
            outputs,
            warnings=(
                *choice.warnings,
                *(warning for one in self.said for warning in one.warnings),
                *(f"{one.pointer}: {one.message}" if one.pointer else one.message
                  for one in compiled.warnings),
                *self.files.warnings,
                *self.warnings,
                *studio.warnings,
                *((f"no font here has {missing}",) if missing else ()),
            ),
            speech=speakers,
            notes=(*passes.notes, *(note for one in self.said for note in one.notes)),
            then=partial(
                self.look, has_sound=sound is not None, whole=not passes.kept_parts, mark=mark
            ),
            then_weight=_LOOKING,
        )  # fmt: skip

    async def look(self, *, has_sound: bool, whole: bool, mark: SyntheticMark | None) -> Plan:
        """Return the plan that says what is probably not wanted in the finished film.

        ``whole`` is False if parts of it were rendered before. The thumbnail is made of the film.
        """
        if whole:
            self._record_pace()
        # What is said of the loudness has been said.
        lufs = None if self.warnings else self.params.loudness_lufs
        wanted = wanted_film(self.params, self._compiled, has_sound=has_sound, lufs=lufs)
        film = await film_file(self.context, self.params)
        seen, thumbnail = await together(
            (looked_at(self.context, self.order, film, wanted), self._thumbnail(film, mark))
        )
        return replace(seen, steps=thumbnail.steps, outputs=thumbnail.outputs)

    async def _thumbnail(self, film: Path, mark: SyntheticMark | None) -> Plan:
        """Make the thumbnail of a film that has one, and return the plan that marks it."""
        compiled = self._compiled
        if not has_thumbnail(self.params, compiled) or not await make_thumbnail(
            self.context, film, self.params, compiled
        ):
            return Plan(())
        marking = () if mark is None else (marking_step(self.context, mark, [THUMBNAIL]),)
        return Plan(marking, {ROLE: THUMBNAIL})

    def _written_plan(self) -> dict[str, str]:
        """Write the compiled composition; return the file by its role."""
        pace = self.context.services.film_pace.current
        took = render_seconds(self.params, self._compiled, self._measured, pace=pace)
        plan = TimelinePlan.of(self._compiled, render_seconds=took)
        self.context.part(_COMPILED).write_text(plan.model_dump_json(), encoding="utf-8")
        return {COMPILED: _COMPILED}

    def _record_pace(self) -> None:
        """Compare how long the film took with what is estimated for it."""
        estimate = render_seconds(self.params, self._compiled, self._measured)
        seconds = time.monotonic() - self.begun_at
        self.context.services.film_pace.record(seconds, estimate=estimate)

    def _mark(
        self, bodies: Sequence[BodySpec], speakers: Sequence[SpokenBy]
    ) -> SyntheticMark | None:
        """Return the mark of a film with presenters, None for others."""
        if not bodies:
            return None
        others = bool(self.files.media)
        return mark_for(self.context, bodies, speakers=speakers, other_files=others)
