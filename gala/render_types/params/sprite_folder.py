"""A folder with the sprites of a presenter, named as :class:`SpriteName`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.name_suggestions import suggestion
from gala.render_types.params.sprites import SpriteName, SpritesParams
from gala.validation import first_problem

LAYOUT_FILE: Final = "sprites.json"
_SUFFIXES: Final = frozenset({".png", ".webp"})
_MAX_LAYOUT_BYTES: Final = 64 * 1024


def read_sprite_folder(folder: Path, label: str) -> tuple[SpritesParams, list[Path]]:
    """Return the sprites of a folder, and their pictures in the order of their numbers.

    The pictures are PNG or WebP files: ``base.png``, ``mouth_x.png``, … ``sprites.json`` may
    contain ``anchors``, ``face`` and ``neck``. Raise ``InvalidRequest``; its field is ``label``.
    """
    found = dict(_pictures(folder, label))
    numbers = {name: number for number, name in enumerate(found, start=1)}
    try:
        sprites = SpritesParams.parse({**_layout(folder / LAYOUT_FILE, label), "pictures": numbers})
    except ValidationError as error:
        path, reason = first_problem(error)
        raise InvalidRequest(
            f"{label}: {folder}: {'.'.join(path)}: {reason}", field=label
        ) from error
    return sprites, list(found.values())


def _pictures(folder: Path, label: str) -> Iterator[tuple[str, Path]]:
    names = [name.value for name in SpriteName]
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _SUFFIXES:
            continue
        name = path.stem.lower()
        if name not in names:
            raise InvalidRequest(
                f"{label}: {path}: no sprite has this name. {suggestion(name, names)}", field=label
            )
        yield name, path


def _layout(path: Path, label: str) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MAX_LAYOUT_BYTES))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{label}: {path}: not valid JSON", field=label) from error
    if not isinstance(found, dict):
        raise InvalidRequest(f"{label}: {path}: an object is required", field=label)
    return found
