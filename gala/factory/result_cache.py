"""Files that were made before, for exact repeats."""

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

_MOST: Final = 256


class ResultCache:
    """By everything that a result depends on; files of parameters by their content."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[MediaResult, tuple[int, int]]] = OrderedDict()

    def keep(self, key: str, result: MediaResult) -> None:
        """Remember a file; it stays where it is."""
        if result.path is None:
            return
        self._kept[key] = (result, _look(result.path))
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def copy(self, key: str, folder: Path, stem: str) -> MediaResult | None:
        """A copy of the file, if it is still there as it was made."""
        result, look = self._kept.get(key, (None, None))
        if result is None or result.path is None:
            return None
        target = folder / f"{stem}{result.path.suffix}"
        try:
            if _look(result.path) != look:
                raise FileNotFoundError
            shutil.copyfile(result.path, target)
        except OSError:
            self._kept.pop(key, None)
            target.unlink(missing_ok=True)
            return None
        return replace(result, path=target)


def fingerprint(*what: Any) -> str:
    """One name for all of it; of a path, the file's content counts. Raises ``OSError``."""
    plain = json.dumps(_plain(what), sort_keys=True, default=str)
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


def _look(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
