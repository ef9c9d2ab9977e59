"""The errors of the whole platform, in one tree.

::

    GalaError                     INTERNAL_ERROR         (a defect of GALA)
    ├── InvalidRequest            VALIDATION_ERROR
    ├── Unauthorized              UNAUTHORIZED
    ├── Forbidden                 FORBIDDEN
    ├── QuotaExceeded             QUOTA_EXCEEDED
    ├── RateLimited *             RATE_LIMITED
    ├── NotFound                  NOT_FOUND
    │   ├── AssetNotFound         ASSET_NOT_FOUND
    │   ├── JobNotFound           JOB_NOT_FOUND
    │   ├── TemplateNotFound      TEMPLATE_NOT_FOUND
    │   └── ModelNotFound         MODEL_NOT_FOUND
    ├── MethodNotAllowed          METHOD_NOT_ALLOWED
    ├── Conflict                  CONFLICT
    │   ├── InvalidJobState       INVALID_JOB_STATE
    │   ├── AssetInUse            ASSET_IN_USE
    │   ├── AssetPending          ASSET_PENDING
    │   ├── ModelInUse            MODEL_IN_USE
    │   └── TemplateNameExists    TEMPLATE_NAME_EXISTS
    ├── IdempotencyMismatch       IDEMPOTENCY_MISMATCH
    ├── PayloadTooLarge           PAYLOAD_TOO_LARGE
    ├── UnsupportedMedia          UNSUPPORTED_MEDIA
    ├── UnprocessableMedia        UNPROCESSABLE_MEDIA
    ├── UrlRefused                URL_REFUSED
    ├── FetchFailed               FETCH_FAILED
    │   └── FetchInterrupted *    FETCH_FAILED
    ├── Unavailable *             UNAVAILABLE
    ├── RenderFailed              RENDER_FAILED
    ├── EngineMissing             ENGINE_MISSING
    ├── RendererLost *            RENDERER_LOST
    ├── WorkerLost *              WORKER_LOST
    ├── DeadlineExceeded          DEADLINE_EXCEEDED
    ├── OutOfDisk *               OUT_OF_DISK
    └── StorageFailed             STORAGE_FAILED
        └── StorageUnavailable *  STORAGE_FAILED

``*``: retryable; another attempt may succeed. Packages add subclasses of their own.

Clients match on the code. The API maps codes to HTTP statuses (``gala_api.errors``). The class
docstring is the default message.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """Error codes of the public contract; they are never renamed."""

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
    # Why a job failed; these appear in `job.error.code`.
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
    """The request is not valid."""

    code = ErrorCode.VALIDATION_ERROR

    def __init__(self, message: str, *, field: str | None = None, **details: Any):
        super().__init__(message, field=field, **details)


class Unauthorized(GalaError):
    """Authentication is required: send `Authorization: Bearer <API key or token>`."""

    code = ErrorCode.UNAUTHORIZED


class NotFound(GalaError):
    """There is no resource at this path."""

    code = ErrorCode.NOT_FOUND


class MethodNotAllowed(GalaError):
    """This resource does not support this HTTP method."""

    code = ErrorCode.METHOD_NOT_ALLOWED


class AssetNotFound(NotFound):
    """There is no asset with this id."""

    code = ErrorCode.ASSET_NOT_FOUND


class JobNotFound(NotFound):
    """There is no job with this id."""

    code = ErrorCode.JOB_NOT_FOUND


class TemplateNotFound(NotFound):
    """There is no template with this id."""

    code = ErrorCode.TEMPLATE_NOT_FOUND


class ModelNotFound(NotFound):
    """There is no model with this id."""

    code = ErrorCode.MODEL_NOT_FOUND


class Conflict(GalaError):
    """The request conflicts with the current state of the resource."""

    code = ErrorCode.CONFLICT


class InvalidJobState(Conflict):
    """The job is not in a state that allows this."""

    code = ErrorCode.INVALID_JOB_STATE


class AssetInUse(Conflict):
    """This asset is still used by a queued or running job, a model or a template."""

    code = ErrorCode.ASSET_IN_USE


class AssetPending(Conflict):
    """This asset is not ready yet; try again when its status is `ready`."""

    code = ErrorCode.ASSET_PENDING


class ModelInUse(Conflict):
    """This model is still used by a queued or running job."""

    code = ErrorCode.MODEL_IN_USE


class TemplateNameExists(Conflict):
    """A template with this name already exists."""

    code = ErrorCode.TEMPLATE_NAME_EXISTS


class Forbidden(GalaError):
    """You do not have permission to do this."""

    code = ErrorCode.FORBIDDEN


class QuotaExceeded(GalaError):
    """This request would exceed your quota."""

    code = ErrorCode.QUOTA_EXCEEDED


class RateLimited(GalaError):
    """Too many requests; wait for the number of seconds in `Retry-After`."""

    code = ErrorCode.RATE_LIMITED
    retryable = True


class PayloadTooLarge(GalaError):
    """The request body is larger than this server accepts."""

    code = ErrorCode.PAYLOAD_TOO_LARGE


class UnsupportedMedia(GalaError):
    """The content of this file is of a type that is not accepted here."""

    code = ErrorCode.UNSUPPORTED_MEDIA


class UnprocessableMedia(GalaError):
    """This file has an accepted type but cannot be decoded."""

    code = ErrorCode.UNPROCESSABLE_MEDIA


class UrlRefused(GalaError):
    """GALA does not fetch files from this address."""

    code = ErrorCode.URL_REFUSED


class FetchFailed(GalaError):
    """The file at this URL could not be fetched."""

    code = ErrorCode.FETCH_FAILED


class FetchInterrupted(FetchFailed):
    """The remote server does not respond properly; the attempt will be repeated."""

    retryable = True


class PreconditionFailed(GalaError):
    """This is no longer what the request's condition (`If-Match`, for example) names."""

    code = ErrorCode.PRECONDITION_FAILED


