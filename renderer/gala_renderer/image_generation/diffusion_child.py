"""The inside of the warm process that a diffusion model draws in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gala.generation import diffusion
from gala.generation.image_requests import Picture
from gala_renderer.model_workers.child import Talk


def serve(
    options: Mapping[str, Any],
) -> Callable[[Mapping[str, Any], Talk], Mapping[str, Any]]:
    """Load the model of ``options``: ``folder`` and ``device``."""
    device = options["device"]
    diffusion.load(options["folder"], device)

    def draw(request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        diffusion.draw(
            Picture(**request["picture"]),
            Path(request["target"]),
            progress=lambda fraction: talk.tell({"fraction": fraction}),
            checkpoint=talk.check,
            device=device,
        )
        return {}

    return draw
