"""dotLottie files: ZIP archives with animations and their pictures, of versions 1 and 2.

They come from users: nothing is unpacked, sizes are checked while entries are read, and only names
that the format has are looked up.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gala.name_suggestions import suggestion

MAX_BYTES: Final = 16 * 1024**2
MAX_ANIMATION_BYTES: Final = 8 * 1024**2
MAX_PICTURE_BYTES: Final = 4 * 1024**2
MAX_PICTURES_BYTES: Final = 16 * 1024**2
MAX_ENTRIES: Final = 500
MAX_RATIO: Final = 200
"""How many times larger an entry may become."""
_MAX_MANIFEST_BYTES: Final = 256 * 1024
_MAX_DIRECTORY_BYTES: Final = 256 * 1024
_SIGNATURE: Final = b"PK\x03\x04"
_DIRECTORY_END: Final = b"PK\x05\x06"
_DIRECTORY_END_BYTES: Final = 22
_SMALL: Final = 4096
"""Bytes below which the ratio says nothing."""
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f/\\:]{1,200}")
_FOLDERS: Final = ("a", "animations"), ("i", "images")
"""Of animations and of pictures, in versions 2 and 1."""
_PICTURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
)


class NoSuchAnimation(ValueError):
    """A file has no animation of the wanted name; the arguments are the rule and the remedy."""


def is_dotlottie(path: Path) -> bool:
    """Return True if a file is a ZIP archive."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def read_dotlottie(path: Path, animation: str | None) -> bytes:
    """Return an animation as JSON, with its pictures in it.

    ``animation`` is its id; None for that with which the file says to start. Raise ``ValueError``
    saying what is wrong.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1024**2} MiB")
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _Archive(archive).animation(animation)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as error:
        raise ValueError(f"its ZIP archive is damaged: {error}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _check_directory(path: Path) -> None:
    """Raise ValueError if the archive has too many entries, before any of them is looked at."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _DIRECTORY_END_BYTES - 0xFFFF))
        tail = file.read()
    for found in re.finditer(re.escape(_DIRECTORY_END), tail):
        record = tail[found.start() : found.start() + _DIRECTORY_END_BYTES]
        # ZIP64 has the largest number here.
        if len(record) == _DIRECTORY_END_BYTES and (
            struct.unpack_from("<L", record, 12)[0] > _MAX_DIRECTORY_BYTES
        ):
            raise ValueError(f"its ZIP archive has more than {MAX_ENTRIES} files")


class _Archive:
    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise ValueError(f"its ZIP archive has more than {MAX_ENTRIES} files")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            if entry.filename in self._entries:
                raise ValueError(f"its ZIP archive has {_shown(entry.filename)} twice")
            self._entries[entry.filename] = entry

    def animation(self, wanted: str | None) -> bytes:
        """Return an animation with its pictures."""
        manifest = self._manifest()
        ids = list(_ids(manifest))
        if not ids:
            raise ValueError("its manifest names no animations")
        name = _first(manifest, ids) if wanted is None else wanted
        if name not in ids:
            raise NoSuchAnimation(f"There is no animation {_shown(name)} in its file.",
                                  suggestion(name, ids))  # fmt: skip
        entry = self._find(_FOLDERS[0], f"{name}.json")
        if entry is None:
            raise ValueError(f"its animation {_shown(name)} is missing")
        document = _parsed(self._read(entry, MAX_ANIMATION_BYTES))
        if isinstance(document, dict):
            self._inline(document)
        return json.dumps(document).encode()

    def _manifest(self) -> dict[str, Any]:
        entry = self._entries.get("manifest.json")
        if entry is None:
            raise ValueError("its ZIP archive has no manifest.json, as dotLottie files do")
        found = _parsed(self._read(entry, _MAX_MANIFEST_BYTES))
        if not isinstance(found, dict):
            raise ValueError("its manifest is not an object")  # noqa: TRY004 - as all that is wrong
        return found

    def _inline(self, document: dict[str, Any]) -> None:
        """Put the pictures of the archive in the place of their names."""
        left = MAX_PICTURES_BYTES
        assets = document.get("assets")
        for asset in assets if isinstance(assets, list) else ():
            name = asset.get("p") if isinstance(asset, dict) else None
            if not isinstance(name, str) or not name or name.startswith("data:"):
                continue
            entry = self._find(_FOLDERS[1], name.removeprefix("/"))
            if entry is None:
                raise ValueError(f"its picture {_shown(name)} is not in it")
            content = self._read(entry, min(MAX_PICTURE_BYTES, left))
            left -= len(content)
            mime = next((mime for start, mime in _PICTURES if content.startswith(start)), None)
            if mime is None:
                raise ValueError(f"its picture {_shown(name)} is not PNG, JPEG or WebP")
            text = base64.b64encode(content).decode()
            asset.update(p=f"data:{mime};base64,{text}", u="", e=1)

    def _find(self, folders: tuple[str, ...], name: str) -> zipfile.ZipInfo | None:
        if not _NAME.fullmatch(name):
            return None
        found = (self._entries.get(f"{folder}/{name}") for folder in folders)
        return next((entry for entry in found if entry is not None), None)

    def _read(self, entry: zipfile.ZipInfo, most: int) -> bytes:
        """Return an entry; what its header says of its size is not relied on."""
        name = _shown(entry.filename)
        if entry.flag_bits & 1:
            raise ValueError(f"its {name} is encrypted")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError(f"its {name} is compressed in an unusual way")
        by_ratio = max(_SMALL, entry.compress_size * MAX_RATIO)
        with self._archive.open(entry) as file:
            content = file.read(min(most, by_ratio) + 1)
        if len(content) > by_ratio:
            raise ValueError(f"its {name} becomes more than {MAX_RATIO} times larger")
        if len(content) > most:
            raise ValueError(f"its {name} is too large; {most / 1024**2:.3g} MiB are left for it")
        return content


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None


def _ids(manifest: Mapping[str, Any]) -> Iterator[str]:
    animations = manifest.get("animations")
    for one in animations if isinstance(animations, list) else ():
        name = one.get("id") if isinstance(one, dict) else None
        if isinstance(name, str):
            yield name


def _first(manifest: Mapping[str, Any], ids: list[str]) -> str:
    """Return the animation with which a file says to start; else the first one of its ids."""
    initial = manifest.get("initial")
    for name in (
        initial.get("animation") if isinstance(initial, dict) else None,
        manifest.get("activeAnimationId"),
    ):
        if isinstance(name, str) and name in ids:
            return name
    return ids[0]


def _shown(name: str) -> str:
    return repr(name[:60])
