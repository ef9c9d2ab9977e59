"""One error tree for the whole platform.

The code of an error is what clients match on; its HTTP status and its dialects live at the border
(``gala_api.errors.handlers``). A class docstring is the default message.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """Codes of the public contract; stable, never renamed."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    NOT_FOUND = "NOT_FOUND"
    ASSET_NOT_FOUND = "ASSET_NOT_FOUND"
    JOB_NOT_FOUND = "JOB_NOT_FOUND"
    TEMPLATE_NOT_FOUND = "TEMPLATE_NOT_FOUND"
    MODEL_NOT_FOUND = "MODEL_NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    INVALID_JOB_STATE = "INVALID_JOB_STATE"
    ASSET_IN_USE = "ASSET_IN_USE"
    ASSET_PENDING = "ASSET_PENDING"
    MODEL_IN_USE = "MODEL_IN_USE"
    TEMPLATE_NAME_EXISTS = "TEMPLATE_NAME_EXISTS"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA = "UNSUPPORTED_MEDIA"
    RANGE_NOT_SATISFIABLE = "RANGE_NOT_SATISFIABLE"
    UNPROCESSABLE_MEDIA = "UNPROCESSABLE_MEDIA"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    URL_REFUSED = "URL_REFUSED"
    FETCH_FAILED = "FETCH_FAILED"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    UNAVAILABLE = "UNAVAILABLE"
    # Reasons for which a job ends; they appear in `job.error.code`.
    RENDER_FAILED = "RENDER_FAILED"
    RENDERER_LOST = "RENDERER_LOST"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    STORAGE_FAILED = "STORAGE_FAILED"
    WORKER_LOST = "WORKER_LOST"
    OUT_OF_DISK = "OUT_OF_DISK"
    ENGINE_MISSING = "ENGINE_MISSING"


class GalaError(Exception):
    """Something went wrong inside GALA."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_ERROR
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, hint: str | None = None, **details: Any):
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        self.hint = hint
        self.details: Mapping[str, Any] = {k: v for k, v in details.items() if v is not None}
        super().__init__(self.message)


class InvalidRequest(GalaError):
    """The request does not follow the contract."""

    code = ErrorCode.VALIDATION_ERROR

    def __init__(self, message: str, *, field: str | None = None, **details: Any):
        super().__init__(message, field=field, **details)


class Unauthorized(GalaError):
    """Show who you are: send `Authorization: Bearer <API key or token>`."""

    code = ErrorCode.UNAUTHORIZED


class NotFound(GalaError):
    """There is nothing here under that name."""

    code = ErrorCode.NOT_FOUND


class MethodNotAllowed(GalaError):
    """This resource has no such method."""

    code = ErrorCode.METHOD_NOT_ALLOWED


class AssetNotFound(NotFound):
    """There is no asset with that id."""

    code = ErrorCode.ASSET_NOT_FOUND


class JobNotFound(NotFound):
    """There is no job with that id."""

    code = ErrorCode.JOB_NOT_FOUND


class TemplateNotFound(NotFound):
    """There is no template with that id."""

    code = ErrorCode.TEMPLATE_NOT_FOUND


class ModelNotFound(NotFound):
    """There is no model with that id."""

    code = ErrorCode.MODEL_NOT_FOUND


class Conflict(GalaError):
    """The request contradicts the present state of the resource."""

    code = ErrorCode.CONFLICT


class InvalidJobState(Conflict):
    """The job is not in a state that allows this."""

    code = ErrorCode.INVALID_JOB_STATE


class AssetInUse(Conflict):
    """A live job, a model or a template still points to this asset."""

    code = ErrorCode.ASSET_IN_USE


class AssetPending(Conflict):
    """This asset is still being made; ask again when its status is `ready`."""

    code = ErrorCode.ASSET_PENDING


class ModelInUse(Conflict):
    """A live job still uses this model."""

    code = ErrorCode.MODEL_IN_USE


class TemplateNameExists(Conflict):
    """A template with this name exists already."""

    code = ErrorCode.TEMPLATE_NAME_EXISTS


class Forbidden(GalaError):
    """This is not allowed to you."""

    code = ErrorCode.FORBIDDEN


class QuotaExceeded(GalaError):
    """This would take more than your quota allows."""

    code = ErrorCode.QUOTA_EXCEEDED


class RateLimited(GalaError):
    """Too many requests; wait as long as `Retry-After` says."""

    code = ErrorCode.RATE_LIMITED
    retryable = True


class PayloadTooLarge(GalaError):
    """The request is larger than this server accepts."""

    code = ErrorCode.PAYLOAD_TOO_LARGE


class UnsupportedMedia(GalaError):
    """The bytes of this file are of a type that is not accepted here."""

    code = ErrorCode.UNSUPPORTED_MEDIA


class UnprocessableMedia(GalaError):
    """This file has the right type but cannot be decoded."""

    code = ErrorCode.UNPROCESSABLE_MEDIA


class UrlRefused(GalaError):
    """GALA does not fetch from this address."""

    code = ErrorCode.URL_REFUSED


class FetchFailed(GalaError):
    """What this URL names could not be fetched."""

    code = ErrorCode.FETCH_FAILED


class FetchInterrupted(FetchFailed):
    """The other server does not answer properly now; the attempt will be repeated."""

    retryable = True


class IdempotencyMismatch(GalaError):
    """This Idempotency-Key was used with another request body."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class Unavailable(GalaError):
    """A service that GALA needs does not answer now; try again."""

    code = ErrorCode.UNAVAILABLE
    retryable = True


class RenderFailed(GalaError):
    """The renderer could not make this output."""

    code = ErrorCode.RENDER_FAILED


class EngineMissing(GalaError):
    """What this work needs is not installed here; the message says what to install."""

    code = ErrorCode.ENGINE_MISSING


class RendererLost(GalaError):
    """The renderer went away in the middle of the work."""

    code = ErrorCode.RENDERER_LOST
    retryable = True


class WorkerLost(GalaError):
    """The worker went away in the middle of the work."""

    code = ErrorCode.WORKER_LOST
    retryable = True


class DeadlineExceeded(GalaError):
    """The attempt took longer than its deadline."""

    code = ErrorCode.DEADLINE_EXCEEDED


class OutOfDisk(GalaError):
    """There is no room left for the work's files."""

    code = ErrorCode.OUT_OF_DISK
    retryable = True


class StorageFailed(GalaError):
    """The storage provider did not accept or return the bytes."""

    code = ErrorCode.STORAGE_FAILED


class StorageUnavailable(StorageFailed):
    """The storage provider does not answer now; the attempt will be repeated."""

    retryable = True


def error_of(
    code: str, message: str, *, hint: str | None = None, details: Mapping[str, Any] | None = None
) -> GalaError:
    """The error that another of GALA's processes told of; one of our own if it has no such code.

    The class that has a code of its own stands for it; those that refine it do not.
    """
    kinds = {str(vars(kind).get("code")): kind for kind in reversed(list(_kinds(GalaError)))}
    more = {**(details or {}), **({"hint": hint} if hint else {})}
    return kinds.get(code, GalaError)(message, **more)


def _kinds(kind: type[GalaError]) -> Iterator[type[GalaError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)
