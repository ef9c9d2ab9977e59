"""How elements become pictures: a module for each kind, and their registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gala.timeline.compilation.layers import Layer
from gala_renderer.timeline.elements import captions, files, shapes, texts
from gala_renderer.timeline.studio import Shown, Studio

Maker = Callable[[Layer, Studio], Shown | None]
"""Returns a layer, ready to be seen; None if nothing of it is on the frame."""

MAKERS: Final[Mapping[str, Maker]] = {
    "video": files.make,
    "image": files.make,
    "text": texts.make,
    "shape": shapes.make,
    "caption": captions.make,
}
"""By the type of the element."""
