"""Translation of the exceptions of botocore, which must be installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore import exceptions as vendor

from gala_storage.errors import (
    IntegrityError,
    ObjectExists,
    ObjectNotFound,
    RangeNotSatisfiable,
    StorageConfigError,
    StorageDenied,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from gala_storage.retry import parse_retry_after

_CREDENTIALS: Final = "check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION and S3_BUCKET"


class NotSupported(StorageError):
    """This S3-compatible server does not support a feature of S3."""


class UploadGone(StorageError):
    """The multipart upload was completed or aborted by another process."""


_BY_CODE: Final[dict[str, type[StorageError]]] = {
    "NoSuchKey": ObjectNotFound,
    "NoSuchUpload": UploadGone,
    "InvalidRange": RangeNotSatisfiable,
    "PreconditionFailed": ObjectExists,
    "BadDigest": IntegrityError,
    "XAmzContentChecksumMismatch": IntegrityError,
    "ConditionalRequestConflict": StorageUnavailable,
    "OperationAborted": StorageUnavailable,
    "RequestTimeout": StorageUnavailable,
    "SlowDown": StorageUnavailable,
    "Throttling": StorageUnavailable,
    "NotImplemented": NotSupported,
    "XNotImplemented": NotSupported,
    "QuotaExceeded": StorageFull,
    "XMinioStorageFull": StorageFull,
    "XMinioAdminBucketQuotaExceeded": StorageFull,
}
_BY_STATUS: Final[dict[int, type[StorageError]]] = {
    404: ObjectNotFound,
    408: StorageUnavailable,
    412: ObjectExists,
    416: RangeNotSatisfiable,
    429: StorageUnavailable,
    501: NotSupported,
    507: StorageFull,
}
_NO_CREDENTIALS: Final = (
    vendor.NoCredentialsError,
    vendor.PartialCredentialsError,
    vendor.CredentialRetrievalError,
    vendor.TokenRetrievalError,
)
_NO_RESPONSE: Final = (
    vendor.ConnectionError,
    vendor.HTTPClientError,
    vendor.IncompleteReadError,
)


@contextmanager
def translate_errors(subject: str) -> Iterator[None]:
    """Raise StorageError instead of exceptions of the SDK; messages name ``subject``."""
    try:
        yield
    except vendor.ClientError as failure:
        raise _of_response(failure, subject) from failure
    except _NO_CREDENTIALS as failure:
        raise StorageDenied(f"S3 has no credentials: {failure}; {_CREDENTIALS}") from failure
    except _NO_RESPONSE as failure:
        raise StorageUnavailable(f"S3 does not respond: {failure}") from failure
    except vendor.BotoCoreError as failure:
        raise StorageError(f"{subject}: {failure}") from failure


def _of_response(failure: vendor.ClientError, subject: str) -> StorageError:
    error = failure.response.get("Error", {})
    meta = failure.response.get("ResponseMetadata", {})
    code, status = error.get("Code", ""), meta.get("HTTPStatusCode", 0)
    description = f"{subject}: S3 answers {status} {code} {error.get('Message', '')}".rstrip()
    if code == "NoSuchBucket":
        return StorageConfigError(f"S3_BUCKET does not exist ({description})")
    if status in {401, 403}:
        return StorageDenied(f"{description}; {_CREDENTIALS}")
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is None:
        kind = StorageUnavailable if status >= 500 else StorageError
    if issubclass(kind, StorageUnavailable):
        retry_after = parse_retry_after(meta.get("HTTPHeaders", {}).get("retry-after"))
        return kind(description, retry_after=retry_after)
    return kind(description)
