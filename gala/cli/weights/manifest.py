"""The manifest of a folder of weights, and the state of the folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from gala.cli.weights.registry import ModelWeights, WeightFile
from gala.errors import NotFound
from gala.files import atomic_file

MANIFEST: Final = "weights.json"
_CHUNK: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Manifest:
    """The installed files of a folder; stored there, so that they can be checked later."""

    source: str
    revision: str
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``size`` in bytes and ``sha256`` of each file."""

    @property
    def bytes(self) -> int:
        """Return their total size."""
        return sum(file["size"] for file in self.files.values())

    @classmethod
    def of(cls, folder: Path) -> Manifest | None:
        """Return the manifest of a folder, if it has a readable one."""
        try:
            return cls(**json.loads((folder / MANIFEST).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    @classmethod
    def made(cls, source: str, revision: str, files: Sequence[WeightFile]) -> Manifest:
        """Return the manifest of these files."""
        recorded = {file.name: {"size": file.size, "sha256": file.sha256} for file in files}
        return cls(source, revision, recorded)

    def save(self, folder: Path) -> None:
        """Write the manifest to the folder."""
        with atomic_file(folder / MANIFEST) as part:
            part.write_text(json.dumps(asdict(self), indent=1))

    def expected(self) -> list[WeightFile]:
        """Return the files with the sizes and checksums that they must have."""
        return [WeightFile(name, file["size"], file["sha256"]) for name, file in self.files.items()]

    def damaged(self, folder: Path) -> Iterator[str]:
        """Yield files that are missing or have a different size."""
        for file in self.expected():
            if not has_size(folder, file):
                yield file.name


def has_size(folder: Path, file: WeightFile) -> bool:
    """Return True if the folder has this file in its full size."""
    path = folder / file.name
    return path.is_file() and path.stat().st_size == file.size


def is_intact(folder: Path, file: WeightFile) -> bool:
    """Return True if the folder has this file with the right checksum."""
    return has_size(folder, file) and sha256_of(folder / file.name) == file.sha256


def measured(folder: Path, name: str) -> WeightFile:
    """Return a file of the folder with the size and checksum that it has."""
    path = folder / name
    return WeightFile(name, path.stat().st_size, sha256_of(path))


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def state(weights: ModelWeights, folder: Path) -> str:
    """Return ``here``, ``absent``, ``begun`` or ``damaged (FILE, …)``, from the files' sizes."""
    manifest = Manifest.of(folder)
    if manifest is None:
        begun = folder.is_dir() or any(folder.parent.glob(f".{weights.folder}.*part"))
        return "begun" if begun else "absent"
    damaged = list(manifest.damaged(folder))
    return f"damaged ({', '.join(damaged)})" if damaged else "here"


def selected(
    weights: ModelWeights, available: Mapping[str, object], patterns: Sequence[str]
) -> list[str]:
    """Return the names that belong to the weights; raise ``NotFound`` if some are not available.

    If the checksums are known, these are exactly the known files, else those of the patterns.
    """
    wanted = [file.name for file in weights.files if _matches(file.name, patterns)] or patterns
    missing = [name for name in wanted if not any(fnmatch(found, name) for found in available)]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise NotFound(f"{weights.name}: the source has no {missing[0]}{more}")
    return sorted(name for name in available if _matches(name, wanted))


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)
