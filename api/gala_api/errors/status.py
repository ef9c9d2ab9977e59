"""The HTTP status of every error code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gala.errors import ErrorCode

STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.VALIDATION_ERROR: 400,
    ErrorCode.UNAUTHORIZED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.QUOTA_EXCEEDED: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.ASSET_NOT_FOUND: 404,
    ErrorCode.JOB_NOT_FOUND: 404,
    ErrorCode.TEMPLATE_NOT_FOUND: 404,
    ErrorCode.MODEL_NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.CONFLICT: 409,
    ErrorCode.INVALID_JOB_STATE: 409,
    ErrorCode.ASSET_IN_USE: 409,
    ErrorCode.ASSET_PENDING: 409,
    ErrorCode.MODEL_IN_USE: 409,
    ErrorCode.TEMPLATE_NAME_EXISTS: 409,
    ErrorCode.PRECONDITION_FAILED: 412,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA: 415,
    ErrorCode.RANGE_NOT_SATISFIABLE: 416,
    ErrorCode.UNPROCESSABLE_MEDIA: 422,
    ErrorCode.IDEMPOTENCY_MISMATCH: 422,
    ErrorCode.URL_REFUSED: 422,
    ErrorCode.FETCH_FAILED: 422,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.RENDER_FAILED: 500,
    ErrorCode.STORAGE_FAILED: 502,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.ENGINE_MISSING: 503,
    ErrorCode.RENDERER_LOST: 503,
    ErrorCode.WORKER_LOST: 503,
    ErrorCode.DEADLINE_EXCEEDED: 504,
    ErrorCode.OUT_OF_DISK: 507,
}
