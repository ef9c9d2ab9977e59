"""Translation of the errors of storage providers into GalaErrors.

``gala`` does not import ``gala_storage``: the API and the worker catch its ``StorageError`` and
translate it with these functions.
"""

from __future__ import annotations

from typing import Protocol

from gala.errors import GalaError, StorageFailed, StorageUnavailable, Unavailable


class ProviderError(Protocol):
    """The part of ``gala_storage.StorageError`` that is translated."""

    @property
    def message(self) -> str: ...

    @property
    def hint(self) -> str | None: ...

    @property
    def retryable(self) -> bool: ...


def job_error(error: ProviderError) -> GalaError:
    """Return the error of a job: StorageFailed, or StorageUnavailable if it is retryable."""
    kind = StorageUnavailable if error.retryable else StorageFailed
    return kind(error.message, hint=error.hint)


def request_error(error: ProviderError) -> GalaError:
    """Return the error of an API request: StorageFailed, or Unavailable if it is retryable."""
    kind = Unavailable if error.retryable else StorageFailed
    return kind(error.message, hint=error.hint)
