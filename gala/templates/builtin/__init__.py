"""The built-in templates: one JSON file each beside this module, and a picture in ``previews``.

``gala templates preview NAME --size 540x960`` makes the pictures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from gala.media import SIZES, USUAL_FPS, AspectRatio, Format
from gala.templates.filling import Composition


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinTemplate:
    """A template that comes with GALA."""

    name: str
    description: str
    format: Format
    composition: Composition
    example: Mapping[str, Any]
    """Params that show what it does."""

    @property
    def preview(self) -> bytes:
        """A JPEG that shows what it looks like."""
        return files(__name__).joinpath("previews", f"{self.name}.jpg").read_bytes()


@cache
def builtin_templates() -> Mapping[str, BuiltinTemplate]:
    """Return the built-in templates by name, in the order of their names."""
    folder = files(__name__)
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    found = (_read(name.removesuffix(".json"), folder.joinpath(name).read_text("utf-8"))
             for name in names)  # fmt: skip
    return MappingProxyType({one.name: one for one in found})


def _read(name: str, text: str) -> BuiltinTemplate:
    data = json.loads(text)
    width, height = SIZES[AspectRatio(data.get("aspect_ratio", AspectRatio.PORTRAIT))]
    return BuiltinTemplate(
        name=name,
        description=data["description"],
        format=Format(width=width, height=height, fps=USUAL_FPS),
        composition=Composition(
            document=data["composition"],
            params_schema=data["params_schema"],
            defaults=data.get("defaults", {}),
        ),
        example=data["example"],
    )
