"""Size and SHA-256 of bytes, to compare what is stored with what was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala_storage.contract import CHUNK, Storage
from gala_storage.errors import IntegrityError, ObjectExists, ObjectNotFound

_EMPTY: Final = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``size`` in bytes, ``sha256`` in lower-case hexadecimal."""

    size: int = 0
    sha256: str = _EMPTY


def chunks_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a local file in chunks."""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def fingerprint(chunks: Iterable[bytes]) -> Fingerprint:
    """Return the fingerprint of all chunks together."""
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Fingerprint(size, digest.hexdigest())


def stored_fingerprint(storage: Storage, object_key: str) -> Fingerprint:
    """Return the fingerprint that the provider reports, or compute it by reading the object."""
    stat = storage.stat(object_key)
    if stat.sha256 is not None:
        return Fingerprint(stat.size, stat.sha256)
    with storage.open(object_key) as stream:
        return fingerprint(stream)


def holds_already(storage: Storage, object_key: str, wanted: Fingerprint) -> bool:
    """Return True if these bytes are already stored with the key.

    :raises ObjectExists: other bytes are stored with it.
    """
    try:
        stored = stored_fingerprint(storage, object_key)
    except ObjectNotFound:
        return False
    if stored != wanted:
        raise ObjectExists(f"other bytes are stored with {object_key}; objects are written once")
    return True


def require_same(object_key: str, stored: Fingerprint, wanted: Fingerprint) -> None:
    """Raise :class:`IntegrityError` if the fingerprints differ."""
    if stored != wanted:
        raise IntegrityError(
            f"{object_key} arrived as {stored.size} bytes with sha256 {stored.sha256}, "
            f"but {wanted.size} bytes with sha256 {wanted.sha256} were sent"
        )
