"""The formats of a transcript."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import to_json

from gala_api.jobs.transcription import Transcript
from gala_api.openai.events import EVENT_STREAM, event
from gala_api.openai.transcript_form import TranscriptOptions

_FORMATS: Final = {
    "json": "application/json",
    "text": "text/plain",
    "srt": "application/x-subrip",
    "verbose_json": "application/json",
    "vtt": "text/vtt",
}

RESPONSES: Final[dict[str, Any]] = {
    "application/json": {"schema": {"$ref": "#/components/schemas/Transcription"}},
    **{
        mime: {"schema": {"type": "string"}}
        for mime in _FORMATS.values()
        if mime != "application/json"
    },
}


def write(transcript: Transcript, options: TranscriptOptions) -> tuple[str, str]:
    """Return the MIME type and the text of the response."""
    text = transcript.words["text"].strip()
    if options.stream:
        return EVENT_STREAM, _events(transcript.words["segments"], text)
    writers = {
        "json": lambda: _json({"text": text}),
        "text": lambda: f"{text}\n",
        "srt": lambda: _srt(transcript.words["segments"]),
        "verbose_json": lambda: _json(_verbose(transcript.words, text, options)),
        "vtt": lambda: transcript.captions,
    }
    return _FORMATS[options.response_format], writers[options.response_format]()


def _json(value: dict[str, Any]) -> str:
    return to_json(value).decode()


def _events(segments: list[dict[str, Any]], text: str) -> str:
    """Return the text as a delta for each segment, then all of it."""
    pieces = [one["text"] for one in segments if one["text"]]
    deltas = [
        {"type": "transcript.text.delta", "delta": f" {piece}" if number else piece}
        for number, piece in enumerate(pieces)
    ]
    done = {"type": "transcript.text.done", "text": text}
    return b"".join(map(event, [*deltas, done])).decode()


def _verbose(words: dict[str, Any], text: str, options: TranscriptOptions) -> dict[str, Any]:
    response: dict[str, Any] = {
        "task": "translate" if options.translates else "transcribe",
        # OpenAI's clients expect the language of the text, which is always English here.
        "language": "english" if options.translates else words["language"],
        # Faster Whisper's addition: of the language that was spoken, also in a translation.
        "language_probability": words["language_probability"],
        "duration": words["duration"],
        "text": text,
    }
    if "word" in options.granularities:
        response["words"] = [
            {"word": one["text"], "start": one["start_ts"], "end": one["end_ts"]}
            for one in words["words"]
        ]
    if "segment" in options.granularities:
        response["segments"] = [
            {"id": number, "start": one["start_ts"], "end": one["end_ts"], "text": one["text"]}
            for number, one in enumerate(words["segments"])
        ]
    return response


def _srt(segments: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{number}\n{_timestamp(one['start_ts'])} --> {_timestamp(one['end_ts'])}\n"
        f"{one['text'].strip()}\n"
        for number, one in enumerate(segments, 1)
    )


def _timestamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, milliseconds = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
