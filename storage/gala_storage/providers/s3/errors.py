"""botocore's exceptions in storage's own words. Imported only once boto3 is there."""

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
from gala_storage.retry import seconds_asked

_CREDENTIALS: Final = "check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION and S3_BUCKET"


class NotOffered(StorageError):
    """This S3-compatible server does not know a header that S3 itself has."""


class UploadGone(StorageError):
    """The multipart upload was ended by somebody else."""


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
    "NotImplemented": NotOffered,
    "XNotImplemented": NotOffered,
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
    501: NotOffered,
    507: StorageFull,
}
_NO_CREDENTIALS: Final = (
    vendor.NoCredentialsError,
    vendor.PartialCredentialsError,
    vendor.CredentialRetrievalError,
    vendor.TokenRetrievalError,
)
_NO_ANSWER: Final = (
    vendor.ConnectionError,
    vendor.HTTPClientError,
    vendor.IncompleteReadError,
)


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Around every call of the SDK; ``subject`` is what the message is about."""
    try:
        yield
    except vendor.ClientError as failure:
        raise _of_answer(failure, subject) from failure
    except _NO_CREDENTIALS as failure:
        raise StorageDenied(f"S3 has no credentials: {failure}; {_CREDENTIALS}") from failure
    except _NO_ANSWER as failure:
        raise StorageUnavailable(f"S3 does not answer: {failure}") from failure
    except vendor.BotoCoreError as failure:
        raise StorageError(f"{subject}: {failure}") from failure


def _of_answer(failure: vendor.ClientError, subject: str) -> StorageError:
    error = failure.response.get("Error", {})
    meta = failure.response.get("ResponseMetadata", {})
    code, status = error.get("Code", ""), meta.get("HTTPStatusCode", 0)
    told = f"{subject}: S3 answers {status} {code} {error.get('Message', '')}".rstrip()
    if code == "NoSuchBucket":
        return StorageConfigError(f"S3_BUCKET names no bucket that is there ({told})")
    if status in {401, 403}:
        return StorageDenied(f"{told}; {_CREDENTIALS}")
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is None:
        kind = StorageUnavailable if status >= 500 else StorageError
    if issubclass(kind, StorageUnavailable):
        asked = seconds_asked(meta.get("HTTPHeaders", {}).get("retry-after"))
        return kind(told, retry_after=asked)
    return kind(told)
