"""Download from the model hub by its own client, which resumes broken connections."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gala.cli.progress import ShowProgress
from gala.cli.weights.download_progress import DownloadProgress
from gala.cli.weights.manifest import Manifest, is_intact, measured, selected
from gala.cli.weights.registry import Hub, ModelWeights, WeightFile
from gala.cli.weights.source_errors import SourceDamaged, SourceFailed, require_space
from gala.errors import NotFound
from gala.installation import install_hint

_CONNECT_SECONDS: Final = 10


def download(
    weights: ModelWeights, hub: Hub, folder: Path, installed: Path, show: ShowProgress
) -> Manifest:
    """Download the files that ``installed`` does not have to ``folder``, and verify them.

    Return the manifest of all files. Raise ``SourceFailed`` if the hub cannot be reached or lacks
    a file, and ``SourceDamaged`` if a checksum is wrong.
    """
    try:
        import huggingface_hub  # noqa: PLC0415 - an optional package
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415
        from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415
    except ModuleNotFoundError as error:
        hint = install_hint("kokoro", "whisper")
        raise SourceFailed(f"huggingface-hub is not installed ({hint})") from error
    disable_progress_bars()
    # Versions of huggingface-hub use different HTTP libraries; its error derives from theirs.
    http_error: type[Exception] = HfHubHTTPError.__bases__[0]
    api = huggingface_hub.HfApi()
    try:
        repositories = [
            _Repository.of(weights, api, name, patterns)
            for name, patterns in hub.repositories.items()
        ]
        total = sum(repository.size for repository in repositories)
        require_space(folder, total)
        progress = DownloadProgress(show, "model hub", total)
        files = [
            file
            for repository in repositories
            for file in _fetched(weights, repository, folder, installed, progress)
        ]
    except NotFound as error:
        raise SourceFailed(error.message) from error
    except (http_error, OSError) as error:
        if isinstance(error, OSError) and error.errno and not isinstance(error, HfHubHTTPError):
            raise
        raise SourceFailed(_reason(error)) from error
    revisions = ", ".join(repository.revision for repository in repositories)
    return Manifest.made(str(hub), revisions, files)


def keep_complete(folder: Path) -> None:
    """Remove partly downloaded files, which the client does not continue in another process.

    Remove the whole folder if nothing else is in it.
    """
    for part in folder.rglob("*.incomplete"):
        part.unlink(missing_ok=True)
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    if all(".cache" in path.parts for path in files):
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Repository:
    name: str
    revision: str
    files: Mapping[str, Any]
    """What the hub publishes of each file that belongs to the weights."""

    @classmethod
    def of(cls, weights: ModelWeights, api: Any, name: str, patterns: Sequence[str]) -> _Repository:
        info = api.model_info(name, files_metadata=True, timeout=_CONNECT_SECONDS)
        published = {file.rfilename: file for file in info.siblings or ()}
        names = selected(weights, published, patterns)
        return cls(name, info.sha or "", {name: published[name] for name in names})

    @property
    def size(self) -> int:
        return sum(file.size or 0 for file in self.files.values())


def _fetched(
    weights: ModelWeights,
    repository: _Repository,
    folder: Path,
    installed: Path,
    progress: DownloadProgress,
) -> list[WeightFile]:
    """Download the missing files of one repository; return all its files, verified."""
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - an optional package

    known = {file.name: file for file in weights.files}
    found = []
    for name, published in repository.files.items():
        expected = known.get(name) or _as_published(installed, published)
        if expected is not None and is_intact(installed, expected):
            found.append(expected)
            continue
        with progress.watching(folder, published.size or 0):
            hf_hub_download(repository.name, name, revision=repository.revision, local_dir=folder)
        found.append(_verified(folder, published, known.get(name)))
    return found


def _as_published(installed: Path, published: Any) -> WeightFile | None:
    """Return the file with its published checksum, or that of an earlier download from the hub."""
    if published.lfs:
        return WeightFile(published.rfilename, published.size, published.lfs.sha256)
    manifest = Manifest.of(installed)
    earlier = manifest.files.get(published.rfilename) if manifest else None
    if earlier is None or earlier["size"] != published.size:
        return None
    return WeightFile(published.rfilename, earlier["size"], earlier["sha256"])


def _verified(folder: Path, published: Any, known: WeightFile | None) -> WeightFile:
    """Return the downloaded file; raise ``SourceDamaged`` unless it is as published and known."""
    found = measured(folder, published.rfilename)
    expected = published.lfs.sha256 if published.lfs else found.sha256
    if (found.size, found.sha256) != (published.size, expected):
        raise SourceDamaged(f"{found.name} was damaged during the download")
    if known is not None and found != known:
        raise SourceDamaged(f"{found.name} has the wrong checksum")
    return found


def _reason(error: Exception) -> str:
    from huggingface_hub.errors import (  # noqa: PLC0415 - installed, as it has raised the error
        RepositoryNotFoundError,
    )

    if isinstance(error, RepositoryNotFoundError):
        return "the repository does not exist, or is not public"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
