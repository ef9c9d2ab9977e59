"""Plans ``captioned_video``: the voice and its words first, then one pass for the video."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from gala.render_types.captioned_video import CaptionedVideoParams
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.framing import Fit
from gala_renderer.captions import pipeline as captioning
from gala_renderer.captions.overlay_track import CaptionTrack
from gala_renderer.captions.rasterizer import Frame
from gala_renderer.captions.subtitle_files import Subtitle, read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Canvas, Feeder, FFmpegStep, Plan, PythonStep, Report, Step
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg import ken_burns, narration_graph
from gala_renderer.ffmpeg.encoder_options import VideoEncoding, for_changes, for_still
from gala_renderer.ffmpeg.ken_burns import MovingPicture
from gala_renderer.ffmpeg.narration_graph import Narration, VoiceTrack
from gala_renderer.ffmpeg.sparse_narration import key_frame_distance
from gala_renderer.narration.sound import (
    TimedVoice,
    music_track,
    recorded_voice,
    spoken_voice,
)
from gala_renderer.narration.sparse_encoding import can_be_sparse, sparse_steps
from gala_renderer.probe.media import Media
from gala_renderer.speech import outputs
from gala_renderer.speech.synthesize import Turn, TurnsSpeech, speak_turns
from gala_renderer.speech.words import Word

NAME: Final = "captioned_video"

_SPEAKING: Final = 1.0
_DRAWING: Final = 1.0
_ENCODING: Final = 8.0
"""Weights of the steps."""


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the speech engine or Whisper that is used, and its version."""
    params = cast(CaptionedVideoParams, order.params)
    if _transcribes(order):
        return services.whisper.version()
    if order.input("voice") is not None:
        return ""
    engine = Turn(text=params.text or "", voice=params).choose(services.speech).engine
    return f"{engine.name} {engine.version}"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect every input; plan to speak or transcribe, to draw, and to encode."""
    narrator = _Narrator(order, context, cast(CaptionedVideoParams, order.params))
    await narrator.inspect()
    if narrator.recorded is None:
        first = PythonStep("speaking", narrator.speak, _SPEAKING)
    else:
        first = PythonStep("listening", narrator.listen, _SPEAKING)
    return Plan(
        (first, PythonStep("drawing", narrator.draw, _DRAWING)),
        {"captions": "captions.vtt", "words": "words.json"},
        then=narrator.encode,
        then_weight=_ENCODING,
    )


def _transcribes(order: RenderOrder) -> bool:
    """Return True if Whisper has to find out what is said."""
    params = cast(CaptionedVideoParams, order.params)
    known = params.text is not None or order.input("subtitles") is not None
    return order.input("voice") is not None and not known and params.captions is not None


@dataclass(slots=True)
class _Narrator:
    """One narrated video, with what was found out so far."""

    order: RenderOrder
    context: RenderContext
    params: CaptionedVideoParams
    background: Media | None = None
    recorded: Media | None = None
    music: Media | None = None
    sample: Path | None = None
    subtitles: tuple[Subtitle, ...] | None = None
    voice: VoiceTrack | None = None
    said: TurnsSpeech | None = None
    seconds: float = 0.0
    words: tuple[Word, ...] = ()
    track: CaptionTrack | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def canvas(self) -> Canvas:
        """The canvas, as long as the voice."""
        form = self.order.canvas_format
        frames = max(1, math.ceil(round(self.seconds * form.fps, 3)))
        return Canvas(form.width, form.height, form.fps, frames)

    async def inspect(self) -> None:
        """Inspect the inputs."""
        order, context = self.order, self.context
        if file := order.input("background"):
            self.background = await context.inspect(file)
            self.background.require_picture(file.field)
        if file := order.input("voice"):
            self.recorded = await context.inspect(file)
            self.recorded.require_sound(file.field)
        if file := order.input("music"):
            self.music = await context.inspect(file)
            self.music.require_sound(file.field)
        if file := order.input("sample"):
            self.sample = await outputs.voice_sample(context, file)
        if file := order.input("subtitles"):
            found = await read_subtitles(file, context)
            self.subtitles = found.subtitles
            self.warnings.extend(found.warnings)
        if _transcribes(order):
            context.services.whisper.require()

    async def speak(self, report: Report) -> None:
        """Synthesise the voice from the text."""
        turn = Turn(text=self.params.text or "", voice=self.params, sample=self.sample)
        target = self.context.scratch / "voice.wav"
        lufs = self.params.loudness_lufs
        said = await speak_turns(self.context, [turn], target=target, lufs=lufs, report=report)
        self._use(spoken_voice(said))
        self.said = said
        self.warnings.extend(said.warnings)

    async def listen(self, report: Report) -> None:
        """Find the words of a recorded voice, and measure its loudness."""
        self._use(
            await recorded_voice(
                self.context,
                cast(Media, self.recorded),
                text=self.params.text,
                language=self.params.language,
                transcribe=_transcribes(self.order),
                lufs=self.params.loudness_lufs,
                report=report,
            )
        )

    def _use(self, voice: TimedVoice) -> None:
        self.voice, self.seconds, self.words = voice.track, voice.seconds, voice.words

    async def draw(self, report: Report) -> None:
        """Draw the captions, and write them and the words to files."""
        params, context = self.params, self.context
        rules = params.captions or CaptionParams()
        language = params.language
        # In a thread: tens of thousands of words take seconds.
        if self.subtitles is None:
            captions = await asyncio.to_thread(captioning.from_words, self.words, rules, language)
        else:
            captions = await asyncio.to_thread(
                captioning.from_subtitles, self.subtitles, rules, language
            )
        captioning.write(captions, context, "captions.vtt")
        outputs.write_json(context, "words.json", outputs.words_json(self.words, phonemes=False))
        if params.captions is not None and captions:
            canvas = self.canvas
            frame = Frame(canvas.width, canvas.height, Fraction(canvas.fps))
            look = params.safe_margins.placed(params.captions)
            self.track = await captioning.draw(captions, look, frame, context, report)
            self.warnings.extend(self.track.warnings)
        report(1.0)

    async def encode(self) -> Plan:
        """Plan one pass of FFmpeg, preceded by the preparation of moving pictures."""
        context, narration = self.context, await self._narration(self.canvas)
        choice = await context.services.encoders.choose(self.params.encoder, self.params.quality)
        if not narration.moves:
            return self._plan(await self._still_steps(narration, choice.encoding), choice.warnings)
        moving = [narration.moving] if narration.moving else []
        feeder = ken_burns.feeder(moving, context.scratch, context.threads) if moving else None
        step = self._one_pass(narration, choice.encoding, feeder)
        preparation = ken_burns.preparation_steps(moving, context.scratch)
        return self._plan((*preparation, step), choice.warnings)

    async def _still_steps(self, narration: Narration, encoding: VideoEncoding) -> tuple[Step, ...]:
        """Return the steps for a background that is still: only captions change."""
        context, canvas, quality = self.context, self.canvas, self.params.quality
        if context.commands_only or not await can_be_sparse(context.ffmpeg, encoding, quality):
            return (self._one_pass(narration, for_still(encoding, quality)),)
        if self.track is not None:
            apart = key_frame_distance(canvas)
            await asyncio.to_thread(self.track.write_whole, canvas.frames, longest=apart)
        return sparse_steps(context, narration, for_changes(encoding, quality))

    def _one_pass(
        self, narration: Narration, encoding: VideoEncoding, feeder: Feeder | None = None
    ) -> FFmpegStep:
        context, canvas = self.context, self.canvas
        arguments = narration_graph.encode(
            narration,
            scratch=context.scratch,
            video=context.part("video.mp4"),
            thumbnail=context.part("thumbnail.jpg"),
            encoding=encoding,
            threads=context.threads,
        )
        return FFmpegStep("encoding", arguments, canvas.seconds, _ENCODING, feeder)

    def _plan(self, steps: Sequence[Step], warnings: Sequence[str]) -> Plan:
        return Plan(
            tuple(steps),
            {"video": "video.mp4", "thumbnail": "thumbnail.jpg"},
            warnings=(*self.warnings, *warnings),
            speech=self.said.speakers if self.said else (),
            notes=self.said.notes if self.said else (),
        )

    async def _narration(self, canvas: Canvas) -> Narration:
        background = self.background
        still = background is not None and background.require_picture("background").still
        video = None
        if background is not None and not still:
            video = background
        moving = self._moving(canvas) if still else None
        return Narration(
            canvas=canvas,
            colour=self.params.background_color,
            voice=cast(VoiceTrack, self.voice),
            music=await music_track(
                self.context,
                self.music,
                seconds=canvas.seconds,
                voice_lufs=self.params.loudness_lufs,
                volume_db=self.params.music_volume_db,
                ducking_db=self.params.music_ducking_db,
            ),
            still=background if still and moving is None else None,
            moving=moving,
            video=video,
            fit=self.params.background_fit,
            captions=self.track,
        )

    def _moving(self, canvas: Canvas) -> MovingPicture | None:
        params = self.params
        whole = params.background_fit is not Fit.COVER and "motion" not in params.model_fields_set
        if params.motion.is_still or whole:
            return None
        return ken_burns.moving_picture(
            cast(Media, self.background),
            canvas,
            self.params.motion,
            background=self.params.background_color,
        )
