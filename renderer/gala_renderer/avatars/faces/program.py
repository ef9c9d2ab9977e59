"""Find the faces of a picture and the mask of the person, and write them to a file.

Run as a separate program in the sandbox, because pictures are untrusted bytes:
``python program.py <weights> <picture> <target.npz>``. The picture is one that
:mod:`gala_renderer.pictures.conversion` wrote: upright, in sRGB. The file has ``points`` (float32
[faces, 478, 3]), ``scores`` (float32 [faces]), the largest face first, and ``mask`` (uint8 [height,
width], 0 to 255). One line of JSON about the faces is printed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gala_renderer.avatars.faces import Face, FaceFinder, points
from gala_renderer.avatars.faces.square import Picture


def find(finder: FaceFinder, source: Path, target: Path) -> list[dict[str, Any]]:
    """Write what was found to ``target``; return a summary of each face."""
    picture, alpha = _read(source)
    faces = finder.find(picture)
    mask = np.round(finder.person_mask(picture) * alpha).astype(np.uint8)
    found = np.array([face.points for face in faces], np.float32)
    scores = np.array([face.score for face in faces], np.float32)
    with target.open("wb") as file:
        np.savez(file, points=found.reshape(-1, points.COUNT, 3), scores=scores, mask=mask)
    return [_summary(face) for face in faces]


def _read(source: Path) -> tuple[Picture, Picture]:
    """Return the colours, on grey where the picture is transparent, and its alpha, 0 to 255."""
    with Image.open(source) as image:
        shown = image.convert("RGBA")
    ground = Image.new("RGBA", shown.size, (128, 128, 128, 255))
    colours = Image.alpha_composite(ground, shown).convert("RGB")
    return np.asarray(colours), np.asarray(shown.getchannel("A"))


def _summary(face: Face) -> dict[str, Any]:
    measures = {"score": face.score, "mouth_open": face.mouth_open, **asdict(face.angles)}
    rounded = {name: round(value, 3) for name, value in measures.items()}
    return {"box": {name: round(value, 1) for name, value in asdict(face.box).items()}, **rounded}


def main(weights: str, source: str, target: str) -> None:
    """Find the faces of one picture; its size was checked by the inspection."""
    Image.MAX_IMAGE_PIXELS = None
    faces = find(FaceFinder(Path(weights)), Path(source), Path(target))
    print(json.dumps({"faces": faces}))  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
