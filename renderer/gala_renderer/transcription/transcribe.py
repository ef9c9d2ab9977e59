"""Transcribe any media to words, for render types that only show them."""

from __future__ import annotations

from gala_renderer.captions.segmentation import spread
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.transcription.pcm import decode
from gala_renderer.transcription.whisper import Segment

_DECODING_SHARE = 0.05


async def transcribed(
    context: RenderContext, media: Media, language: str | None, report: Report
) -> tuple[Word, ...]:
    """Return the words that Whisper recognises, with times.

    Raise ``EngineMissing`` saying what to install, ``InvalidRequest`` naming ``params.language``,
    or ``RenderFailed``.
    """
    decoded = context.scratch / "decoded.wav"
    await decode(context, media, decoded, lambda part: report(part * _DECODING_SHARE))
    transcript = await context.services.whisper.transcribe(
        decoded,
        language,
        vad=True,
        report=lambda part: report(_DECODING_SHARE + part * (1 - _DECODING_SHARE)),
    )
    return tuple(word for segment in transcript.segments for word in segment_words(segment))


def segment_words(segment: Segment) -> list[Word]:
    """Return the segment's words with times; without word times they share the segment's time."""
    if segment.words:
        return [Word(word.text, word.start, word.end) for word in segment.words]
    return spread(segment.text.split(), segment.start, segment.end)
