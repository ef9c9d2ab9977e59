"""Plans ``caption_video``: finds the words, draws captions, and overlays them in one pass."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from gala.render_types.caption_video import CaptionVideoParams
from gala.render_types.params.framing import Fit
from gala_renderer.captions import pipeline
from gala_renderer.captions.overlay_track import CaptionTrack, over_video
from gala_renderer.captions.rasterizer import Frame
from gala_renderer.captions.segmentation import TimedCaption
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
    language_of,
    mp4_output,
    own_sound,
    pictures,
    rate_of,
)
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.transcription.forced_alignment import align_speech
from gala_renderer.transcription.transcribe import transcribed

NAME: Final = "caption_video"

_COPYABLE_CODECS: Final = frozenset({"aac", "mp3"})
"""Audio codecs in MP4 that every player supports."""

_LISTENING: Final = 4.0
_DRAWING: Final = 1.0
_ENCODING: Final = 8.0
"""Weights of the steps."""


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the version of Whisper if it is used."""
    return services.whisper.version() if _transcribes(order) else ""


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect the files; plan to find the words if they are unknown, to draw and to encode."""
    params = cast(CaptionVideoParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    work = _Captioning(context, params, media)
    if subtitles := order.input("subtitles"):
        rate = media.require_picture(file.field).rate
        found = await read_subtitles(subtitles, context, rate=rate)
        work.subtitles = found.subtitles
        work.warnings.extend(found.warnings)
    listens = not work.subtitles and params.words is None
    if listens:
        media.require_sound(file.field)
    if _transcribes(order):
        context.services.whisper.require()
    listening = (PythonStep("listening", work.listen, _LISTENING),) if listens else ()
    steps = (*listening, PythonStep("drawing", work.draw, _DRAWING))
    return Plan(steps, {"captions": "captions.vtt"}, then=work.encode, then_weight=_ENCODING)


def _transcribes(order: RenderOrder) -> bool:
    params = cast(CaptionVideoParams, order.params)
    return params.words is None and params.text is None and not order.input("subtitles")


@dataclass(slots=True)
class _Captioning:
    """The captioning of one video, with what was found out so far."""

    context: RenderContext
    params: CaptionVideoParams
    media: Media
    subtitles: tuple[Subtitle, ...] = ()
    words: tuple[Word, ...] = ()
    track: CaptionTrack | None = None
    warnings: list[str] = field(default_factory=list)

    async def listen(self, report: Report) -> None:
        """Find the words and their times in the sound."""
        params = self.params
        if params.text is not None:
            self.words = await align_speech(
                self.context, self.media, params.text, params.language, report
            )
        else:
            self.words = await transcribed(self.context, self.media, params.language, report)

    async def draw(self, report: Report) -> None:
        """Group the words into captions, write them as VTT and draw them."""
        made = await asyncio.to_thread(self._captions)
        captions = tuple(_within(made, self.media.length))
        if not captions:
            self.warnings.append("there are no words to show")
        pipeline.write(captions, self.context, "captions.vtt")
        self.track = await pipeline.draw(
            captions,
            self.params.safe_margins.placed(self.params.captions),
            self._frame(),
            self.context,
            report,
        )
        self.warnings.extend(self.track.warnings)
        report(1.0)

    def _captions(self) -> tuple[TimedCaption, ...]:
        params = self.params
        if self.subtitles:
            return pipeline.from_subtitles(self.subtitles, params.captions, params.language)
        words = self.words or pipeline.spoken(params.words or ())
        return pipeline.from_words(words, params.captions, params.language)

    def _frame(self) -> Frame:
        picture = self.media.require_picture("inputs.video_asset_id")
        return Frame(*even_size(picture), rate_of(picture))

    async def encode(self) -> Plan:
        """Plan one pass; sound is copied if it can be."""
        params, media, frame = self.params, self.media, self._frame()
        choice = await self.context.services.encoders.choose(params.encoder, params.quality)
        target = Target(
            self.context.part("video.mp4"), choice.encoding, frame.rate, self.context.threads
        )
        arguments = captioned(media, self.track, frame, target)
        return Plan(
            (FFmpegStep("encoding", arguments, media.length, _ENCODING),),
            {"video": "video.mp4"},
            (*choice.warnings, *self.warnings),
        )


def captioned(
    media: Media, track: CaptionTrack | None, frame: Frame, target: Target
) -> tuple[str, ...]:
    """Return the arguments that overlay the captions on the video."""
    shown = fitted(pictures(media, frame.rate), frame.width, frame.height, Fit.CONTAIN)
    if track is not None and track.cues:
        shown = over_video(shown, track)
    audio, copied = own_sound(media, _COPYABLE_CODECS)
    return mp4_output(
        shown, audio, target, seconds=media.length, copied=copied, language=language_of(media)
    )


def _within(captions: Sequence[TimedCaption], seconds: float) -> Iterator[TimedCaption]:
    """Yield the captions that start before the video ends, cut at its end."""
    for caption in captions:
        if caption.start < seconds:
            yield replace(caption, end=min(caption.end, seconds))
