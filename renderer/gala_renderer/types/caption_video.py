"""Makes ``caption_video``: finds the words, paints the captions, lays them over in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from gala.render_types.caption_video import CaptionVideoParams
from gala.render_types.params.framing import Fit
from gala_renderer.captions import pipeline
from gala_renderer.captions.overlay_track import CaptionTrack, over_video
from gala_renderer.captions.rasterizer import Frame
from gala_renderer.captions.segmentation import Caption
from gala_renderer.captions.subtitle_files import Subtitle, read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg.scaling import fitted
from gala_renderer.ffmpeg.video_source import (
    Target,
    even_size,
    inspect_video,
    media_input,
    mp4_output,
    pictures,
    rate_of,
    seconds_of,
    sound,
)
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import align_speech
from gala_renderer.transcription.transcribe import transcribed

NAME: Final = "caption_video"

_COPIED: Final = frozenset({"aac", "mp3"})
"""Sound that every player takes in an MP4 as it is."""

_LISTENING: Final = 4.0
_DRAWING: Final = 1.0
_ENCODING: Final = 8.0
"""How long the steps take, relative to each other."""


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Which Whisper listens, if one does."""
    return services.listener.version if _transcribes(order) else ""


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Look at the files; listen if the times of the words are not known; then draw and encode."""
    params = cast(CaptionVideoParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    work = _Work(context, params, media)
    if subtitles := order.input("subtitles"):
        work.subtitles = await read_subtitles(subtitles, context)
    listens = not work.subtitles and params.words is None
    if listens:
        media.require_sound(file.field)
    if _transcribes(order):
        context.services.listener.require()
    listening = (PythonStep("listening", work.listen, _LISTENING),) if listens else ()
    steps = (*listening, PythonStep("drawing", work.draw, _DRAWING))
    return Plan(steps, {"captions": "captions.vtt"}, then=work.encode, then_weight=_ENCODING)


def _transcribes(order: RenderOrder) -> bool:
    params = cast(CaptionVideoParams, order.params)
    return params.words is None and params.text is None and not order.input("subtitles")


@dataclass(slots=True)
class _Work:
    """One order on its way: what was found out so far."""

    context: RenderContext
    params: CaptionVideoParams
    media: Media
    subtitles: tuple[Subtitle, ...] = ()
    words: tuple[Word, ...] = ()
    track: CaptionTrack | None = None
    warnings: list[str] = field(default_factory=list)

    async def listen(self, report: Report) -> None:
        """Find the words' times in the sound."""
        params = self.params
        if params.text is not None:
            self.words = await align_speech(
                self.context, self.media, params.text, params.language, report
            )
        else:
            self.words = await transcribed(self.context, self.media, params.language, report)

    async def draw(self, report: Report) -> None:
        """Gather the words into captions, write them as VTT and paint them."""
        made = tuple(_within(self._captions(), seconds_of(self.media)))
        if not made:
            self.warnings.append("there are no words to show")
        pipeline.write(made, self.context, "captions.vtt")
        self.track = await pipeline.draw(
            made, self.params.captions, self._frame(), self.context, report
        )
        if self.track.missing:
            self.warnings.append(f"no font here has {' '.join(self.track.missing)}")
        report(1.0)

    def _captions(self) -> tuple[Caption, ...]:
        params = self.params
        if self.subtitles:
            return pipeline.from_subtitles(self.subtitles, params.captions, params.language)
        words = self.words or pipeline.spoken(params.words or ())
        return pipeline.from_words(words, params.captions, params.language)

    def _frame(self) -> Frame:
        picture = self.media.require_picture("inputs.video_asset_id")
        return Frame(*even_size(picture), rate_of(picture))

    async def encode(self) -> Plan:
        """One pass; the sound is copied where players take it."""
        params, media, frame = self.params, self.media, self._frame()
        chosen = await self.context.services.encoders.choose(params.encoder, params.quality)
        target = Target(
            self.context.part("video.mp4"), chosen.encoding, frame.rate, self.context.threads
        )
        arguments = captioned(media, self.track, frame, target)
        return Plan(
            (FFmpegStep("encoding", arguments, seconds_of(media), _ENCODING),),
            {"video": "video.mp4"},
            (*chosen.warnings, *self.warnings),
        )


def captioned(
    media: Media, track: CaptionTrack | None, frame: Frame, target: Target
) -> tuple[str, ...]:
    """The arguments that lay the track over the video."""
    shown = fitted(pictures(media, frame.rate), frame.width, frame.height, Fit.CONTAIN)
    if track is not None and track.cues:
        shown = over_video(shown, track)
    copied = media.sound is not None and media.sound.codec in _COPIED
    heard = media_input(media).audio if copied else sound(media)
    return mp4_output(shown, heard, target, seconds=seconds_of(media), copied=copied)


def _within(made: Sequence[Caption], seconds: float) -> Iterator[Caption]:
    """What of the captions is shown before the video ends."""
    for caption in made:
        if caption.start < seconds:
            yield replace(caption, end=min(caption.end, seconds))
