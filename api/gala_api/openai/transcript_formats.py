"""The form of a transcription request, and the formats of its response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_json

from gala.errors import InvalidRequest
from gala_api.errors.validation import nearest, remedy
from gala_api.http.uploads import ReceivedForm
from gala_api.jobs.transcription import Transcript

_FORMATS: Final = {
    "json": "application/json",
    "text": "text/plain",
    "srt": "application/x-subrip",
    "verbose_json": "application/json",
    "vtt": "text/vtt",
}
_FIELDS: Final = (
    "file", "model", "language", "prompt", "response_format", "temperature", "stream",
    "timestamp_granularities[]",
)  # fmt: skip
_GRANULARITIES: Final = ("word", "segment")

RESPONSES: Final[dict[str, Any]] = {
    "application/json": {"schema": {"$ref": "#/components/schemas/Transcription"}},
    **{
        mime: {"schema": {"type": "string"}}
        for mime in _FORMATS.values()
        if mime != "application/json"
    },
}
FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "minLength": 1},
                        "model": {"type": "string", "examples": ["whisper-1"]},
                        "language": {
                            "type": "string",
                            "description": "The spoken language as BCP 47; detected by default.",
                            "examples": ["es"],
                        },
                        "response_format": {"enum": list(_FORMATS), "default": "json"},
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"enum": list(_GRANULARITIES)},
                            "description": "The units whose times `verbose_json` contains.",
                        },
                        "prompt": {"type": "string", "description": "Accepted and ignored."},
                        "temperature": {"type": "number", "description": "Accepted and ignored."},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptOptions:
    """The options of a request; ``params`` are those of the render type ``transcribe``."""

    model: str
    response_format: str
    granularities: tuple[str, ...]
    params: dict[str, Any]


def read(form: ReceivedForm) -> TranscriptOptions:
    """Return the options in the form; raise InvalidRequest naming the field."""
    for name in (*form.fields, *form.lists, *form.files):
        if name not in _FIELDS:
            raise _invalid(name[:80], "There is no field of this name", _FIELDS, name)
    if "file" not in form.files:
        raise InvalidRequest("file: A file is required.", field="file", rule="missing")
    if form.files["file"].size == 0:
        raise InvalidRequest("file: The file is empty.", field="file")
    model = form.fields.get("model")
    if not model:
        raise InvalidRequest("model: This field is required.", field="model", rule="missing")
    response_format = form.fields.get("response_format") or "json"
    if response_format not in _FORMATS:
        problem = f"{response_format[:80]!r} is not a format"
        raise _invalid("response_format", problem, tuple(_FORMATS), response_format)
    granularities = tuple(form.lists.get("timestamp_granularities[]", ("segment",)))
    for one in granularities:
        if one not in _GRANULARITIES:
            problem = f"{one[:80]!r} is not a granularity"
            raise _invalid("timestamp_granularities", problem, _GRANULARITIES, one)
    language = form.fields.get("language")
    params = {"language": language} if language else {}
    return TranscriptOptions(
        model=model, response_format=response_format, granularities=granularities, params=params
    )


def _invalid(field: str, problem: str, known: tuple[str, ...], value: str) -> InvalidRequest:
    suggestion = nearest(value, known)
    return InvalidRequest(
        f"{field}: {problem}; {remedy(suggestion, known)}", field=field, did_you_mean=suggestion
    )


def write(transcript: Transcript, options: TranscriptOptions) -> tuple[str, str]:
    """Return the MIME type and the text of the response."""
    text = transcript.words["text"].strip()
    writers = {
        "json": lambda: _json({"text": text}),
        "text": lambda: f"{text}\n",
        "srt": lambda: _srt(transcript.words["segments"]),
        "verbose_json": lambda: _json(_verbose(transcript.words, text, options.granularities)),
        "vtt": lambda: transcript.captions,
    }
    return _FORMATS[options.response_format], writers[options.response_format]()


def _json(value: dict[str, Any]) -> str:
    return to_json(value).decode()


def _verbose(words: dict[str, Any], text: str, granularities: tuple[str, ...]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "task": "transcribe",
        "language": words["language"],
        "duration": words["duration"],
        "text": text,
    }
    if "word" in granularities:
        response["words"] = [
            {"word": one["text"], "start": one["start_ts"], "end": one["end_ts"]}
            for one in words["words"]
        ]
    if "segment" in granularities:
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
