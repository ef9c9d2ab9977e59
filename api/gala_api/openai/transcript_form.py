"""The forms of requests for a transcription and for a translation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gala.errors import InvalidRequest
from gala_api.errors.validation import nearest, remedy
from gala_api.http.uploads import ReceivedForm

TRANSCRIPT_FORMATS: Final = ("json", "text", "srt", "verbose_json", "vtt")
_STREAMED_FORMATS: Final = ("json", "text")
_GRANULARITIES: Final = ("word", "segment")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_IGNORED: Final = "Accepted and ignored."


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFields:
    """The fields of one route's form; a name with ``[]`` is a list."""

    used: Mapping[str, Mapping[str, Any]]
    """Fields with an effect, and their schemas."""
    ignored: Mapping[str, Mapping[str, Any]]
    """OpenAI's fields without an effect here, and their schemas."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Params of the render type ``transcribe`` that the route always sets."""

    def knows(self, name: str) -> bool:
        """Return True if the form may have this field.

        The SDK sends an object as ``name[member]``. Other clients send lists without ``[]``.
        """
        known = {one.removesuffix("[]") for one in (*self.used, *self.ignored)}
        return name.partition("[")[0] in known


_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_IGNORED_TEXT: Final[Mapping[str, Any]] = {**_TEXT, "description": _IGNORED}
_IGNORED_LIST: Final[Mapping[str, Any]] = {
    "type": "array",
    "items": _TEXT,
    "description": _IGNORED,
}
_COMMON: Final[Mapping[str, Mapping[str, Any]]] = {
    "file": {"type": "string", "format": "binary", "minLength": 1},
    "model": {
        **_TEXT,
        "description": "`whisper-1` is the best model installed; `whisper-<size>` one of them.",
        "examples": ["whisper-1", "whisper-base"],
    },
    "response_format": {"enum": list(TRANSCRIPT_FORMATS), "default": "json"},
    "temperature": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "Accepted and ignored, if it is a number from 0 to 1.",
    },
}
_LANGUAGE: Final[Mapping[str, Any]] = {
    **_TEXT,
    "description": "The spoken language as BCP 47; detected by default.",
    "examples": ["es"],
}
TRANSLATION: Final = FormFields(
    used={**_COMMON, "language": _LANGUAGE},
    ignored={"prompt": _IGNORED_TEXT},
    params={"translate": True},
)
TRANSCRIPTION: Final = FormFields(
    used={
        **_COMMON,
        "language": _LANGUAGE,
        "timestamp_granularities[]": {
            "type": "array",
            "items": {"enum": list(_GRANULARITIES)},
            "description": "The units whose times `verbose_json` contains.",
        },
        "vad_filter": {
            "type": "boolean",
            "default": True,
            "description": "Whether parts without speech are skipped; an extension.",
        },
        "stream": {
            "type": "boolean",
            "default": False,
            "description": "Whether `json` or `text` is sent as events, when all is transcribed.",
        },
    },
    ignored={
        "prompt": _IGNORED_TEXT,
        "chunking_strategy": _IGNORED_TEXT,
        "hotwords": _IGNORED_TEXT,
        "include[]": _IGNORED_LIST,
        "keywords[]": _IGNORED_LIST,
        "known_speaker_names[]": _IGNORED_LIST,
        "known_speaker_references[]": _IGNORED_LIST,
        "languages[]": _IGNORED_LIST,
    },
)


def described(fields: FormFields) -> dict[str, Any]:
    """Return the request body of the route for the OpenAPI document."""
    schema = {
        "type": "object",
        "required": ["file", "model"],
        "properties": {**fields.used, **fields.ignored},
    }
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptOptions:
    """The options of a request; ``params`` are those of the render type ``transcribe``."""

    model: str
    response_format: str
    granularities: tuple[str, ...]
    stream: bool
    params: Mapping[str, Any]

    @property
    def translates(self) -> bool:
        """Return True if the text is a translation to English."""
        return bool(self.params.get("translate"))


def read(form: ReceivedForm, fields: FormFields) -> TranscriptOptions:
    """Return the options in the form; raise InvalidRequest naming the field."""
    _check_names(form, fields)
    if "file" not in form.files:
        raise InvalidRequest("file: A file is required.", field="file", rule="missing")
    if form.files["file"].size == 0:
        raise InvalidRequest("file: The file is empty.", field="file")
    model = form.fields.get("model")
    if not model:
        raise InvalidRequest("model: This field is required.", field="model", rule="missing")
    _check_temperature(form.fields.get("temperature"))
    response_format = form.fields.get("response_format") or "json"
    _check_choice("response_format", response_format, TRANSCRIPT_FORMATS, "a format")
    language = form.fields.get("language")
    chosen: dict[str, Any] = {"language": language} if language else {}
    if form.fields.get("vad_filter"):
        chosen["vad"] = _boolean(form, "vad_filter")
    return TranscriptOptions(
        model=model,
        response_format=response_format,
        granularities=_granularities(form),
        stream=_stream(form, response_format),
        params={**chosen, **fields.params},
    )


def _check_names(form: ReceivedForm, fields: FormFields) -> None:
    for name in (*form.fields, *form.lists, *form.files):
        if not fields.knows(name):
            known = (*fields.used, *fields.ignored)
            raise _invalid(name[:80], "There is no field of this name", known, name)
    for name in form.files:
        if name != "file":
            raise InvalidRequest(f"{name[:80]}: This field must not be a file.", field=name[:80])


def _check_temperature(text: str | None) -> None:
    if not text:
        return
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise InvalidRequest(
            f"temperature: {text[:80]!r} is not a number from 0 to 1.", field="temperature"
        )


def _boolean(form: ReceivedForm, name: str) -> bool:
    text = form.fields.get(name)
    if not text:
        return False
    if text.lower() not in _BOOLEANS:
        raise InvalidRequest(f"{name}: {text[:80]!r} is neither true nor false.", field=name)
    return _BOOLEANS[text.lower()]


def _stream(form: ReceivedForm, response_format: str) -> bool:
    stream = _boolean(form, "stream")
    if stream and response_format not in _STREAMED_FORMATS:
        raise InvalidRequest(
            f"stream: {response_format} cannot be streamed; leave `stream` out, or set"
            f" `response_format` to {' or '.join(_STREAMED_FORMATS)}.",
            field="stream",
        )
    return stream


def _granularities(form: ReceivedForm) -> tuple[str, ...]:
    name = "timestamp_granularities"
    plain = form.fields.get(name)
    found = tuple(form.lists.get(f"{name}[]", ())) or ((plain,) if plain else ("segment",))
    for one in found:
        _check_choice(name, one, _GRANULARITIES, "a granularity")
    return found


def _check_choice(name: str, value: str, known: tuple[str, ...], kind: str) -> None:
    if value not in known:
        raise _invalid(name, f"{value[:80]!r} is not {kind}", known, value)


def _invalid(name: str, problem: str, known: tuple[str, ...], value: str) -> InvalidRequest:
    suggestion = nearest(value, known)
    return InvalidRequest(
        f"{name}: {problem}; {remedy(suggestion, known)}", field=name, did_you_mean=suggestion
    )
