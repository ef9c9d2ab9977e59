"""What can go wrong with storage. Vendors' exceptions are translated into these and never leak.

A class docstring is the default message.
"""

from __future__ import annotations

import inspect
from typing import ClassVar


class StorageError(Exception):
    """The storage provider did not do what was asked."""

    retryable: ClassVar[bool] = False
    """Whether the same call may succeed later, with nothing changed by anybody."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        super().__init__(self.message)


class InvalidObjectName(StorageError):
    """This is not a name under which an object can be stored."""


class ObjectNotFound(StorageError):
    """There is no object under that key."""


class ObjectExists(StorageError):
    """Other bytes are stored under that key already; objects are written once."""


class RangeNotSatisfiable(StorageError):
    """The range begins at or after the object's end."""


class IntegrityError(StorageError):
    """The provider stored other bytes than those that were sent."""


class StorageUnavailable(StorageError):
    """The storage provider does not answer now; try again later."""

    retryable = True

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        """``retry_after``: seconds the provider asked to be left alone, if it did."""
        super().__init__(message)
        self.retry_after = retry_after


class StorageDenied(StorageError):
    """The storage provider refused the credentials, or what they allow is not enough."""


class StorageFull(StorageError):
    """There is no room left in the storage."""


class StorageConfigError(StorageError):
    """The storage provider is not configured, or its SDK is not installed."""
