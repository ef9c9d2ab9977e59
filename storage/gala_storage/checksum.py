"""Size and sha256 of bytes: how what is stored is compared with what was sent."""

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
    """The bytes of a local file, a chunk at a time."""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def fingerprint(chunks: Iterable[bytes]) -> Fingerprint:
    """The fingerprint of all chunks together."""
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Fingerprint(size, digest.hexdigest())


def stored_fingerprint(storage: Storage, object_key: str) -> Fingerprint:
    """What is stored, by the provider's own word or else by reading it back."""
    stat = storage.stat(object_key)
    if stat.sha256 is not None:
        return Fingerprint(stat.size, stat.sha256)
    with storage.open(object_key) as stream:
        return fingerprint(stream)


def holds_already(storage: Storage, object_key: str, wanted: Fingerprint) -> bool:
    """Whether these very bytes are stored under the key.

    :raises ObjectExists: if others are.
    """
    try:
        stored = stored_fingerprint(storage, object_key)
    except ObjectNotFound:
        return False
    if stored != wanted:
        raise ObjectExists(f"other bytes are stored under {object_key}; objects are written once")
    return True


def require_same(object_key: str, stored: Fingerprint, wanted: Fingerprint) -> None:
    """Raise :class:`IntegrityError` unless both are equal."""
    if stored != wanted:
        raise IntegrityError(
            f"{object_key} arrived as {stored.size} bytes with sha256 {stored.sha256}, "
            f"but {wanted.size} bytes with sha256 {wanted.sha256} were sent"
        )
