"""The words of any sound, for types that only want to show them."""

from __future__ import annotations

from gala_renderer.captions.segmentation import spread
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.transcription.pcm import decode
from gala_renderer.transcription.whisper import Segment

_DECODED = 0.05


async def transcribed(
    context: RenderContext, media: Media, language: str | None, report: Report
) -> tuple[Word, ...]:
    """What Whisper hears in it, word by word.

    Raises ``EngineMissing`` with what to install, ``InvalidRequest`` naming ``params.language``,
    ``RenderFailed``.
    """
    heard = context.scratch / "heard.wav"
    await decode(context, media, heard, lambda part: report(part * _DECODED))
    transcript = await context.services.whisper.transcribe(
        heard, language, report=lambda part: report(_DECODED + part * (1 - _DECODED))
    )
    return tuple(word for segment in transcript.segments for word in segment_words(segment))


def segment_words(segment: Segment) -> list[Word]:
    """Its words with their times; where only the segment has one, they share it."""
    if segment.words:
        return [Word(word.text, word.start, word.end) for word in segment.words]
    return spread(segment.text.split(), segment.start, segment.end)
