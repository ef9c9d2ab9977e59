"""Plans ``timeline``: voices first, then the sound, then one pass for the video."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.media import Format, SpokenBy
from gala.render_types.timeline import MEDIA
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.compilation.tree import build, voice_of
from gala.timeline.document.elements import PresenterElement, VoiceElement
from gala.timeline.document.output import CONTAINERS, SOUNDS, FileFormat, VideoCodec
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.sources import LUT, named_files, sources_of
from gala_renderer.avatars.bodies import BodySpec
from gala_renderer.avatars.marking import mark_for, marking_step, marking_version
from gala_renderer.captions.subtitle_files import Subtitle, read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report, Step
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.result_cache import code_digest, digests_of
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE, for_pictures
from gala_renderer.ffmpeg.loudness import gain_to, integrated_loudness
from gala_renderer.narration.sound import TimedVoice, spoken_voice
from gala_renderer.probe.media import AudioStream, Media
from gala_renderer.provenance.synthetic_mark import SyntheticMark
from gala_renderer.speech.kept_speech import speak_once
from gala_renderer.speech.synthesize import Turn, TurnsSpeech
from gala_renderer.speech.words import Word
from gala_renderer.timeline.cubes import Cube, read_look
from gala_renderer.timeline.elements.lotties import try_lotties
from gala_renderer.timeline.elements.svgs import draw_svgs
from gala_renderer.timeline.elements.waveforms import Sounds, analyse_sounds
from gala_renderer.timeline.film_parts import (
    FILE,
    Identities,
    assembled,
    film_parts,
    keeping,
    part_spans,
)
from gala_renderer.timeline.inspection import surprises
from gala_renderer.timeline.listening import Recording, heard_words, recordings
from gala_renderer.timeline.lottie_files import LottieFile, read_animation
from gala_renderer.timeline.masks import decode_masks
from gala_renderer.timeline.measured import Measured, SpokenKey
from gala_renderer.timeline.people import Portraits, prepare_people
from gala_renderer.timeline.pictures import picture_stream
from gala_renderer.timeline.repetition import (
    Repetition,
    cut_to,
    joined,
    parts,
    repetition_of,
)
from gala_renderer.timeline.sounds import heard, mixed_to_file
from gala_renderer.timeline.studio import Studio
from gala_renderer.timeline.writing import (
    FilmWriter,
    check_length,
    frame_of,
    quality_of,
    video_name,
    write_subtitles,
)

NAME: Final = "timeline"

_SPEAKING: Final = 1.0
_LISTENING: Final = 4.0
_MIXING: Final = 0.5
_ENCODING: Final = 8.0
_LOOKING: Final = 0.2
"""Weights of the steps."""


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the speech engines that speak, each once with its version."""
    chosen = [
        Turn(text=text, voice=voice).choose(services.speech).engine
        for text, voice in spoken_texts(cast(TimelineParams, order.params))
    ]
    engines = sorted({f"{engine.name} {engine.version}" for engine in chosen})
    heard = any(one.text is None for one in recordings(cast(TimelineParams, order.params)))
    whisper = services.whisper.version() if heard else ""
    return " ".join([*engines, whisper, marking_version(services)]).rstrip()


