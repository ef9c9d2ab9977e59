"""A cache of results, for exact repeats."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gala.factory.models import MediaResult

_MAX_RESULTS: Final = 256


class TaskResultCache:
    """Results by fingerprint of everything that they depend on, including input file contents."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, tuple[MediaResult, tuple[int, int]]] = OrderedDict()

    def keep(self, key: str, result: MediaResult) -> None:
        """Add a result; its file is not copied."""
        if result.path is None:
            return
        self._results[key] = (result, _state(result.path))
        if len(self._results) > _MAX_RESULTS:
            self._results.popitem(last=False)

    def copy(self, key: str, folder: Path, stem: str) -> MediaResult | None:
        """Return a copy of the result's file, unless it was changed or deleted."""
        result, state = self._results.get(key, (None, None))
        if result is None or result.path is None:
            return None
        target = folder / f"{stem}{result.path.suffix}"
        try:
            if _state(result.path) != state:
                raise FileNotFoundError
            shutil.copyfile(result.path, target)
        except OSError:
            self._results.pop(key, None)
            target.unlink(missing_ok=True)
            return None
        return replace(result, path=target)


def fingerprint(*values: Any) -> str:
    """Return a digest of the values; paths count by content. Raise ``OSError``."""
    plain = json.dumps(_plain(values), sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        with value.open("rb") as file:
            return ["file", hashlib.file_digest(file, "sha256").hexdigest()]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
