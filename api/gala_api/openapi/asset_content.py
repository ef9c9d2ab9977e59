"""The OpenAPI description of uploads and asset contents, which FastAPI cannot derive."""

from __future__ import annotations

from typing import Any, Final

from gala.errors import ErrorCode
from gala_api.openapi.error_responses import Responses, errors
from gala_api.schemas.common import NO_CONTROLS

UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "kind"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary", "minLength": 1},
                        "kind": {"$ref": "#/components/schemas/AssetKind"},
                        "label": {
                            "type": "string",
                            "maxLength": 200,
                            "pattern": NO_CONTROLS,
                            "description": "A text to find it by.",
                            "examples": ["sea at dusk"],
                        },
                    },
                }
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/ImportAssetRequest"}},
        },
    }
}
LOCATION: Final[dict[str, Any]] = {
    "Location": {
        "description": "The URL of the asset and its status.",
        "required": True,
        "schema": {"type": "string"},
    }
}


def _header(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "examples": [example]}
    return {"name": name, "in": "header", "description": description, "schema": schema}


_ETAG = '"2d560ae54dc2f681f57119140a2a272866dbef99ccc9eb3050d86041c69c0a42"'
_DATE = "Fri, 20 Nov 2026 10:30:15 GMT"

CONDITIONS: Final[dict[str, Any]] = {
    "parameters": [
        _header("If-Match", "Respond 412 unless the bytes match.", _ETAG),
        _header("If-None-Match", "Respond 304 if the bytes match.", _ETAG),
        _header("If-Modified-Since", "Respond 304 unless modified since.", _DATE),
        _header("If-Unmodified-Since", "Respond 412 if modified since.", _DATE),
    ]
}
RANGES: Final[dict[str, Any]] = {
    "parameters": [
        _header("Range", "One byte range; anything else returns the whole.", "bytes=0-1023"),
        _header("If-Range", "Return the range only if the bytes match, else the whole.", _ETAG),
        *CONDITIONS["parameters"],
    ]
}


def _headers(*names: str) -> dict[str, Any]:
    headers = {
        "ETag": "The SHA-256 of the bytes, a strong validator.",
        "Last-Modified": "When the asset was created.",
        "Accept-Ranges": "`bytes`.",
        "Content-Disposition": "`inline` or `attachment`, and the file name.",
        "Content-Range": "The range and the total size.",
    }
    return {
        name: {"description": headers[name], "required": True, "schema": {"type": "string"}}
        for name in names
    }


_BYTES: Final = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_STATE: Final = ("ETag", "Last-Modified", "Accept-Ranges")

CONTENT: Final[Responses] = {
    200: {
        "description": "All bytes, with the asset's media type.",
        "headers": _headers(*_STATE, "Content-Disposition"),
        "content": _BYTES,
    },
    206: {
        "description": "The requested range.",
        "headers": _headers(*_STATE, "Content-Disposition", "Content-Range"),
        "content": _BYTES,
    },
    304: {"description": "The client already has these bytes.", "headers": _headers(*_STATE)},
    **errors(
        ErrorCode.FORBIDDEN,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.ASSET_PENDING,
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.PRECONDITION_FAILED,
        ErrorCode.RANGE_NOT_SATISFIABLE,
        ErrorCode.STORAGE_FAILED,
    ),
}

PREVIEW: Final[Responses] = {
    200: CONTENT[200]
    | {
        "description": "All bytes.",
        "content": {
            mime: {"schema": {"type": "string", "format": "binary"}}
            for mime in ("image/jpeg", "video/mp4")
        },
    },
    206: CONTENT[206],
    304: CONTENT[304],
    **errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.QUOTA_EXCEEDED,
        ErrorCode.NOT_FOUND,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.MODEL_NOT_FOUND,
        ErrorCode.CONFLICT,
        ErrorCode.PRECONDITION_FAILED,
        ErrorCode.RANGE_NOT_SATISFIABLE,
        ErrorCode.UNPROCESSABLE_MEDIA,
        ErrorCode.STORAGE_FAILED,
        ErrorCode.ENGINE_MISSING,
    ),
}

HEAD: Final[Responses] = {
    status: {key: value for key, value in response.items() if key != "content"}
    for status, response in CONTENT.items()
    if status not in {206, 416, 502}
}
"""HEAD responds like GET, without bytes, ranges and access to the storage."""