class IdempotencyMismatch(GalaError):
    """This Idempotency-Key was already used with a different request body."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class Unavailable(GalaError):
    """A service that GALA needs does not respond; try again later."""

    code = ErrorCode.UNAVAILABLE
    retryable = True


class RenderFailed(GalaError):
    """The renderer could not produce the output."""

    code = ErrorCode.RENDER_FAILED


class EngineMissing(GalaError):
    """A component that this work needs is not installed; the message says which."""

    code = ErrorCode.ENGINE_MISSING


class RendererLost(GalaError):
    """The renderer stopped responding during the attempt."""

    code = ErrorCode.RENDERER_LOST
    retryable = True


class WorkerLost(GalaError):
    """The worker stopped responding during the attempt."""

    code = ErrorCode.WORKER_LOST
    retryable = True


class DeadlineExceeded(GalaError):
    """The attempt took longer than its deadline."""

    code = ErrorCode.DEADLINE_EXCEEDED


class OutOfDisk(GalaError):
    """There is not enough disk space for the job's files."""

    code = ErrorCode.OUT_OF_DISK
    retryable = True


class StorageFailed(GalaError):
    """The storage provider did not store or return the file."""

    code = ErrorCode.STORAGE_FAILED


class StorageUnavailable(StorageFailed):
    """The storage provider does not respond; the attempt will be repeated."""

    retryable = True


def error_of(
    code: str, message: str, *, hint: str | None = None, details: Mapping[str, Any] | None = None
) -> GalaError:
    """Return the error that another GALA process reported; a GalaError if its code is unknown.

    The class that defines the code is used, never a subclass that inherits it.
    """
    classes = {str(vars(cls).get("code")): cls for cls in reversed(list(_tree(GalaError)))}
    fields = {**(details or {}), **({"hint": hint} if hint else {})}
    return classes.get(code, GalaError)(message, **fields)


def _tree(cls: type[GalaError]) -> Iterator[type[GalaError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _tree(child)
