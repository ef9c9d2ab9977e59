"""Forms that ask for transcripts, and the shapes in which transcripts are answered."""

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

ANSWERS: Final[dict[str, Any]] = {
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
                            "description": "What is spoken, as BCP 47; by default what is heard.",
                            "examples": ["es"],
                        },
                        "response_format": {"enum": list(_FORMATS), "default": "json"},
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"enum": list(_GRANULARITIES)},
                            "description": "What `verbose_json` tells the times of.",
                        },
                        "prompt": {"type": "string", "description": "Taken and not used."},
                        "temperature": {"type": "number", "description": "Taken and not used."},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a transcript is wanted; ``params`` are those of the type ``transcribe``."""

    model: str
    form: str
    granularities: tuple[str, ...]
    params: dict[str, Any]


def read(form: ReceivedForm) -> Asked:
    """What the form asks for. Raises InvalidRequest naming the field."""
    for name in (*form.fields, *form.lists, *form.files):
        if name not in _FIELDS:
            raise _wrong(name[:80], "There is no field of this name", _FIELDS, name)
    if "file" not in form.files:
        raise InvalidRequest("file: A file is required.", field="file", rule="missing")
    if form.files["file"].size == 0:
        raise InvalidRequest("file: The file is empty.", field="file")
    model = form.fields.get("model")
    if not model:
        raise InvalidRequest("model: This field is required.", field="model", rule="missing")
    wanted = form.fields.get("response_format") or "json"
    if wanted not in _FORMATS:
        raise _wrong("response_format", f"{wanted[:80]!r} is no format", tuple(_FORMATS), wanted)
    granularities = tuple(form.lists.get("timestamp_granularities[]", ("segment",)))
    for one in granularities:
        if one not in _GRANULARITIES:
            told = f"{one[:80]!r} is none"
            raise _wrong("timestamp_granularities", told, _GRANULARITIES, one)
    language = form.fields.get("language")
    params = {"language": language} if language else {}
    return Asked(model=model, form=wanted, granularities=granularities, params=params)


def _wrong(field: str, told: str, known: tuple[str, ...], given: str) -> InvalidRequest:
    meant = nearest(given, known)
    return InvalidRequest(
        f"{field}: {told}; {remedy(meant, known)}", field=field, did_you_mean=meant
    )


def write(transcript: Transcript, asked: Asked) -> tuple[str, str]:
    """The MIME type and the text of the answer."""
    text = transcript.words["text"].strip()
    made = {
        "json": lambda: _json({"text": text}),
        "text": lambda: f"{text}\n",
        "srt": lambda: _srt(transcript.words["segments"]),
        "verbose_json": lambda: _json(_verbose(transcript.words, text, asked.granularities)),
        "vtt": lambda: transcript.captions,
    }
    return _FORMATS[asked.form], made[asked.form]()


def _json(value: dict[str, Any]) -> str:
    return to_json(value).decode()


def _verbose(words: dict[str, Any], text: str, granularities: tuple[str, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "task": "transcribe",
        "language": words["language"],
        "duration": words["duration"],
        "text": text,
    }
    if "word" in granularities:
        told["words"] = [
            {"word": one["text"], "start": one["start_ts"], "end": one["end_ts"]}
            for one in words["words"]
        ]
    if "segment" in granularities:
        told["segments"] = [
            {"id": number, "start": one["start_ts"], "end": one["end_ts"], "text": one["text"]}
            for number, one in enumerate(words["segments"])
        ]
    return told


def _srt(segments: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{number}\n{_clock(one['start_ts'])} --> {_clock(one['end_ts'])}\n{one['text'].strip()}\n"
        for number, one in enumerate(segments, 1)
    )


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, milliseconds = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
