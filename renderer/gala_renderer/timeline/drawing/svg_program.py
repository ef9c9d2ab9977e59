"""Draws SVGs as raw RGBA, in the sandbox.

Run as a separate program: ``python -m gala_renderer.timeline.drawing.svg_program <job.json>``.
The job is ``{"fonts": […], "drawings": [{"source", "width", "height", "fit", "target"}, …]}``. It
prints a list of what is wrong with each, or null.
"""

from __future__ import annotations

import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import resvg_py
from PIL import Image

_SVG: Final = "http://www.w3.org/2000/svg"
_HREFS: Final = ("href", "{http://www.w3.org/1999/xlink}href")
_LENGTH: Final = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px|pt|mm|cm|in|)\s*")
_PIXELS: Final = {"px": 1.0, "": 1.0, "pt": 4 / 3, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_RATIOS: Final = {"cover": "xMidYMid slice", "fill": "none"}
"""How a drawing is fitted; in other ways it is shown whole."""


def document(text: str, size: tuple[int, int], fit: str) -> str:
    """Return an SVG that is drawn at a size in pixels, without references to files.

    Raise ``ValueError`` if it is not SVG.
    """
    try:
        root = ET.fromstring(text)  # noqa: S314 - in the sandbox, with limits
    except ET.ParseError as error:
        raise ValueError(f"it is not XML: {error}") from error
    if root.tag != f"{{{_SVG}}}svg":
        if root.tag != "svg":
            raise ValueError("it does not begin with <svg>")
        root.set("xmlns", _SVG)
    for element in root.iter():
        for name in _HREFS:
            target = element.get(name)
            if target is not None and not target.startswith(("#", "data:")):
                del element.attrib[name]
    if root.get("viewBox") is None:
        width, height = (_pixels(root.get(side)) for side in ("width", "height"))
        root.set("viewBox", f"0 0 {width or size[0]:g} {height or size[1]:g}")
    root.set("width", str(size[0]))
    root.set("height", str(size[1]))
    root.set("preserveAspectRatio", _RATIOS.get(fit, "xMidYMid meet"))
    return ET.tostring(root, encoding="unicode")


def _pixels(length: str | None) -> float | None:
    found = _LENGTH.fullmatch(length or "")
    return None if found is None else float(found[1]) * _PIXELS[found[2]]


def draw(text: str, size: tuple[int, int], fit: str, fonts: Sequence[str]) -> Image.Image:
    """Return a drawing as RGBA. Raise ``ValueError`` if it cannot be drawn."""
    png = resvg_py.svg_to_bytes(
        svg_string=document(text, size, fit),
        skip_system_fonts=True,
        font_files=list(fonts),
        font_family="Noto Sans",
        sans_serif_family="Noto Sans",
    )
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    return picture if picture.size == size else picture.resize(size)


def main(arguments: Sequence[str]) -> None:
    """Draw all SVGs of a job file, and print what is wrong with each, or null."""
    ET.register_namespace("", _SVG)
    job = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    answers: list[str | None] = []
    for one in job["drawings"]:
        try:
            text = Path(one["source"]).read_text(encoding="utf-8")
            picture = draw(text, (one["width"], one["height"]), one["fit"], job["fonts"])
        except ValueError as error:
            answers.append(str(error)[:300])
            continue
        Path(one["target"]).write_bytes(picture.tobytes())
        answers.append(None)
    sys.stdout.write(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
