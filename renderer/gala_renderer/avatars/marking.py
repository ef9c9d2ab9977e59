"""Marks the outputs of presenters as synthetic, unless the operator has switched it off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from gala.media import SpokenBy
from gala_renderer.avatars.bodies import (
    BodySpec,
    CharacterSpec,
    ClipSpec,
    PortraitSpec,
    SpritesSpec,
)
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.provenance import xmp_embedding
from gala_renderer.provenance.synthetic_mark import Appearance, SyntheticMark, synthetic_mark

_WEIGHT: Final = 0.05
_EMBEDDING: Final[Mapping[str, Callable[[Path, bytes], None]]] = {
    ".mp4": xmp_embedding.append_box,
    ".mov": xmp_embedding.append_box,
    ".jpg": xmp_embedding.insert_segment,
}
"""How each kind of file gets its packet; WebM has tags instead."""


def mark_for(
    context: RenderContext,
    bodies: Sequence[BodySpec],
    *,
    speakers: Sequence[SpokenBy] | None = None,
    other_files: bool = False,
) -> SyntheticMark | None:
    """Return the mark of a file that shows these bodies, or None if the operator wants none."""
    if not context.services.settings.renderer_synthetic_mark:
        return None
    appearances = [_appearance(body) for body in bodies]
    return synthetic_mark(appearances, speakers=speakers, other_files=other_files)


def marking_step(context: RenderContext, mark: SyntheticMark, names: Sequence[str]) -> PythonStep:
    """Return the step that writes the mark into these outputs."""

    def embed() -> None:
        for name in names:
            embedding = _EMBEDDING.get(Path(name).suffix)
            if embedding is not None:
                embedding(context.part(name), mark.xmp)

    async def work(report: Report) -> None:
        await asyncio.to_thread(embed)
        report(1.0)

    return PythonStep("marking as synthetic", work, _WEIGHT)


def marking_version(services: EngineResources) -> str:
    """Return what the mark adds to the key of a cached result."""
    return "" if services.settings.renderer_synthetic_mark else "unmarked"


def _appearance(body: BodySpec) -> Appearance:
    match body:
        case PortraitSpec():
            return Appearance.PORTRAIT
        case SpritesSpec():
            return Appearance.SPRITES
        case CharacterSpec():
            return Appearance.CHARACTER
        case ClipSpec():
            return Appearance.GENERATED