def spoken_texts(params: TimelineParams) -> list[SpokenKey]:
    """Return what is spoken in a composition, each text of each voice once."""
    found: dict[SpokenKey, None] = {}
    for slot in build(params).slots:
        element = slot.element
        if not isinstance(element, VoiceElement | PresenterElement) or element.text is None:
            continue
        if isinstance(element, PresenterElement) or element.src is None:
            found[element.text, voice_of(params, element)] = None
    return list(found)


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect all files; plan to speak, to mix, and to encode."""
    film = Film(order, context, cast(TimelineParams, order.params))
    await film.inspect()
    return Plan(
        (
            PythonStep("speaking", film.speak, _SPEAKING),
            *((PythonStep("listening", film.listen, _LISTENING),) if film.wanted else ()),
        ),
        then=film.mix,
        then_weight=_MIXING + _ENCODING,
    )


@dataclass(slots=True)
class Film:
    """One composition, with what was found out so far."""

    order: RenderOrder
    context: RenderContext
    params: TimelineParams
    files: dict[str, Media] = field(default_factory=dict)
    named: Mapping[str, InputFile] = field(default_factory=dict)
    voices: dict[SpokenKey, TimedVoice] = field(default_factory=dict)
    said: list[TurnsSpeech] = field(default_factory=list)
    subtitles: dict[str, tuple[Subtitle, ...]] = field(default_factory=dict)
    animations: dict[str, LottieFile] = field(default_factory=dict)
    cubes: dict[str, Cube] = field(default_factory=dict)
    drawings: dict[str, Path] = field(default_factory=dict)
    recorded: dict[str, Sequence[Word]] = field(default_factory=dict)
    """Words of recordings by the JSON pointer of the element."""
    bodies: list[BodySpec] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    numbers: count[int] = field(default_factory=count)
    compiled: CompiledTimeline | None = None

    async def inspect(self) -> None:
        """Inspect the files that the composition names."""
        sources, files = sources_of(self.params), self.order.files(MEDIA)
        if len(sources) != len(files):
            name = f"inputs.{self.order.type.input_field(MEDIA)}"
            raise InvalidRequest(
                f"{name}: the composition names {len(sources)} files; there are {len(files)}.",
                field=name,
            )
        named = dict(zip(sources, files, strict=True))
        for file in named_files(self.params):
            if file.source in named and file.type == "caption":
                await self._read(file.source, named.pop(file.source))
            elif file.source in named and file.type == "lottie":
                path = named.pop(file.source).path
                self.animations[file.source] = await asyncio.to_thread(read_animation, file, path)
            elif file.source in named and file.type == LUT:
                path = named.pop(file.source).path
                self.cubes[file.source] = await asyncio.to_thread(read_look, file, path)
            elif file.source in named and file.type == "svg":
                self.drawings[file.source] = named.pop(file.source).path
        found = await self.context.inspect_all(list(named.values()))
        self.files = dict(zip(named, found, strict=True))
        self.named = named

    async def _read(self, source: str, file: InputFile) -> None:
        """Read a file of subtitles."""
        rate = Fraction(self._frame.fps)
        found = await read_subtitles(file, self.context, rate=rate)
        self.subtitles[source] = found.subtitles
        self.warnings += found.warnings

    async def speak(self, report: Report) -> None:
        """Speak all texts, each to a file of its own."""
        texts = spoken_texts(self.params)
        for number, (text, voice) in enumerate(texts):
            said = await speak_once(
                self.context,
                Turn(text=text, voice=voice),
                target=self.context.scratch / f"voice-{number}.wav",
                lufs=self.params.loudness_lufs,
                report=lambda part, done=number: report((done + part) / len(texts)),  # type: ignore[misc]
            )
            self.voices[text, voice] = spoken_voice(said)
            self.said.append(said)
        report(1.0)

    @property
    def wanted(self) -> list[Recording]:
        """The recordings whose words are needed."""
        return recordings(self.params)

    async def listen(self, report: Report) -> None:
        """Find out the words of recordings."""
        self.recorded |= await heard_words(self.context, self.wanted, self.files, report)
        report(1.0)

    async def compile(self) -> CompiledTimeline:
        """Compile the composition; all lengths are known once the texts are spoken."""
        measured = Measured(self.files, self.voices, self.context.services.fonts, self.animations)
        self.compiled = await asyncio.to_thread(
            compile_timeline, self.params, self._frame, measured
        )
        return self.compiled

    async def mix(self) -> Plan:
        """Compile with all lengths known, and plan to mix the sound."""
        compiled = await self.compile()
        sound = heard(compiled, self.files, self.voices, self.context.scratch)
        if sound is None:
            return await self.encode_silent()
        arguments = mixed_to_file(sound, self.context.scratch / "sound.wav")
        return Plan(
            (FFmpegStep("mixing", arguments, float(compiled.length), _MIXING),),
            then=self.encode,
            then_weight=_ENCODING,
        )

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

    async def _encoding(self, sound: audio_filters.Stream | None) -> Plan:
        context, compiled, params = self.context, self._compiled, self.params
        check_length(params, compiled)
        choice = await context.services.encoders.choose(params.encoder, quality_of(params))
        encoding = choice.encoding
        if not any(layer.is_visible and layer.element.type == "video" for layer in compiled.layers):
            encoding = for_pictures(encoding, quality_of(params))
        writer = FilmWriter(params, context, encoding)
        studio = self._studio(compiled)
        repetition = self._repetition()
        if params.file_format in SOUNDS:
            steps = writer.sound_alone(sound, float(compiled.length))
        elif repetition is not None:
            steps = await self._repeated(writer, studio, repetition, sound)
        elif self._in_parts(writer):
            steps = await self._parts(writer, studio, sound)
        else:
            steps = await self._pass(writer, studio, sound)
        outputs = writer.outputs
        if params.subtitles:
            outputs |= write_subtitles(compiled, studio.words, context)
        is_film = params.file_format in CONTAINERS
        missing = " ".join(studio.missing)
        speakers = tuple(speaker for one in self.said for speaker in one.speakers)
        mark = self._mark(speakers)
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
                *self.warnings,
                *studio.warnings,
                *((f"no font here has {missing}",) if missing else ()),
            ),
            speech=speakers,
            notes=(*self.notes, *(note for one in self.said for note in one.notes)),
            then=partial(self.look, has_sound=sound is not None) if is_film else None,
            then_weight=_LOOKING,
        )  # fmt: skip

    async def look(self, *, has_sound: bool) -> Plan:
        """Return the plan that says what is probably not wanted in the finished film."""
        compiled = self._compiled
        empty = not any(layer.is_visible for layer in compiled.layers)
        found = await surprises(
            self.context,
            self.context.part(video_name(self.params)),
            seconds=float(compiled.length),
            has_sound=has_sound,
            may_be_black=empty or self.params.transparent,
        )
        return Plan((), {}, warnings=tuple(found))

    def _repetition(self) -> Repetition | None:
        """Return how the pictures repeat, if they can be copied."""
        return repetition_of(self._compiled, self.files) if self._is_usual else None

    @property
    def _is_usual(self) -> bool:
        """Return True if the film is of a format whose frames are copied."""
        params = self.params
        return params.file_format is FileFormat.MP4 and params.video_codec is VideoCodec.H264

    def _in_parts(self, writer: FilmWriter) -> bool:
        """Return True if the scenes of the film are encoded and kept one by one."""
        is_alone = self._is_usual and set(writer.outputs) == {"video"}
        kept = self.context.services.film_parts.enabled
        return is_alone and kept and len(part_spans(self._compiled)) > 1

    async def _parts(
        self, writer: FilmWriter, studio: Studio, sound: audio_filters.Stream | None
    ) -> list[Step]:
        """Return the steps that encode the scenes that are not kept, and join all."""
        scratch, cache = self.context.scratch, self.context.services.film_parts
        known = await asyncio.to_thread(self._identities, writer, studio)
        steps: list[Step] = []
        missing: dict[str, None] = {}
        names = []
        for number, one in enumerate(film_parts(studio.compiled, known)):
            folder = f"part-{one.key}"
            names.append(f"{folder}/{FILE}")
            if one.key in missing or await asyncio.to_thread(
                cache.fetch, one.key, scratch / folder
            ):
                continue
            missing[one.key] = None
            (scratch / folder).mkdir(exist_ok=True)
            part = self._studio(studio.compiled)
            await draw_svgs(self.context, part, self.drawings)
            await try_lotties(self.context, part, self.animations)
            await decode_masks(self.context, part)
            path = scratch / folder / FILE
            made = await asyncio.to_thread(writer.part, part, path, span=one.span)
            steps += [*part.steps, *made, keeping(cache, one.key, scratch / folder, number)]
            studio.missing |= part.missing
            studio.warnings |= part.warnings
        self.notes.append(f"parts of the film: {len(missing)} rendered, {len(names) - len(missing)}"
                          " as rendered before")  # fmt: skip
        seconds, target = float(self._compiled.length), self.context.part(writer.outputs["video"])
        arguments = assembled(scratch, names, sound, target, seconds=seconds)
        return [*steps, FFmpegStep("joining", arguments, seconds, _MIXING)]

    def _identities(self, writer: FilmWriter, studio: Studio) -> Identities:
        services = self.context.services
        found = digests_of(self.order).get(MEDIA, [])
        digests = dict(zip(sources_of(self.params), found, strict=True))
        making = f"{code_digest()} {writer.format(studio.rate)} {services.fonts.version}"
        return Identities(digests, studio.words, f"{making} {self.context.ffmpeg.executable}")

    async def _pass(
        self, writer: FilmWriter, studio: Studio, sound: audio_filters.Stream | None
    ) -> list[Step]:
        """Return the steps that write a film in one pass."""
        await self._prepare(studio)
        shown = await asyncio.to_thread(picture_stream, studio, studio.whole)
        made = writer.film(studio, shown, sound)
        return [*studio.steps, *made]

    async def _prepare(self, studio: Studio) -> None:
        """Prepare the presenters and the drawings that are seen."""
        portraits = Portraits(self.named, self.files)
        self.bodies += await prepare_people(self.context, studio, portraits, self._sounds())
        await draw_svgs(self.context, studio, self.drawings)
        await try_lotties(self.context, studio, self.animations)
        await decode_masks(self.context, studio)
        await analyse_sounds(self.context, studio, Sounds(self.files, self.voices))

    async def _repeated(
        self,
        writer: FilmWriter,
        studio: Studio,
        repetition: Repetition,
        sound: audio_filters.Stream | None,
    ) -> list[Step]:
        """Return the steps that encode what repeats, and copy it as often as needed."""
        scratch, seconds = self.context.scratch, float(self._compiled.length)
        steps: list[Step] = []
        for name, frames in parts(repetition):
            part = self._studio(cut_to(studio.compiled, frames))
            await self._prepare(part)
            made = await asyncio.to_thread(writer.part, part, scratch / name, beside=not steps)
            steps += [*part.steps, *made]
            studio.missing |= part.missing
            studio.warnings |= part.warnings
        target = self.context.part(writer.outputs["video"])
        arguments = joined(scratch, repetition, sound, target, seconds=seconds)
        return [*steps, FFmpegStep("repeating", arguments, seconds, _ENCODING)]

    def _mark(self, speakers: Sequence[SpokenBy]) -> SyntheticMark | None:
        """Return the mark of a film with presenters, None for others."""
        if not self.bodies:
            return None
        others = bool(self.files)
        return mark_for(self.context, self.bodies, speakers=speakers, other_files=others)

    def _sounds(self) -> dict[str, Media]:
        """Return the voices by the JSON pointer of what speaks."""
        found = {}
        for layer in self._compiled.layers:
            speech = layer.speech
            if speech is None:
                continue
            if speech.source is not None:
                found[layer.pointer] = self.files[speech.source]
            elif speech.text is not None:
                found[layer.pointer] = self.voices[speech.text, speech.voice].track.media
        return found

    def _studio(self, compiled: CompiledTimeline) -> Studio:
        # Each has a folder of its own, because layers of several films have the same numbers.
        folder = self.context.scratch / f"pictures-{next(self.numbers)}"
        folder.mkdir()
        return Studio(
            compiled=compiled,
            files=self.files,
            fonts=self.context.services.fonts,
            folder=folder,
            words=words_by_pointer(compiled, self.voices, self.recorded),
            subtitles=self.subtitles,
            cubes=self.cubes,
            transparent=self.params.transparent,
        )


def words_by_pointer(
    compiled: CompiledTimeline,
    voices: Mapping[SpokenKey, TimedVoice],
    recorded: Mapping[str, Sequence[Word]],
) -> dict[str, Sequence[Word]]:
    """Return the words of what speaks, from its start on, by the element's JSON pointer."""
    found: dict[str, Sequence[Word]] = dict(recorded)
    for layer in compiled.layers:
        speech = layer.speech
        if speech is not None and speech.text is not None and speech.source is None:
            found[layer.pointer] = voices[speech.text, speech.voice].words
    return found
