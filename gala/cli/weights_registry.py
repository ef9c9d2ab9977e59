"""Known model weights, their sources, and their verified installation in a folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing, GalaError, InvalidRequest, NotFound, Unavailable
from gala.installation import install_hint

MANIFEST: Final = "weights.json"
_CHUNK: Final = 1024**2
_SYSTRAN: Final = ("tiny", "base", "small", "medium", "large-v2", "large-v3")
_ENGLISH: Final = ("tiny.en", "base.en", "small.en", "medium.en")
_TURBO: Final = "large-v3-turbo"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWeights:
    """The weights of one model: target folder, source repository, and files."""

    name: str
    """The name on the command line: ``kokoro``, ``whisper:small``."""
    folder: str
    repository: str
    patterns: Sequence[str]
    """File name patterns, each of which must match at least one file."""


def known_weights() -> Mapping[str, ModelWeights]:
    """Return all weights that can be pulled, by name."""
    found = [
        ModelWeights(
            name="kokoro",
            folder="kokoro",
            repository="hexgrad/Kokoro-82M",
            patterns=("config.json", "*.pth", "voices/*.pt"),
        )
    ]
    sizes = {size: f"Systran/faster-whisper-{size}" for size in (*_SYSTRAN, *_ENGLISH)}
    sizes[_TURBO] = f"mobiuslabsgmbh/faster-whisper-{_TURBO}"
    found += [
        ModelWeights(
            name=f"whisper:{size}",
            folder=f"whisper-{size}",
            repository=repository,
            patterns=("config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
        )
        for size, repository in sizes.items()
    ]
    return {weights.name: weights for weights in found}


def find(name: str) -> ModelWeights:
    """Return the weights of that name; ``whisper`` means its small size."""
    known = known_weights()
    found = known.get("whisper:small" if name == "whisper" else name)
    if found is None:
        raise InvalidRequest(f"there are no weights {name!r}", hint=f"known: {', '.join(known)}")
    return found


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
        """Return the manifest of a folder, if it has one."""
        try:
            return cls(**json.loads((folder / MANIFEST).read_text()))
        except FileNotFoundError:
            return None

    def save(self, folder: Path) -> None:
        """Write the manifest to the folder."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1))

    def damaged(self, folder: Path) -> Iterator[str]:
        """Yield files that are missing or have a different size."""
        for name, expected in self.files.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != expected["size"]:
                yield name


def pull(weights: ModelWeights, folder: Path) -> Manifest:
    """Download missing files, resuming an earlier pull, and verify them.

    Raise ``Unavailable`` without network, ``NotFound`` if the repository lacks a file, and
    ``EngineMissing`` without the package ``huggingface-hub``.
    """
    try:
        from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415 - an optional package
        from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "huggingface-hub is not installed",
            hint=install_hint("kokoro", "whisper"),
        ) from error
    # Versions of huggingface-hub use different HTTP libraries; its error derives from theirs.
    http_error: type[Exception] = HfHubHTTPError.__bases__[0]
    try:
        info = HfApi().model_info(weights.repository, files_metadata=True)
        available = {file.rfilename: file for file in info.siblings or ()}
        files = {}
        for name in _selected(weights, available):
            hf_hub_download(weights.repository, name, revision=info.sha, local_dir=folder)
            files[name] = _verified(folder / name, available[name])
    except EntryNotFoundError as error:
        raise _unreachable(weights, error) from error
    except (http_error, OSError) as error:
        raise _refused(weights, error) from error
    manifest = Manifest(weights.repository, info.sha or "", files)
    manifest.save(folder)
    return manifest


def copy_from(weights: ModelWeights, source: Path, folder: Path) -> Manifest:
    """Copy the files from another folder; raise ``NotFound`` if one is missing there."""
    available = {
        path.relative_to(source).as_posix(): path for path in source.rglob("*") if path.is_file()
    }
    files: dict[str, Mapping[str, Any]] = {}
    for name in _selected(weights, available):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(available[name], target)
        files[name] = {"size": target.stat().st_size, "sha256": _sha256(target)}
    manifest = Manifest(str(source), "", files)
    manifest.save(folder)
    return manifest


def _selected(weights: ModelWeights, available: Mapping[str, object]) -> list[str]:
    missing = [
        pattern
        for pattern in weights.patterns
        if not any(fnmatch(name, pattern) for name in available)
    ]
    if missing:
        raise NotFound(f"{weights.name}: the source has no {', '.join(missing)}")
    return sorted(
        name for name in available if any(fnmatch(name, pattern) for pattern in weights.patterns)
    )


def _verified(path: Path, published: Any) -> Mapping[str, Any]:
    """Return size and checksum of a downloaded file; remove it if they are not as published."""
    size, sha256 = path.stat().st_size, _sha256(path)
    expected = published.lfs.sha256 if published.lfs else None
    if size != published.size or (expected and sha256 != expected):
        path.unlink()
        raise GalaError(
            f"{path.name} was damaged during the download and has been removed",
            hint="run the same command again",
        )
    return {"size": size, "sha256": sha256}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _refused(weights: ModelWeights, error: Exception) -> GalaError:
    from huggingface_hub.errors import (  # noqa: PLC0415 - installed, as it has raised the error
        HfHubHTTPError,
        RepositoryNotFoundError,
    )

    if isinstance(error, RepositoryNotFoundError):
        return NotFound(f"there is no {weights.repository}, or it is not public")
    if isinstance(error, OSError) and error.errno and not isinstance(error, HfHubHTTPError):
        raise error
    return _unreachable(weights, error)


def _unreachable(weights: ModelWeights, error: Exception) -> GalaError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Unavailable(
        f"{weights.repository} cannot be downloaded: {reason}",
        hint="run this again with a network connection, which resumes the download; or download the"
        f" files elsewhere and run `gala weights pull {weights.name} --from FOLDER`",
    )
