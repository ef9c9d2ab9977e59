"""Errors of storage. Providers translate the exceptions of their SDKs into these.

A class docstring is the default message.
"""

from __future__ import annotations

import inspect
from typing import ClassVar


class StorageError(Exception):
    """The storage provider did not complete the request."""

    retryable: ClassVar[bool] = False
    """True if the same call may succeed later without any change."""
    hint: ClassVar[str | None] = None
    """The remedy, as a sentence for an operator."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        super().__init__(self.message)


class InvalidObjectName(StorageError):
    """This is not a valid name for an object."""


class ObjectNotFound(StorageError):
    """There is no object with this key."""


class ObjectExists(StorageError):
    """Other bytes are already stored with this key; objects are written once."""


class RangeNotSatisfiable(StorageError):
    """The range begins at or after the object's end."""


class IntegrityError(StorageError):
    """The provider stored other bytes than those that were sent."""


class StorageUnavailable(StorageError):
    """The storage provider does not respond; try again later."""

    retryable = True

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        """``retry_after``: seconds to wait, if the provider said so."""
        super().__init__(message)
        self.retry_after = retry_after


class StorageDenied(StorageError):
    """The storage provider rejected the credentials, or their permissions are not sufficient."""

    hint = "Check the storage provider's credentials in the environment of the API and the worker."


class StorageFull(StorageError):
    """There is no space left in the storage."""

    hint = "Free some space at the storage provider, then try again."


class StorageConfigError(StorageError):
    """The storage provider is not configured, or its SDK is not installed."""

    hint = "Complete the settings of the storage provider, then try again."
