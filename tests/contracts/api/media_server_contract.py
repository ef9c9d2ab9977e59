"""The media server 0.3.5 according to its OpenAPI file, and the additions of its page.

The file is next to the checkout (``../shared/contracts``) and must not be distributed, so this
module has a copy of its routes; ``test_media_server_contract.py`` compares the two if the file is
available. Otherwise the tests use this copy.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.contracts.api.documents import METHODS, ROOT

Schema = dict[str, Any]
Document = dict[str, Any]

FILE: Final = ROOT.parent / "shared" / "contracts" / "media-server-0.3.5.openapi.json"
MEDIA: Final = "/api/v1/media"
UTILS: Final = "/api/v1/utils"
MULTIPART: Final = "multipart/form-data"
URL_ENCODED: Final = "application/x-www-form-urlencoded"

TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "number"}
INTEGER: Final[Schema] = {"type": "integer"}
TRUTH: Final[Schema] = {"type": "boolean"}
UPLOAD: Final[Schema] = {"type": "string", "format": "binary"}


def may(kind: Schema, default: object = None, **more: object) -> Schema:
    """An optional field."""
    usual = {} if default is None else {"default": default}
    return {"anyOf": [{**kind, **more}, {"type": "null"}], **usual}


def _usually(kind: Schema, default: object) -> Schema:
    """Like `may`, but the file does not declare it nullable."""
    return {**kind, "default": default}


_PLACES: Final = ["top", "center", "bottom"]
_CAPTIONS: Final = {
    "line_count": may(INTEGER, 1, minimum=1, maximum=5),
    "line_max_length": may(INTEGER, 1, minimum=1, maximum=200),
    "font_size": may(INTEGER, 120, minimum=8, maximum=200),
    "font_name": may(TEXT, "Arial"),
    "font_bold": may(TRUTH, True),
    "font_italic": may(TRUTH, False),
    "font_color": may(TEXT, "#fff"),
    "subtitle_position": may(TEXT, "top", enum=_PLACES),
    "shadow_color": may(TEXT, "#000"),
    "shadow_transparency": may(NUMBER, 0.4, minimum=0, maximum=1),
    "shadow_blur": may(INTEGER, 10, minimum=0, maximum=20),
    "stroke_color": may(TEXT),
    "stroke_size": may(INTEGER, 5, minimum=0, maximum=10),
}
FORMS: Final[Mapping[str, Mapping[str, Schema]]] = {
    f"{MEDIA}/audio-tools/transcribe": {"audio_file": UPLOAD, "language": may(TEXT)},
    f"{MEDIA}/audio-tools/tts/kokoro": {"text": TEXT, "voice": may(TEXT), "speed": may(NUMBER)},
    f"{MEDIA}/audio-tools/tts/chatterbox": {
        "text": TEXT,
        "sample_audio_id": may(TEXT),
        "sample_audio_file": may(UPLOAD),
        "exaggeration": may(NUMBER, 0.5),
        "cfg_weight": may(NUMBER, 0.5),
        "temperature": may(NUMBER, 0.8),
        "chunk_chars": may(INTEGER, 1024),
        "chunk_silence_ms": may(INTEGER, 350),
    },
    f"{MEDIA}/storage": {
        "file": may(UPLOAD),
        "url": may(TEXT),
        "media_type": {**TEXT, "enum": ["image", "video", "audio"]},
    },
    f"{MEDIA}/video-tools/merge": {
        "video_ids": TEXT,
        "background_music_id": may(TEXT),
        "background_music_volume": may(NUMBER, 0.5),
    },
    f"{MEDIA}/video-tools/generate/tts-captioned-video": {
        "background_id": TEXT,
        "text": may(TEXT),
        "width": may(INTEGER, 1080),
        "height": may(INTEGER, 1920),
        "audio_id": may(TEXT),
        "kokoro_voice": may(TEXT, "af_heart"),
        "kokoro_speed": may(NUMBER, 1.0),
        "language": may(TEXT),
        "image_effect": may(TEXT, "ken_burns"),
        **{f"caption_config_{name}": schema for name, schema in _CAPTIONS.items()},
    },
    f"{MEDIA}/video-tools/add-colorkey-overlay": {
        "video_id": TEXT,
        "overlay_video_id": TEXT,
        "color": may(TEXT, "green"),
        "similarity": may(NUMBER, 0.1),
        "blend": may(NUMBER, 0.1),
    },
    f"{MEDIA}/video-tools/extract-frames": {
        "url": TEXT,
        "amount": _usually(INTEGER, 5),
        "length_seconds": may(NUMBER),
        "stitch": may(TRUTH, False),
    },
    f"{UTILS}/stitch-images": {
        "image_urls": TEXT,
        "max_width": _usually(INTEGER, 1920),
        "max_height": _usually(INTEGER, 1080),
    },
    f"{UTILS}/make-image-imperfect": {
        "image_id": TEXT,
        "enhance_color": NUMBER,
        "enhance_contrast": NUMBER,
        "noise_strength": _usually(INTEGER, 0),
    },
    f"{UTILS}/convert/pcm/wav": {
        "pcm_id": TEXT,
        "sample_rate": _usually(INTEGER, 24_000),
        "channels": _usually(INTEGER, 1),
        "target_sample_rate": _usually(INTEGER, 44_100),
    },
}
"""The fields of each form."""
OPTIONAL: Final = frozenset({"enhance_color", "enhance_contrast"})
"""Optional fields that are not marked as such otherwise."""

_IN_PATH: Final = {"in": "path", "required": True, "schema": TEXT}
_FILE_ID: Final = {"name": "file_id", **_IN_PATH}
_VIDEO_ID: Final = {"name": "video_id", **_IN_PATH}
PARAMETERS: Final[Mapping[str, list[Schema]]] = {
    "get /": [],
    "head /": [],
    "get /health": [],
    "head /health": [],
    f"get {MEDIA}/audio-tools/tts/kokoro/voices": [],
    f"get {MEDIA}/fonts": [],
    f"get {MEDIA}/storage/{{file_id}}": [_FILE_ID],
    f"delete {MEDIA}/storage/{{file_id}}": [_FILE_ID],
    f"get {MEDIA}/storage/{{file_id}}/status": [_FILE_ID],
    f"get {MEDIA}/video-tools/extract-frame/{{video_id}}": [
        _VIDEO_ID,
        {"name": "timestamp", "in": "query", "required": False, "schema": may(NUMBER, 1.0)},
    ],
    f"get {MEDIA}/video-tools/info/{{file_id}}": [_FILE_ID],
    f"get {MEDIA}/audio-tools/info/{{file_id}}": [_FILE_ID],
    f"get {UTILS}/youtube-transcript": [
        {"name": "video_id", "in": "query", "required": True, "schema": TEXT}
    ],
}
"""The parameters of each operation without a form."""

_PROBLEM: Final = {
    "type": "object",
    "required": ["loc", "msg", "type"],
    "properties": {
        "loc": {"type": "array", "items": {"anyOf": [TEXT, INTEGER]}},
        "msg": TEXT,
        "type": TEXT,
    },
}
_DETAIL: Final = {
    "type": "object",
    "properties": {"detail": {"type": "array", "items": _PROBLEM}},
}


def written_down() -> Document:
    """Return the contract according to this module, without descriptions."""
    paths: dict[str, Any] = {}
    for name, parameters in PARAMETERS.items():
        method, path = name.split()
        operation = {"responses": _responses(bool(parameters))}
        if parameters:
            operation["parameters"] = copy.deepcopy(parameters)
        paths.setdefault(path, {})[method] = operation
    for path, fields in FORMS.items():
        paths.setdefault(path, {})["post"] = {
            "requestBody": {"required": True, "content": _content(fields)},
            "responses": _responses(True),
        }
    return {"openapi": "3.1.0", "info": {"title": "FastAPI", "version": "0.1.0"}, "paths": paths}


def _content(fields: Mapping[str, Schema]) -> Schema:
    uploads = any("binary" in json.dumps(schema) for schema in fields.values())
    required = [
        name
        for name, schema in fields.items()
        if not {"anyOf", "default"} & schema.keys() and name not in OPTIONAL
    ]
    schema = {"type": "object", "properties": copy.deepcopy(dict(fields)), "required": required}
    return {MULTIPART if uploads else URL_ENCODED: {"schema": schema}}


def _responses(refuses: bool) -> Schema:
    told = {"200": {"content": {"application/json": {"schema": {}}}}}
    if refuses:
        told["422"] = {"content": {"application/json": {"schema": copy.deepcopy(_DETAIL)}}}
    return told


def told_by_the_file() -> Document | None:
    """Return the file's contract without descriptions, or ``None`` if the file is not available."""
    if not FILE.exists():
        return None
    document: Document = json.loads(FILE.read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    whole: Document = _plain({**document, "components": {}}, schemas)
    del whole["components"]
    return whole


_WORDS: Final = frozenset({"title", "description", "operationId", "summary", "tags"})


def _plain(node: Any, schemas: Mapping[str, Any], *, names: bool = False) -> Any:
    """Return the node without descriptions, with references resolved; keep ``names`` of fields."""
    if isinstance(node, list):
        return [_plain(one, schemas) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(schemas[node["$ref"].rpartition("/")[2]], schemas)
    kept = node if names else {key: value for key, value in node.items() if key not in _WORDS}
    return {
        key: value if key == "info" else _plain(value, schemas, names=key == "properties")
        for key, value in kept.items()
    }


def contract() -> Document:
    """Return the file's contract or, if it is not available, the copy in this module."""
    return told_by_the_file() or written_down()


def operations(document: Document) -> Iterator[tuple[str, str, Schema]]:
    """Yield the method, path and operation of each route."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


_ERROR: Final = {"type": "object", "required": ["error"], "properties": {"error": TEXT}}
_REFUSALS: Final = ("400", "401", "404", "413", "429", "503")
_JPEG: Final = {"image/jpeg": {"schema": UPLOAD}}
_FILE_ID_ANSWER: Final = {
    "type": "object",
    "required": ["file_id"],
    "properties": {
        "file_id": {
            **TEXT,
            "pattern": r"^(image|video|audio|tmp)_[0-9a-f-]{36}(\.[a-z0-9]{1,5})?$",
        }
    },
}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "required": list(fields), "properties": fields}


def _list(name: str) -> Schema:
    return _object(**{name: {"type": "array", "items": TEXT, "minItems": 1}})


ANSWERS: Final[Mapping[str, Schema]] = {
    f"post {MEDIA}/audio-tools/transcribe": _object(transcription=TEXT, duration=NUMBER),
    f"get {MEDIA}/audio-tools/tts/kokoro/voices": _list("voices"),
    f"get {MEDIA}/fonts": _list("fonts"),
    f"get {MEDIA}/storage/{{file_id}}/status": {
        **_object(status={**TEXT, "enum": ["processing", "ready", "not_found", "failed"]}),
        "if": {"properties": {"status": {"const": "failed"}}},
        "then": {"required": ["error"]},
    },
    f"delete {MEDIA}/storage/{{file_id}}": _object(status={"const": "success"}),
    f"get {MEDIA}/video-tools/info/{{file_id}}": _object(
        duration=NUMBER,
        width=INTEGER,
        height=INTEGER,
        fps={**TEXT, "pattern": r"^[0-9.]+$"},
        aspect_ratio={**TEXT, "pattern": "^[0-9]+:[0-9]+$"},
        codec=TEXT,
    ),
    f"get {MEDIA}/audio-tools/info/{{file_id}}": _object(
        duration=NUMBER,
        channels=INTEGER,
        sample_rate={**TEXT, "pattern": "^[0-9]+$"},
        codec=TEXT,
        bitrate={"type": ["string", "null"]},
    ),
    f"get {UTILS}/youtube-transcript": _object(transcript=TEXT),
    "get /": {},
    "head /": {},
    "get /health": {},
    "head /health": {},
}
"""The JSON responses described by the page; other operations return a file's id."""
BYTES: Final[Mapping[str, Schema]] = {
    f"get {MEDIA}/storage/{{file_id}}": {"*/*": {"schema": {}}},
    f"get {MEDIA}/video-tools/extract-frame/{{video_id}}": _JPEG,
    f"post {UTILS}/stitch-images": _JPEG,
    f"post {MEDIA}/video-tools/extract-frames": {
        **_JPEG,
        "application/json": {"schema": _list("image_ids")},
    },
}
"""Responses that are not or not always JSON, which the file does not describe."""


def with_the_page() -> Document:
    """Return the contract with what ``media-server.md`` adds: encodings, errors, responses."""
    document = copy.deepcopy(contract())
    for method, path, operation in operations(document):
        name = f"{method} {path}"
        responses = operation["responses"]
        answer = ANSWERS.get(name, _FILE_ID_ANSWER)
        responses["200"]["content"] = BYTES.get(name, {"application/json": {"schema": answer}})
        for status in _REFUSALS if path.startswith("/api/") else ():
            responses[status] = {"content": {"application/json": {"schema": _ERROR}}}
        for status, response in responses.items():
            response["description"] = status
        for content in operation.get("requestBody", {}).get("content", {}).copy().values():
            _take_both(operation["requestBody"]["content"], content["schema"])
    return document


def _take_both(content: Schema, schema: Schema) -> None:
    """Accept every form in both encodings; a file requires multipart."""
    content[MULTIPART] = {"schema": schema}
    fields = {
        name: one for name, one in schema["properties"].items() if "binary" not in json.dumps(one)
    }
    if set(schema["required"]) <= set(fields):
        content[URL_ENCODED] = {"schema": {**schema, "properties": fields}}
