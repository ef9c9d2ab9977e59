"""Lottie animations. They come from users, so that programs in the sandbox draw them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

from gala.errors import EngineMissing, RenderFailed, UnprocessableMedia
from gala.installation import install_hint
from gala.timeline.compilation.layers import Layer
from gala.timeline.document.lotties import LottieElement
from gala.timeline.lottie_files import LottieFile
from gala_renderer.avatars.sandboxed_program import last_line
from gala_renderer.engine.context import RenderContext
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.elements.moved import Rest, material_size
from gala_renderer.timeline.studio import CleanLottie, Studio

_PROGRAM: Final = "gala_renderer.timeline.drawing.lottie"


async def try_lotties(
    context: RenderContext, studio: Studio, files: Mapping[str, LottieFile]
) -> None:
    """Try all animations of a film in the sandbox; ``files`` are those by key.

    Raise UnprocessableMedia naming the element of one that cannot be drawn, or EngineMissing
    without ThorVG.
    """
    layers = [one for one in studio.compiled.layers if isinstance(one.element, LottieElement)]
    if not layers:
        return
    if find_spec("thorvg_python") is None or find_spec("cv2") is None:
        raise EngineMissing("Lottie animations need ThorVG.", hint=install_hint("lottie"))
    for layer in layers:
        found = files[cast(LottieElement, layer.element).key]
        cleaned = studio.path(layer, "-lottie.json")
        cleaned.write_text(found.text, encoding="utf-8")
        studio.lotties[layer.number] = CleanLottie(found, cleaned)
        path = studio.path(layer, "-try.json")
        path.write_text(json.dumps([_job(layer, studio)], default=str))
        wrong = await _tried(context, path)
        if wrong is not None:
            raise UnprocessableMedia(
                f"{layer.pointer}: this animation cannot be drawn: {wrong}.",
                hint="Export it again, as Lottie JSON without expressions.",
                field=layer.pointer,
            )


async def _tried(context: RenderContext, path: Path) -> str | None:
    try:
        answers = await last_line(context, _PROGRAM, path, failure="it stops the program")
    except RenderFailed as error:
        return error.message
    found: str | None = json.loads(answers)[0]
    return found


def _job(layer: Layer, studio: Studio) -> dict[str, Any]:
    element, lottie = cast(LottieElement, layer.element), studio.lotties[layer.number]
    found = lottie.file
    return {
        "path": lottie.path,
        "width": found.width,
        "height": found.height,
        "frames": found.frames,
        "fit": element.fit.value,
        "step": found.rate * element.speed / float(studio.rate),
        "loop": element.loop,
        "count": layer.end_frame - layer.first_frame,
    }


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return an animation, ready to be drawn."""
    if layer.placement is None:
        return None
    size, _ = material_size(layer.placement.box, zoom)
    path = studio.path(layer, "-play.json")
    path.write_text(json.dumps(_job(layer, studio), default=str))
    material = Material(kind="lottie", path=path, width=size[0], height=size[1], alpha=True)
    return Rest(material, layer.placement.box)
