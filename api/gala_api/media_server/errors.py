"""The errors of the media server 0.3.5: one member ``error``, or ``detail`` for invalid forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.errors import ErrorCode, GalaError, InvalidRequest
from gala_api.errors.formats import ErrorFormat, details_of

ERROR_CODE_HEADER: Final = "Gala-Error-Code"
"""Carries GALA's error code, which the media server's body has no member for."""

# The media server's clients know 400, 404 and 500; 422 is for invalid forms, with its own body.
_AS_BAD_REQUEST: Final = frozenset(
    {HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY}
)

LONG_FORM_AMBIENT: Final = "/api/v1/media/video-tools/long-form-ambient"
_ROUTE_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "/api/v1/media/audio-tools/transcribe": {"inputs.audio_asset_id": "audio_file"},
    LONG_FORM_AMBIENT: {"inputs.music_asset_id": "music_id"},
}
"""Form fields that one route names differently from the others."""
_FORM_NAMES: Final[Mapping[str, str]] = {
    "inputs.media_url": "url",
    "inputs.video_url": "url",
    "inputs.images_urls": "image_urls",
    "inputs.media_asset_id": "file_id",
    "inputs.videos_asset_ids": "video_ids",
    "inputs.video_asset_id": "video_id",
    "inputs.overlay_asset_id": "overlay_video_id",
    "inputs.music_asset_id": "background_music_id",
    "inputs.dialogue_asset_ids": "dialogue_ids",
    "inputs.background_asset_id": "background_id",
    "inputs.voice_asset_id": "audio_id",
    "inputs.sample_asset_id": "sample_audio_id",
    "inputs.image_asset_id": "image_id",
    "inputs.audio_asset_id": "pcm_id",
    "params.": "",
}
"""Names of a job's inputs and params → names of the form's fields."""


def with_form_names(text: str, path: str = "") -> str:
    """Return ``text`` with the form's field names; ``path`` is the requested route, if any."""
    for name, form_name in {**_FORM_NAMES, **_ROUTE_NAMES.get(path, {})}.items():
        text = text.replace(name, form_name)
    return text


class InvalidForm(InvalidRequest):
    """Form fields are missing or invalid; answered with the status 422 and a list of problems."""

    def __init__(self, errors: Iterable[Mapping[str, Any]]):
        """``errors`` are Pydantic's; each ``loc`` starts with the location of the field."""
        self.problems = [
            {"type": error["type"], "loc": list(error["loc"]), "msg": error["msg"]}
            for error in errors
        ]
        first = self.problems[0]
        field = ".".join(map(str, first["loc"][1:]))
        super().__init__(f"{field}: {first['msg']}", field=field)


def _respond(request: Request, status: int, error: GalaError) -> Response:
    if isinstance(error, InvalidForm):
        return JSONResponse({"detail": error.problems}, HTTPStatus.UNPROCESSABLE_ENTITY)
    hint = details_of(error).get("hint")
    message = f"{error.message} {hint}" if hint else error.message
    if error.code is ErrorCode.UNAUTHORIZED:
        message = "Unauthorized"
    return JSONResponse(
        {"error": with_form_names(message, request.url.path)},
        HTTPStatus.BAD_REQUEST if status in _AS_BAD_REQUEST else status,
        headers={ERROR_CODE_HEADER: error.code},
    )


ERROR_FORMAT: Final = ErrorFormat(prefix="/api/v1/", respond=_respond, validation_error=InvalidForm)
