"""What the contract says of an asset's bytes, going in and coming out: FastAPI sees none of it."""

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
                            "description": "What to find it by.",
                            "examples": ["sea at dusk"],
                        },
                    },
                }
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/ImportAssetRequest"}},
        },
    }
}
WHERE: Final[dict[str, Any]] = {
    "Location": {
        "description": "Where the asset is, and how far.",
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
        _header("If-Match", "Only these bytes, else 412.", _ETAG),
        _header("If-None-Match", "Not these bytes again: 304.", _ETAG),
        _header("If-Modified-Since", "Only what is newer, else 304.", _DATE),
        _header("If-Unmodified-Since", "Only what is not newer, else 412.", _DATE),
    ]
}
RANGES: Final[dict[str, Any]] = {
    "parameters": [
        _header("Range", "One range of bytes; anything else gives the whole.", "bytes=0-1023"),
        _header("If-Range", "The range only of these bytes, else the whole.", _ETAG),
        *CONDITIONS["parameters"],
    ]
}


def _sent(*names: str) -> dict[str, Any]:
    headers = {
        "ETag": "The SHA-256 of the bytes, a strong validator.",
        "Last-Modified": "When the asset was made.",
        "Accept-Ranges": "`bytes`.",
        "Content-Disposition": "Inline or attachment, and the asset's file name.",
        "Content-Range": "Which bytes of how many.",
    }
    return {
        name: {"description": headers[name], "required": True, "schema": {"type": "string"}}
        for name in names
    }


_BYTES: Final = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_STATE: Final = ("ETag", "Last-Modified", "Accept-Ranges")

CONTENT: Final[Responses] = {
    200: {
        "description": "All bytes, in the asset's own media type.",
        "headers": _sent(*_STATE, "Content-Disposition"),
        "content": _BYTES,
    },
    206: {
        "description": "The range.",
        "headers": _sent(*_STATE, "Content-Disposition", "Content-Range"),
        "content": _BYTES,
    },
    304: {"description": "The client has these bytes already.", "headers": _sent(*_STATE)},
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

HEAD: Final[Responses] = {
    status: {key: told for key, told in response.items() if key != "content"}
    for status, response in CONTENT.items()
    if status not in {206, 416, 502}
}
"""HEAD answers as GET does, but without bytes, ranges, and a look into storage."""
