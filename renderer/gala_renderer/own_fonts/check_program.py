"""Checks a font file of a user, and writes its faces as plain OpenType without what is not needed.

Run as a separate program in the sandbox: ``python -m gala_renderer.own_fonts.check_program
<job.json>``. The argument is a :class:`FontCheck`; a line of JSON is printed, a
:class:`FontAnswer`. All glyphs are drawn and all characters shaped by HarfBuzz, as the renderer
does it later in its own process: a font that breaks it breaks this program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import uharfbuzz as hb
from fontTools.ttLib import TTCollection, TTFont, TTLibError

from gala_renderer.own_fonts.check import FontAnswer, FontCheck
from gala_renderer.program_jobs import read_job
from gala_renderer.text_layout.fonts import LARGEST_GLYPH

_KEPT: Final = frozenset(
    {
        *("head", "hhea", "hmtx", "maxp", "cmap", "name", "OS/2", "post", "vhea", "vmtx"),
        *("glyf", "loca", "CFF ", "CFF2", "VORG"),
        *("GDEF", "GSUB", "GPOS", "BASE", "kern"),
        *("fvar", "avar", "gvar", "HVAR", "VVAR", "MVAR", "STAT"),
    }
)
"""Tables that letters of one colour are drawn with; programs for hinting and pictures go."""
_MAX_FACES: Final = 20
_UNITS: Final = (64, 16384)
"""Units per em."""
_SHAPED: Final = 200
"""Characters that are shaped at once."""


def answer(job: FontCheck) -> FontAnswer:
    """Return the faces that were written, or what is wrong with the file."""
    try:
        return FontAnswer(faces=tuple(_written(job)))
    except TTLibError as error:
        return FontAnswer(refused=f"the file is damaged or no font ({error})")
    except ValueError as error:
        return FontAnswer(refused=str(error))


def _written(job: FontCheck) -> Iterator[str]:
    for number, font in enumerate(_fonts(job.source)):
        if number == _MAX_FACES:
            raise ValueError(f"the collection has more than {_MAX_FACES} fonts")
        path = job.folder / f"{number:02}.otf"
        for tag in {*font.keys()} - {*_KEPT, "GlyphOrder"}:
            del font[tag]
        font.flavor = None
        font.save(path, reorderTables=None)
        _check(path.read_bytes())
        yield path.name


def _fonts(path: Path) -> Iterator[TTFont]:
    with path.open("rb") as file:
        signature = file.read(4)
    if signature == b"wOF2":
        raise ValueError("fonts in WOFF2 are not read; send the TrueType or OpenType file")
    options = {"lazy": True, "recalcBBoxes": False, "recalcTimestamp": False}
    if signature == b"ttcf":
        yield from TTCollection(path, **options)
    else:
        yield TTFont(path, **options)


def _check(data: bytes) -> None:
    """Draw and shape all that the font has. Raise ValueError saying what is wrong."""
    face = hb.Face(hb.Blob(data))
    low, high = _UNITS
    if not face.glyph_count or not len(face.unicodes) or not low <= face.upem <= high:
        raise ValueError("the file is damaged, or has no letters")
    font = hb.Font(face)
    if not _draws(font, face):
        raise ValueError("nothing is drawn by any of its letters")
    characters = [chr(code) for code in face.unicodes if not 0xD800 <= code < 0xE000]
    for start in range(0, len(characters), _SHAPED):
        _shape(font, "".join(characters[start : start + _SHAPED]))


def _draws(font: hb.Font, face: hb.Face) -> bool:
    """Return True if a glyph has an outline. Raise ValueError for one that is far too large."""
    limit, drawn = LARGEST_GLYPH * face.upem, False
    for number in range(face.glyph_count):
        found = font.get_glyph_extents(number)
        if found is None:
            continue
        reach = (found.x_bearing, found.y_bearing, found.width, found.height)
        if max(map(abs, reach)) > limit or abs(font.get_glyph_h_advance(number)) > limit:
            raise ValueError(f"glyph {number} is larger than {LARGEST_GLYPH:g} em")
        drawn = drawn or bool(found.width and found.height)
    return drawn


def _shape(font: hb.Font, text: str) -> None:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)


def main(arguments: Sequence[str]) -> None:
    """Check the file of a job."""
    job = read_job(FontCheck, Path(arguments[0]).read_bytes())
    print(answer(job).model_dump_json(), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(sys.argv[1:])
