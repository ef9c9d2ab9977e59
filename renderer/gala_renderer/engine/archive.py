"""ZIP archives of finished pictures; equal pictures give equal bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gala_renderer.provenance.xmp_embedding import PNG_HEADER_BYTES

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date in a ZIP file."""


def write_archive(paths: Iterable[Path], target: Path, *, png_chunk: bytes = b"") -> None:
    """Write the files, which are already compressed, into a ZIP archive.

    ``png_chunk`` is added to each of them behind its header; they then have to be PNG files.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            with (
                path.open("rb") as source,
                archive.open(zipfile.ZipInfo(path.name, _DATE), "w") as member,
            ):
                if png_chunk:
                    member.write(source.read(PNG_HEADER_BYTES) + png_chunk)
                while part := source.read(1 << 20):
                    member.write(part)


def write_tree(folder: Path, target: Path) -> None:
    """Write all files below a folder into a ZIP archive, with their paths from there."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            with (
                path.open("rb") as source,
                archive.open(zipfile.ZipInfo(name, _DATE), "w", force_zip64=True) as member,
            ):
                while part := source.read(1 << 20):
                    member.write(part)
