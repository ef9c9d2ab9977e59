"""Which weights there are, where they come from, and how they get into their folder whole."""

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

MANIFEST: Final = "weights.json"
_CHUNK: Final = 1024**2
_SYSTRAN: Final = ("tiny", "base", "small", "medium", "large-v2", "large-v3")
_ENGLISH: Final = ("tiny.en", "base.en", "small.en", "medium.en")
_TURBO: Final = "large-v3-turbo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of one model: the folder that they go to, whence, and which files they are."""

    name: str
    """As people call them: ``kokoro``, ``whisper:small``."""
    folder: str
    repository: str
    wanted: Sequence[str]
    """Patterns; each must be met by a file."""


def known_weights() -> Mapping[str, Weights]:
    """Everything that can be pulled, by name."""
    found = [
        Weights(
            name="kokoro",
            folder="kokoro",
            repository="hexgrad/Kokoro-82M",
            wanted=("config.json", "*.pth", "voices/*.pt"),
        )
    ]
    sizes = {size: f"Systran/faster-whisper-{size}" for size in (*_SYSTRAN, *_ENGLISH)}
    sizes[_TURBO] = f"mobiuslabsgmbh/faster-whisper-{_TURBO}"
    found += [
        Weights(
            name=f"whisper:{size}",
            folder=f"whisper-{size}",
            repository=repository,
            wanted=("config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
        )
        for size, repository in sizes.items()
    ]
    return {weights.name: weights for weights in found}


def find(name: str) -> Weights:
    """The weights of that name; ``whisper`` alone is its small size."""
    known = known_weights()
    found = known.get("whisper:small" if name == "whisper" else name)
    if found is None:
        raise InvalidRequest(f"there are no weights {name!r}", hint=f"there are {', '.join(known)}")
    return found


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was put into a folder; kept there, so that it can be checked later."""

    source: str
    revision: str
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``size`` in bytes and ``sha256`` of each file."""

    @property
    def bytes(self) -> int:
        """How large they are together."""
        return sum(told["size"] for told in self.files.values())

    @classmethod
    def of(cls, folder: Path) -> Manifest | None:
        """That of a folder, if it has one."""
        try:
            return cls(**json.loads((folder / MANIFEST).read_text()))
        except FileNotFoundError:
            return None

    def keep(self, folder: Path) -> None:
        """Write it down."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1))

    def wrong(self, folder: Path) -> Iterator[str]:
        """Files that are missing or have another size than they should."""
        for name, told in self.files.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != told["size"]:
                yield name


def pull(weights: Weights, folder: Path) -> Manifest:
    """Download what is not there yet, going on where an earlier pull stopped, and check it.

    Raises ``Unavailable`` without network, ``NotFound``, ``EngineMissing`` without the package.
    """
    try:
        from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415 - only here
        from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "huggingface-hub is not installed",
            hint='pip install "gala[kokoro]" or "gala[whisper]"',
        ) from error
    # Its versions speak HTTP with different libraries; its error derives from that one's.
    of_http: type[Exception] = HfHubHTTPError.__bases__[0]
    try:
        info = HfApi().model_info(weights.repository, files_metadata=True)
        there = {file.rfilename: file for file in info.siblings or ()}
        files = {}
        for name in _chosen(weights, there):
            hf_hub_download(weights.repository, name, revision=info.sha, local_dir=folder)
            files[name] = _checked(folder / name, there[name])
    except EntryNotFoundError as error:
        raise _unreachable(weights, error) from error
    except (of_http, OSError) as error:
        raise _refused(weights, error) from error
    manifest = Manifest(weights.repository, info.sha or "", files)
    manifest.keep(folder)
    return manifest


def take_from(weights: Weights, source: Path, folder: Path) -> Manifest:
    """Copy a plain folder; raises ``NotFound`` if it does not have everything."""
    there = {
        path.relative_to(source).as_posix(): path for path in source.rglob("*") if path.is_file()
    }
    files: dict[str, Mapping[str, Any]] = {}
    for name in _chosen(weights, there):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(there[name], target)
        files[name] = {"size": target.stat().st_size, "sha256": _sha256(target)}
    manifest = Manifest(str(source), "", files)
    manifest.keep(folder)
    return manifest


def _chosen(weights: Weights, there: Mapping[str, object]) -> list[str]:
    missing = [
        pattern for pattern in weights.wanted if not any(fnmatch(name, pattern) for name in there)
    ]
    if missing:
        raise NotFound(f"there is no {', '.join(missing)} of {weights.name} there")
    return sorted(
        name for name in there if any(fnmatch(name, pattern) for pattern in weights.wanted)
    )


def _checked(path: Path, told: Any) -> Mapping[str, Any]:
    """Size and checksum of what arrived; what is not as it was published is removed."""
    size, sha256 = path.stat().st_size, _sha256(path)
    expected = told.lfs.sha256 if told.lfs else None
    if size != told.size or (expected and sha256 != expected):
        path.unlink()
        raise GalaError(
            f"{path.name} arrived damaged and was removed", hint="run the same command again"
        )
    return {"size": size, "sha256": sha256}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _refused(weights: Weights, error: Exception) -> GalaError:
    from huggingface_hub.errors import (  # noqa: PLC0415 - it is there, or nothing had failed
        HfHubHTTPError,
        RepositoryNotFoundError,
    )

    if isinstance(error, RepositoryNotFoundError):
        return NotFound(f"there is no {weights.repository}, or it is not public")
    if isinstance(error, OSError) and error.errno and not isinstance(error, HfHubHTTPError):
        raise error
    return _unreachable(weights, error)


def _unreachable(weights: Weights, error: Exception) -> GalaError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Unavailable(
        f"{weights.repository} cannot be downloaded: {said}",
        hint="what has arrived is kept: try again with a network; or fetch the files elsewhere and "
        f"`gala weights pull {weights.name} --from FOLDER`",
    )
