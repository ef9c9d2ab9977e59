"""Fonts by family name: those from the wheels and those in the operator's folder."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Final

import uharfbuzz as hb

from gala.errors import InvalidRequest
from gala.font_names import font_key
from gala_renderer.text_layout.fonts import (
    BOLD,
    REGULAR,
    SEMIBOLD,
    Font,
    find_in_package,
    installed_files,
    installed_fonts,
    open_font,
)

log = logging.getLogger(__name__)

_PACKAGES: Final = (
    "fontpkg_anton",
    "fontpkg_bebas_neue",
    "fontpkg_inter",
    "fontpkg_montserrat",
    "fontpkg_noto_sans",
    "fontpkg_open_sans",
    "fontpkg_oswald",
    "fontpkg_poppins",
    "fontpkg_roboto",
)
_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_MAX_FILES: Final = 1000
_MAX_BYTES: Final = 256 * 1024**2
_MAX_NAME: Final = 100
_FAMILY, _STYLE, _TYPOGRAPHIC_FAMILY, _TYPOGRAPHIC_STYLE = 1, 2, 16, 17
_EMBOLDEN: Final = 0.03
_SLANT: Final = 0.2
_NEAREST: Final = 3
_EMOJI_FILES: Final = (
    Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"),
    Path("/usr/share/fonts/noto/NotoColorEmoji.ttf"),
    Path("/usr/share/fonts/google-noto-color-emoji-fonts/Noto-COLRv1.ttf"),
    Path("/System/Library/Fonts/Apple Color Emoji.ttc"),
    Path("C:/Windows/Fonts/seguiemj.ttf"),
)
"""Paths of the colour emoji fonts of common systems; no wheel contains one."""
_GRINNING: Final = 0x1F600


@dataclass(frozen=True, slots=True)
class _Face:
    family: str
    style: str
    face: hb.Face
    weight: float
    italic: bool
    variable: bool
    coloured: bool

    def distance(self, weight: float, *, italic: bool) -> tuple[bool, float]:
        """Return a sort key: a face of the wrong slant last, then by distance in weight."""
        return self.italic != italic, 0.0 if self.variable else abs(self.weight - weight)


class FontRegistry:
    """All available fonts, by family name. Font files are read on first use."""

    def __init__(self, folder: Path | None = None, *, system_emoji: bool = True):
        self._folder = folder
        self._system_emoji = system_emoji
        self._chains: dict[tuple[str | None, int, bool], tuple[Font, ...]] = {}
        self._lock = threading.Lock()

    @cached_property
    def version(self) -> str:
        """A digest of all font files; it changes when text may be drawn differently."""
        system = (path for path in _EMOJI_FILES if self._system_emoji and path.is_file())
        digest = hashlib.sha256()
        for path in (*self._files(), *installed_files(), *system):
            with suppress(OSError):
                found = path.stat()
                digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
        return digest.hexdigest()

    def names(self) -> tuple[str, ...]:
        """Return the family names in alphabetical order."""
        return tuple(sorted((faces[0].family for faces in self._families.values()), key=str.lower))

    def characters(self) -> tuple[int, ...]:
        """Return where the code points that a font has begin and end, in turn."""
        return self._characters

    @cached_property
    def _characters(self) -> tuple[int, ...]:
        covered = hb.Set()
        for font in (*installed_fonts(), *self._emoji):
            covered.update(font.covered)
        for faces in self._families.values():
            for face in faces:
                covered.update(face.face.unicodes)
        return tuple(_borders(covered))

    def chain(
        self,
        name: str | None,
        *,
        bold: bool,
        italic: bool,
        weight: int | None = None,
        field: str = "params.font",
    ) -> tuple[Font, ...]:
        """Return the fallback chain of fonts for a character, the named font first.

        ``weight``, 100 to 900, counts instead of ``bold``; fonts that are not variable have the
        nearest weight that there is. Raise ``InvalidRequest`` for ``field``, listing the fonts, if
        the name is unknown.
        """
        weight = weight or (BOLD if bold else REGULAR)
        key = (None if name is None else font_key(name), weight, italic)
        with self._lock:
            if key not in self._chains:
                self._chains[key] = self._chain(name, weight, italic=italic, field=field)
            return self._chains[key]

    def with_families(self, families: Mapping[str, Sequence[bytes]]) -> FontRegistry:
        """Return these fonts and families of other ones: faces by name, which win over equal ones.

        Faces that cannot be used are left out, with a warning in the log.
        """
        return _WithFamilies(self, families)

    def _chain(
        self, name: str | None, weight: int, *, italic: bool, field: str
    ) -> tuple[Font, ...]:
        chosen = (self._named_font(name, weight, italic, field),) if name is not None else ()
        return (*chosen, *installed_fonts(weight=weight, italic=italic), *self._emoji)

    def _named_font(self, name: str, weight: int, italic: bool, field: str) -> Font:
        faces = self._families.get(font_key(name))
        if faces is None:
            raise self._unknown_font(name, field)
        face = min(faces, key=lambda face: face.distance(weight, italic=italic))
        thin = weight >= SEMIBOLD > face.weight and not face.variable
        return open_font(
            face.face,
            face.family,
            weight=weight,
            embolden=_EMBOLDEN if thin else 0.0,
            slant=_SLANT if italic and not face.italic else 0.0,
            coloured=face.coloured,
        )

    def _unknown_font(self, name: str, field: str) -> InvalidRequest:
        names = self.names()
        by_key = {font_key(known): known for known in names}
        near = [by_key[key] for key in get_close_matches(font_key(name), by_key, _NEAREST, 0.5)]
        listed = [*near, *(known for known in names if known not in near)]
        return InvalidRequest(
            f"{field}: Unknown font {name[:_MAX_NAME]!r}.",
            hint=f"Available fonts: {', '.join(listed)}.",
            field=field,
        )

    @cached_property
    def _families(self) -> dict[str, list[_Face]]:
        families: dict[str, list[_Face]] = {}
        for path in self._files():
            for face in _faces(path):
                families.setdefault(font_key(face.family), []).append(face)
        return families

    @cached_property
    def _emoji(self) -> tuple[Font, ...]:
        own = [face for faces in self._families.values() for face in faces if _has_emoji(face)]
        system = _EMOJI_FILES if self._system_emoji else ()
        found = own or [face for path in system if path.is_file() for face in _faces(path)]
        return tuple(open_font(face.face, face.family, coloured=True) for face in found[:1])

    def _files(self) -> Iterator[Path]:
        # The operator's fonts come first, so that they win over equal ones from wheels.
        if self._folder is not None and self._folder.is_dir():
            found = sorted(p for p in self._folder.rglob("*") if p.suffix.lower() in _SUFFIXES)
            yield from found[:_MAX_FILES]
        for package in _PACKAGES:
            folder = find_in_package(package, "files")
            if folder is not None:
                yield from sorted(folder.glob("*.ttf"))


class _WithFamilies(FontRegistry):
    """A registry with families of its own over those of another one."""

    def __init__(self, others: FontRegistry, families: Mapping[str, Sequence[bytes]]):
        super().__init__(others._folder, system_emoji=others._system_emoji)  # noqa: SLF001 - same class
        self._others = others
        self._own = families

    @cached_property
    def version(self) -> str:
        """A digest of all font files."""
        digest = hashlib.sha256(self._others.version.encode())
        for name, faces in self._own.items():
            digest.update(f"\0{name}".encode())
            for face in faces:
                digest.update(hashlib.sha256(face).digest())
        return digest.hexdigest()

    @cached_property
    def _families(self) -> dict[str, list[_Face]]:
        own: dict[str, list[_Face]] = {}
        for name, faces in self._own.items():
            found = [face for data in faces for face in _faces_in(hb.Blob(data), name, family=name)]
            if found:
                own.setdefault(font_key(name), []).extend(found)
        return {**self._others._families, **own}  # noqa: SLF001 - same class

    @cached_property
    def _emoji(self) -> tuple[Font, ...]:
        return self._others._emoji  # noqa: SLF001 - same class


def _borders(covered: Iterable[int]) -> Iterator[int]:
    """Yield the first number of each run of numbers, and the one after its last."""
    end = -1
    for number in sorted(covered):
        if number != end:
            if end >= 0:
                yield end
            yield number
        end = number + 1
    if end >= 0:
        yield end


def _has_emoji(face: _Face) -> bool:
    return face.coloured and _GRINNING in face.face.unicodes


def _faces(path: Path) -> list[_Face]:
    """Return the faces of a font file; log a warning and return none if it is unusable."""
    try:
        return _faces_in(_mapped_file(path), path.name)
    except (OSError, ValueError, MemoryError, hb.HarfBuzzError) as error:
        log.warning("Font %s is ignored: %s", path.name, error)
        return []


def _faces_in(blob: hb.Blob, name: str, *, family: str | None = None) -> list[_Face]:
    """Return the faces of a font; log a warning and return none if it is unusable.

    ``family`` is the name that they get instead of their own.
    """
    try:
        count = min(_MAX_FILES, hb.Face(blob).count or 1)
        return [_face(hb.Face(blob, index), family) for index in range(count)]
    except (ValueError, MemoryError, hb.HarfBuzzError) as error:
        log.warning("Font %s is ignored: %s", name, error)
        return []


def _mapped_file(path: Path) -> hb.Blob:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("the file is too large")
    return hb.Blob.from_file_path(str(path))


def _face(face: hb.Face, family: str | None) -> _Face:
    if not face.glyph_count or not len(face.unicodes) or not 16 <= face.upem <= 16384:
        raise ValueError("the file is not a font, or is damaged")
    family = family or face.get_name(_TYPOGRAPHIC_FAMILY) or face.get_name(_FAMILY) or ""
    style = face.get_name(_TYPOGRAPHIC_STYLE) or face.get_name(_STYLE) or ""
    if not font_key(family) or len(family) > _MAX_NAME or not family.isprintable():
        raise ValueError("the font has no usable name")
    font = hb.Font(face)
    return _Face(
        family=family,
        style=style,
        face=face,
        weight=font.get_style_value(hb.StyleTag.WEIGHT),
        italic="italic" in style.lower() or "oblique" in style.lower(),
        variable=any(axis.tag == "wght" for axis in face.axis_infos),
        coloured=face.has_color_paint or face.has_color_layers or face.has_color_png,
    )
