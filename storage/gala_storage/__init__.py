"""Storage of finished assets: one small protocol, several providers.

>>> storage = open_storage(StorageSettings())
>>> key = storage.reserve(f"renders/{job_id}/video-{sha256}.mp4")
>>> stored = storage.put(key, path, "video/mp4", name=...)
"""

from __future__ import annotations

from gala_storage.contract import (
    ByteRange,
    ObjectStat,
    ObjectStream,
    Storage,
    StoredObject,
    SupportsCleanup,
    SupportsLocalPath,
    SupportsSignedUrl,
)
from gala_storage.errors import (
    IntegrityError,
    InvalidObjectName,
    ObjectExists,
    ObjectNotFound,
    RangeNotSatisfiable,
    StorageConfigError,
    StorageDenied,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from gala_storage.providers.localfs import LocalStorage
from gala_storage.providers.memory import MemoryStorage
from gala_storage.registry import Provider, StorageRegistry, all_providers, open_storage
from gala_storage.retry import RetryPolicy
from gala_storage.settings import StorageSettings

__all__ = [
    "ByteRange",
    "IntegrityError",
    "InvalidObjectName",
    "LocalStorage",
    "MemoryStorage",
    "ObjectExists",
    "ObjectNotFound",
    "ObjectStat",
    "ObjectStream",
    "Provider",
    "RangeNotSatisfiable",
    "RetryPolicy",
    "Storage",
    "StorageConfigError",
    "StorageDenied",
    "StorageError",
    "StorageFull",
    "StorageRegistry",
    "StorageSettings",
    "StorageUnavailable",
    "StoredObject",
    "SupportsCleanup",
    "SupportsLocalPath",
    "SupportsSignedUrl",
    "all_providers",
    "open_storage",
]
