"""Translation of the exceptions of Google's SDK, which must be installed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, Final

import httplib2
import requests
from google.auth import exceptions as auth
from googleapiclient.errors import HttpError

from gala_storage.errors import (
    ObjectExists,
    ObjectNotFound,
    RangeNotSatisfiable,
    StorageDenied,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from gala_storage.retry import parse_retry_after

_VARIABLES: Final = "check GDRIVE_CLIENT_ID, GDRIVE_CLIENT_SECRET and GDRIVE_REFRESH_TOKEN"


class TokenRefused(StorageDenied):
    """Drive rejected an access token; a new one may be accepted."""


class BadRequest(StorageError):
    """Drive rejected a request as malformed."""


_BY_REASON: Final[dict[str, type[StorageError]]] = {
    "rateLimitExceeded": StorageUnavailable,
    "userRateLimitExceeded": StorageUnavailable,
    "sharingRateLimitExceeded": StorageUnavailable,
    "backendError": StorageUnavailable,
    "storageQuotaExceeded": StorageFull,
    "teamDriveFileLimitExceeded": StorageFull,
}
_BY_STATUS: Final[dict[int, type[StorageError]]] = {
    400: BadRequest,
    401: TokenRefused,
    403: StorageDenied,
    404: ObjectNotFound,
    408: StorageUnavailable,
    409: ObjectExists,
    410: ObjectNotFound,
    416: RangeNotSatisfiable,
    429: StorageUnavailable,
}


def error_of_response(
    subject: str, status: int, content: bytes, headers: Mapping[str, Any]
) -> StorageError:
    """Return the error for an HTTP response of status 400 or above."""
    reason, message = _parse(content)
    description = f"{subject}: Drive answers {status} {reason} {message}".rstrip()
    kind = _BY_REASON.get(reason) or _BY_STATUS.get(status)
    if kind is None:
        kind = StorageUnavailable if status >= 500 else StorageError
    if issubclass(kind, StorageUnavailable):
        return kind(description, retry_after=parse_retry_after(headers.get("retry-after")))
    return kind(f"{description}; {_VARIABLES}" if issubclass(kind, StorageDenied) else description)


def _parse(content: bytes) -> tuple[str, str]:
    """Return the reason and the message of an error's body; empty strings if it has none."""
    try:
        error = json.loads(content)["error"]
        return error.get("errors", [{}])[0].get("reason", ""), error.get("message", "")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "", content[:200].decode(errors="replace")


@contextmanager
def translate_errors(subject: str) -> Iterator[None]:
    """Raise StorageError instead of exceptions of the SDK; messages name ``subject``."""
    try:
        yield
    except HttpError as failure:
        raise error_of_response(
            subject, failure.resp.status, failure.content, failure.resp
        ) from failure
    except auth.RefreshError as failure:
        raise _of_refresh(failure) from failure
    except (auth.TransportError, requests.RequestException) as failure:
        raise StorageUnavailable(f"Drive does not respond: {failure}") from failure
    except (httplib2.HttpLib2Error, HTTPException, OSError) as failure:
        raise StorageUnavailable(f"Drive does not respond: {failure!r}") from failure
    except auth.GoogleAuthError as failure:
        raise StorageDenied(f"Drive: {failure}; {_VARIABLES}") from failure


def _of_refresh(failure: auth.RefreshError) -> StorageError:
    if failure.retryable:
        return StorageUnavailable(f"Google's token server does not respond: {failure}")
    if "invalid_grant" in str(failure):
        return StorageDenied(
            "Google no longer accepts GDRIVE_REFRESH_TOKEN (expired or revoked): "
            "get a new one with `gala gdrive-auth`"
        )
    return StorageDenied(f"Google refused the credentials: {failure}; {_VARIABLES}")
