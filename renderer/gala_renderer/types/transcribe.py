"""Plans ``transcribe``: speech recognition by Whisper."""

from __future__ import annotations

from typing import Any, Final, cast

from gala.render_types.transcribe import TranscribeParams
from gala_renderer.captions.segmentation import spread
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.speech.words import Word
from gala_renderer.transcription.outputs import OUTPUTS, word_json, write_outputs
from gala_renderer.transcription.pcm import decode
from gala_renderer.transcription.whisper import Segment, WhisperTranscript

NAME: Final = "transcribe"


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the version of Whisper and of the model."""
    return services.whisper.version(cast(TranscribeParams, order.params).model)


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to decode the sound, then to transcribe it."""
    params = cast(TranscribeParams, order.params)
    listener = context.services.whisper
    listener.require(params.model)
    (file,) = order.files("audio")
    media = await context.inspect(file)
    media.require_sound(file.field)
    decoded = context.scratch / "decoded.wav"

    async def prepare(report: Report) -> None:
        await decode(context, media, decoded, report)

    async def transcribe(report: Report) -> None:
        transcript = await listener.transcribe(
            decoded,
            params.language,
            params.beam_size,
            model=params.model,
            translate=params.translate,
            word_timestamps=params.word_timestamps,
            vad=params.vad,
            report=report,
        )
        words = [word for segment in transcript.segments for word in _words(segment)]
        write_outputs(context, _json(transcript), words)

    return Plan(
        (PythonStep("decoding", prepare), PythonStep("listening", transcribe, weight=50)), OUTPUTS
    )


def _words(segment: Segment) -> list[Word]:
    if segment.words:
        return [Word(word.text, word.start, word.end) for word in segment.words]
    return spread(segment.text.split(), segment.start, segment.end)


def _json(transcript: WhisperTranscript) -> dict[str, Any]:
    return {
        "model": transcript.model,
        "language": transcript.language,
        "language_probability": round(transcript.probability, 3),
        "duration": round(transcript.seconds, 3),
        "text": transcript.text,
        "words": [
            {
                **word_json(Word(word.text, word.start, word.end)),
                "probability": round(word.probability, 3),
            }
            for word in transcript.words
        ],
        "segments": [
            word_json(Word(segment.text, segment.start, segment.end))
            for segment in transcript.segments
        ],
    }
